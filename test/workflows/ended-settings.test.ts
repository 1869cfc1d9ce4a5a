import { reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReconcileResult } from '../../src/workflows/reconcile';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed } from '../support/recoveries';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, settings } from '../support/shop-release';
import { ownersDecide } from '../support/owners-decide';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs();
afterAll(rigs.close);

const quick = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
const chat = { notify: [{ to: 'chat' }] };

const guardId = async (rig: Rig, { state }: Started): Promise<string> =>
  reconcileWorkflowId(rig.environment, 'shop', (await state()).sealed?.seal.firstRunId ?? '');

async function promoted(rig: Rig): Promise<Started> {
  const started = await rig.start({ ...settings, ...quick, ...chat });
  expect((await started.handle.result()).ending).toBe('Promoted');
  return started;
}

async function aborted(rig: Rig): Promise<Started> {
  const started = await rig.start({ ...settings, ...endless, ...chat });
  await started.reach(isExposed, 'exposed');
  await started.handle.signal(signals.abort, said('dee'));
  expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
  return started;
}

/** Ends the guard; how it ended, and what people were told meanwhile. */
async function stop(rig: Rig, started: Started) {
  const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(await guardId(rig, started));
  await guard.cancel();
  return guard.result();
}

const told = (rig: Rig): Promise<readonly string[]> => toldOf(rig, / changed after /);

const evidenceOf = async (rig: Rig, started: Started) =>
  rig.world.store.evidence(`${(await started.state()).sealed?.seal.firstRunId}/reconcile`);

const flag = (rig: Rig, name = 'two-names') => rig.world.flags.read(name);
const limits = (rig: Rig, slot: 'blue' | 'green' = 'green'): unknown =>
  JSON.parse(rig.world.configuration.text(slot) ?? 'null');

test.concurrent(
  'what a promoted release set is set again, with the other keys of its configuration as they are',
  rigs.on(async (rig) => {
    const started = await promoted(rig);
    await rig.world.flags.write('two-names', false);
    rig.world.configuration.setText('green', '{"limit":99,"color":"red"}');
    await until('the flag is set again', async () => (await flag(rig)) === true);
    await until('the key is set again', () => JSON.stringify(limits(rig)) === '{"limit":2,"color":"red"}');
    await until('people are told', async () => (await told(rig)).length === 2);
    expect((await told(rig)).join()).toMatch(
      /flag\/switches\/two-names of shop changed after 2\.0\.0 was promoted: found false, it was set back to what the release set.*temporal workflow cancel/,
    );
    expect(await stop(rig, started)).toEqual({ ended: 'cancelled', differences: 2 });
    expect(await evidenceOf(rig, started)).toMatchObject([
      { seq: 1, type: 'drift' },
      { seq: 2, type: 'drift' },
    ]);
  }),
);

test.concurrent(
  'after a rollback a flag is put back as the snapshot has it',
  rigs.on(async (rig) => {
    await rig.world.flags.write('two-names', 'as before');
    const started = await aborted(rig);
    await rig.world.flags.write('two-names', true);
    await until('it is put back', async () => (await flag(rig)) === 'as before');
    await until('people are told', async () => (await told(rig)).length === 1);
    expect((await told(rig))[0]).toMatch(/was rolled back: found true, it was set back to what was there before/);
    await stop(rig, started);
  }),
);

test.concurrent(
  'after a rollback what the release itself writes late is taken back, and what others write is told and left',
  rigs.on(async (rig) => {
    const started = await aborted(rig);
    const { roles } = (await started.state()).snapshot ?? {};
    const release = (await started.state()).sealed?.seal.firstRunId ?? '';
    if (roles === undefined) throw new Error('no roles');
    await rig.world.configuration.apply(roles, { limit: 2 }, release);
    await until('it is taken back', () => rig.world.configuration.text('green') === undefined);
    rig.world.configuration.setText('green', '{"limit":99}');
    await until('people are told', async () => (await told(rig)).length === 2);
    expect((await told(rig))[1]).toMatch(/found other bytes in green, it could not be set back.*not kept any more/);
    expect(limits(rig)).toEqual({ limit: 99 });
    expect((await stop(rig, started)).differences).toBe(2);
  }),
);

test.concurrent(
  'where policy leaves it to its owners it is told once and left, and kept as evidence when it is back',
  rigs.on(async (rig) => {
    const started = await promoted(rig);
    await rig.world.flags.write('two-names', false);
    await until('people are told', async () => (await told(rig)).length === 1);
    expect((await told(rig))[0]).toMatch(/found false, it is left to its owners/);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at again', () => rig.control.order(/^flags\.read$/).length > looks + 6);
    expect(await flag(rig)).toBe(false);
    await rig.world.flags.write('two-names', true);
    await until('that is kept', async () => (await evidenceOf(rig, started)).length === 2);
    expect((await stop(rig, started)).differences).toBe(1);
    expect(await told(rig)).toHaveLength(1);
  }, ownersDecide),
);

test.concurrent(
  'a kill switch that a person throws after a promotion stays as it is, and is told',
  rigs.on(async (rig) => {
    const started = await promoted(rig);
    await rig.world.flags.write('stop-checkout', true);
    await until('people are told', async () => (await told(rig)).length === 1);
    expect(await flag(rig, 'stop-checkout')).toBe(true);
    await stop(rig, started);
  }),
);

test.concurrent(
  'a later release of the service ends the guard, which then neither tells nor changes what that one sets',
  rigs.on(async (rig) => {
    const first = await promoted(rig);
    const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(await guardId(rig, first));
    const flags = [{ flag: 'two-names', value: 'other' }];
    const second = await rig.start({ flags, ...quick });
    expect(await guard.result()).toEqual({ ended: 'superseded', differences: 0 });
    expect((await second.handle.result()).ending).toBe('Promoted');
    expect(await flag(rig)).toBe('other');
    await stop(rig, second);
  }),
);

test.concurrent(
  'a repair that was under way when a later release began comes too late',
  rigs.on(async (rig) => {
    const first = await promoted(rig);
    const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(await guardId(rig, first));
    const asked = rig.control.hold('temporal.describeRun', (_id: string, runId?: string) => runId !== undefined);
    await rig.world.flags.write('two-names', false);
    await asked.reached;
    const second = await rig.start({ checks: [], ...quick });
    await second.reach(({ snapshot }) => snapshot !== undefined, 'the second one prepares');
    asked.release();
    expect(await guard.result()).toEqual({ ended: 'superseded', differences: 0 });
    expect(await flag(rig)).toBe(false);
    expect((await second.handle.result()).ending).toBe('Promoted');
    await stop(rig, second);
  }),
);

test.concurrent(
  'a release that set flags and never touched the traffic leaves a guard behind for them',
  rigs.on(async (rig) => {
    rig.world.deployer.setReady('green', false);
    const started = await rig.start({ ...settings, ...chat });
    await started.reach(() => rig.control.order(/deployer.deploy/).length > 0, 'deployed');
    rig.world.deployer.crash('green', 'port in use');
    expect((await failureOf(started.handle.result())).type).toBe('RolledBack');
    await rig.world.flags.write('two-names', true);
    await until('it is put back', async () => (await flag(rig)) === undefined);
    expect((await stop(rig, started)).ended).toBe('cancelled');
  }),
);
