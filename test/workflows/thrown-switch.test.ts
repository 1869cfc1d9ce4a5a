import { reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReconcileResult } from '../../src/workflows/reconcile';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { deletesQuickly, forget, isExposed, recover, terminate } from '../support/recoveries';
import { signals, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, settings } from '../support/shop-release';
import { toldOf } from '../support/told';
import { until } from '../support/until';

const rigs = createRigs(deletesQuickly);
afterAll(rigs.close);

const key = 'flag/switches/stop-checkout';
const left = { effect: key, object: 'flag switches/stop-checkout', expected: 'absent', observed: 'true' };

const thrown = (rig: Rig): Promise<unknown> => rig.world.flags.read('stop-checkout');

async function exposed(rig: Rig): Promise<Started> {
  const started = await rig.start({ ...endless, ...settings, notify: [{ to: 'chat' }] });
  await started.reach(isExposed, 'exposed');
  return started;
}

async function abort({ handle }: Started) {
  await handle.signal(signals.abort, said('dee'));
  return failureOf(handle.result());
}

const ofThrowing = /Somebody else threw the kill switch of flag\/switches\/stop-checkout/;

test.concurrent(
  'a kill switch that a person threw is left by the rollback, told once, and named by undo, proof and ending',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('stop-checkout', true);
    const { type, report } = await abort(started);
    expect(await thrown(rig)).toBe(true);
    expect(await rig.world.flags.read('two-names')).toBeUndefined();
    expect([type, report.proof?.isRestored, report.proof?.left, report.proof?.drift]).toMatchObject([
      'Aborted',
      true,
      [left],
      [],
    ]);
    expect(report.undone.find(({ effect }) => effect === key)).toMatchObject({
      status: 'left',
      detail: 'left as somebody else threw it: true, before the release no such flag',
    });
    expect(report.sentence).toMatch(
      /proved restored, but for flag switches\/stop-checkout, left as somebody else threw it: true, before absent/,
    );
    await until('people are told', async () => (await toldOf(rig, ofThrowing)).length === 1);
    expect((await toldOf(rig, ofThrowing))[0]).toMatch(
      /found true, which neither the release set nor was there before it \(no such flag\).*Whoever threw it decides/,
    );
  }),
);

test.concurrent(
  'a kill switch that was thrown and set back to what the release had set goes back to the snapshot',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('stop-checkout', true);
    await started.reach(({ drifts }) => drifts?.[key] !== undefined, 'it is noticed');
    await rig.world.flags.write('stop-checkout', false);
    const { report } = await abort(started);
    expect([report.proof?.isRestored, report.proof?.left]).toEqual([true, undefined]);
    expect(await thrown(rig)).toBeUndefined();
  }),
);

test.concurrent(
  'a kill switch that is thrown behind its undo is left and told, too',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    const held = rig.control.hold('deployer.undeploy');
    const ended = abort(started);
    await held.reached;
    await started.reach(({ compensations }) => compensations[key]?.status === 'verified', 'it is undone');
    await rig.world.flags.write('stop-checkout', 'by hand');
    held.release();
    const { report } = await ended;
    expect([report.proof?.isRestored, report.proof?.left?.[0]?.observed]).toEqual([true, '"by hand"']);
    expect(report.undone.find(({ effect }) => effect === key)?.status).toBe('left');
    expect(await thrown(rig)).toBe('by hand');
    await until('people are told', async () => (await toldOf(rig, ofThrowing)).length === 1);
  }),
);

test.concurrent(
  'past the ending a kill switch that was left is no news until it changes again',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('stop-checkout', true);
    await abort(started);
    const id = reconcileWorkflowId(rig.environment, 'shop', (await started.state()).sealed?.seal.firstRunId ?? '');
    const guard = rig.client.workflow.getHandle<() => Promise<ReconcileResult>>(id);
    const looks = rig.control.order(/^flags\.read$/).length;
    await until('it is looked at', () => rig.control.order(/^flags\.read$/).length > looks + 6);
    expect(await toldOf(rig, / changed after /)).toEqual([]);
    await rig.world.flags.write('stop-checkout', 'thrown further');
    await until('people are told', async () => (await toldOf(rig, / changed after /)).length === 1);
    expect(await thrown(rig)).toBe('thrown further');
    await guard.cancel();
    expect(await guard.result()).toEqual({ ended: 'cancelled', differences: 1 });
  }),
);

test.concurrent(
  'a recovery from the store leaves a kill switch that a person threw meanwhile',
  rigs.on(async (rig) => {
    const started = await exposed(rig);
    await rig.world.flags.write('stop-checkout', true);
    const { seal } = (await started.state()).sealed ?? {};
    await terminate(rig, started);
    await forget(rig.client, started.handle.workflowId, seal?.firstRunId ?? '');
    const { report } = await failureOf((await recover(rig, started, seal?.firstRunId)).result());
    expect([report.failure?.code, report.proof?.isRestored, report.proof?.left]).toMatchObject([
      'Recovered',
      true,
      [left],
    ]);
    expect(await thrown(rig)).toBe(true);
    expect(await rig.world.flags.read('two-names')).toBeUndefined();
  }),
);
