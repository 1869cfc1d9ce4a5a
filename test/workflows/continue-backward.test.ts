import { verifyChain } from '../../src/core/evidence/chain';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { tell } from '../support/tell';
import { endless, everything, files } from '../support/shop-release';
import { until } from '../support/until';

// A new run is suggested after so few events that every release here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

const all = { ...everything, ...endless, notify: [{ to: 'chat' }] };

async function aborted(rig: Rig, fails: () => void): Promise<Started> {
  const started = await rig.start(all, files);
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  fails();
  await started.handle.signal(signals.abort, said('dee'));
  return started;
}

async function expectWholeEvidence(rig: Rig, ending: string) {
  const [row] = await rig.world.store.releases(rig.environment, 1);
  const records = await rig.world.store.evidence(row?.release ?? '');
  expect(row?.phase).toBe(ending);
  expect(verifyChain(records).ok).toBe(true);
  expect(records.filter(({ type }) => type === 'ended')).toHaveLength(1);
  return records;
}

test.concurrent(
  'what is stuck goes on being stuck in new runs, and a decision in the last of them mends it',
  rigs.on(async (rig) => {
    const drain = new PortError('Rejected', 'drain: disk is full');
    const started = await aborted(rig, () => rig.control.fail('deployer.drain', drain));
    const { handle } = started;
    const before = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await continueOnce(rig.client, started.handle.workflowId);
    await continueOnce(rig.client, started.handle.workflowId);
    const after = await started.state();
    expect(after.compensations['deploy/shop']?.stuckCount).toBeGreaterThanOrEqual(1);
    expect(after.compensations['expose/shop']).toEqual(before.compensations['expose/shop']);
    expect(after.failure).toEqual(before.failure);
    rig.control.fail('deployer.drain', undefined);
    const person = said('ada');
    const last = rig.client.workflow.getHandle(handle.workflowId);
    await tell(last, updates.retry, person);
    const { type, report } = await failureOf(handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'dee', true]);
    expect(rig.control.order(/traffic\.writeSplit/).length).toBeGreaterThan(0);
    await expectWholeEvidence(rig, 'Aborted');
  }),
);

test.concurrent(
  'a stuck undo is tried again by itself after new runs',
  rigs.on(async (rig) => {
    const started = await aborted(rig, () => rig.control.fail('deployer.drain', new PortError('Rejected', 'full')));
    await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await continueOnce(rig.client, started.handle.workflowId);
    rig.control.fail('deployer.drain', undefined);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }),
);

test.concurrent(
  'a proof that does not hold is still stuck in a new run, and a waiver there counts once',
  rigs.on(async (rig) => {
    const started = await aborted(rig, () => rig.world.database.setObject('table intruder', 'somebody else'));
    await started.reach(({ compensations }) => compensations['proof']?.status === 'stuck', 'proof stuck');
    await continueOnce(rig.client, started.handle.workflowId);
    const last = rig.client.workflow.getHandle(started.handle.workflowId);
    // Retried by itself meanwhile, it may be under way for a moment: then nothing is stuck.
    await until('the waiver is taken', () =>
      tell(last, updates.waive, said('ada', { effect: 'proof' })).then(
        () => true,
        () => false,
      ),
    );
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', false]);
    const records = await expectWholeEvidence(rig, 'Aborted');
    expect(records.filter(({ detail }) => detail['type'] === 'compensation-waived')).toHaveLength(1);
  }),
);

test.concurrent(
  'an ended release goes on waiting for the store in new runs, and leaves it whole evidence',
  rigs.on(async (rig) => {
    const started = await rig.start(all, files);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    rig.world.store.setDown(true);
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ endedAtMs }) => endedAtMs !== undefined, 'ended');
    await continueOnce(rig.client, started.handle.workflowId);
    await continueOnce(rig.client, started.handle.workflowId);
    expect((await started.state()).phase).toBe('Aborted');
    rig.world.store.setDown(false);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    await expectWholeEvidence(rig, 'Aborted');
  }),
);

test.concurrent(
  'a promoted release records its role in a new run, and stops the old version once',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } });
    await started.reach(({ stage }) => stage === 'expose-full', 'exposed');
    rig.world.store.setDown(true);
    await started.reach(({ phase }) => phase === 'Promoted', 'promoted');
    await continueOnce(rig.client, started.handle.workflowId);
    rig.world.store.setDown(false);
    expect((await started.handle.result()).ending).toBe('Promoted');
    expect(await rig.world.store.role(rig.environment, 'shop')).toMatchObject({ baseline: 'green' });
    expect(rig.control.order(/deployer\.undeploy/)).toHaveLength(1);
    await expectWholeEvidence(rig, 'Promoted');
  }),
);
