import { verifyChain } from '../../src/core/evidence/chain';
import { policySchema } from '../../src/core/policy/schema';
import type { ReleaseState } from '../../src/core/release/state';
import { PortError } from '../../src/ports/errors';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { isExposed, recover, terminate } from '../support/recoveries';
import { signals, updates, type Fields, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { tell } from '../support/tell';
import { endless, everything, files } from '../support/shop-release';

// A new run is suggested after so few events that every release here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

const closed = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };
const stewards = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'stewards',
  roles: { 'data-steward': ['dana'] },
});
const losses = 'select id from orders where length(first) > 10';
const [split] = everything['migrations'] as readonly [{ readonly expand: object }];
const atRisk: Fields = {
  ...endless,
  migrations: [{ ...split, expand: { ...split.expand, losses: '002.losses.sql' }, contract: undefined }],
};
const riskFiles = Object.fromEntries(
  Object.entries({ ...files, '002.losses.sql': losses }).filter(([path]) => !/contract|003/.test(path)),
);
const key = 'migrate/002/backfill';

test.concurrent(
  'rows at risk, the choice about fewer of them and its id survive while the data steward is waited for',
  rigs.on(async (rig) => {
    const started = await rig.start(atRisk, riskFiles);
    await started.reach(isExposed, 'exposed');
    rig.world.database.setLosses('002.losses.sql', ['7', '8', '9']);
    await started.handle.signal(signals.abort, said('dee'));
    await started.reach(({ compensations }) => compensations[key]?.rowsAtRisk === 3, 'asked');
    const last = rig.client.workflow.getHandle(started.handle.workflowId);
    const choose = (by: string, id: string) =>
      tell(last, updates.chooseData, { ...said(by, { choice: 'lose' as const }), id });
    rig.world.database.setLosses('002.losses.sql', ['6', '7', '8', '9']);
    await choose('dana', 'one');
    const before = await started.reach(({ compensations }) => compensations[key]?.rowsAtRisk === 4, 'asked again');
    await continueOnce(rig.client, started.handle.workflowId);
    await continueOnce(rig.client, started.handle.workflowId);
    const { compensations, seenIds, failure } = await started.state();
    expect(compensations[key]).toMatchObject({ status: 'stuck', rowsAtRisk: 4, lose: { by: 'dana', rows: 3 } });
    expect(compensations['expose/shop']).toEqual(before.compensations['expose/shop']);
    expect([seenIds, failure]).toEqual([before.seenIds, before.failure]);
    // Said again: it was acted on when there were three.
    await choose('dana', 'one');
    expect((await started.state()).compensations[key]).toMatchObject({ status: 'stuck', lose: { rows: 3 } });
    await expect(choose('ada', 'two')).rejects.toMatchObject({
      cause: { message: 'ada is no data steward; dana may choose lose' },
    });
    expect(rig.control.order(/^database\.undo$/)).toEqual([]);
    await choose('dana', 'two');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.by, report.proof?.isRestored]).toEqual(['Aborted', 'dee', true]);
  }, stewards),
);

/** A release whose drain waits in vain for its baseline, in a run after the one that began it. */
async function heldDrain(rig: Rig): Promise<Started> {
  const drain = { every: '60ms', sessions: '200ms', baselineWait: '100ms' };
  const started = await rig.start({ ...endless, rollback: { backInBand: '200ms', onAbort: 'drain', drain } });
  await started.reach(isExposed, 'exposed');
  rig.world.deployer.setReady('blue', false);
  await started.handle.signal(signals.abort, said('dee'));
  const before = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'the drain is held');
  await continueOnce(rig.client, started.handle.workflowId);
  await continueOnce(rig.client, started.handle.workflowId);
  // Retried by itself meanwhile, it may be under way for a moment.
  const isStuck = ({ compensations }: ReleaseState): boolean => compensations['expose/shop']?.status === 'stuck';
  const after = await started.reach(isStuck, 'held in a new run');
  expect([after.wayBack, after.failure]).toEqual([before.wayBack, before.failure]);
  expect((await rig.world.traffic.readSplit()).green.weight).toBe(25);
  return started;
}

test.concurrent(
  'a drain that waits for its baseline is still a drain in new runs, and goes on step by step',
  rigs.on(async (rig) => {
    const started = await heldDrain(rig);
    rig.world.deployer.setReady('blue', true);
    const last = rig.client.workflow.getHandle(started.handle.workflowId);
    await tell(last, updates.retry, said('ada'));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect((await started.state()).wayBack?.escalation).toBeUndefined();
    expect(rig.control.order(/^traffic\.writeWeights$/).length).toBeGreaterThanOrEqual(5);
    expect(await rig.world.traffic.readSplit()).toEqual(closed);
  }),
);

test.concurrent(
  'a breach ends a held drain at once in a new run too: its users are still watched there',
  rigs.on(async (rig) => {
    const started = await heldDrain(rig);
    rig.world.breakSlot('green', 0.5);
    await started.reach(({ compensations }) => compensations['expose/shop']?.status === 'verified', 'closed');
    expect((await started.state()).wayBack?.escalation?.reason).toMatch(/http-errors/);
    rig.world.deployer.setReady('blue', true);
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
  }),
);

test.concurrent(
  'a recovery that is stuck keeps its grant, its release and its decisions in new runs, and ends with proof',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...everything, ...endless }, files);
    await started.reach(isExposed, 'exposed');
    await terminate(rig, started);
    rig.control.fail('deployer.drain', new PortError('Rejected', 'drain: disk is full'));
    const recovery = await recover(rig, started);
    const before = await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
    await continueOnce(rig.client, recovery.workflowId);
    await continueOnce(rig.client, recovery.workflowId);
    const after = await started.state();
    expect([after.grant, after.failure, after.seenIds]).toEqual([before.grant, before.failure, before.seenIds]);
    expect([after.grant === undefined, after.failure?.code, after.failure?.by]).toEqual([false, 'Recovered', 'dee']);
    expect(after.compensations['deploy/shop']?.stuckCount).toBeGreaterThanOrEqual(1);
    rig.control.fail('deployer.drain', undefined);
    const last = rig.client.workflow.getHandle(recovery.workflowId);
    await tell(last, updates.retry, said('ada'));
    const { type, report } = await failureOf(recovery.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'Recovered', true]);
    const release = started.handle.firstExecutionRunId;
    expect(report.release).toBe(release);
    const records = await rig.world.store.evidence(release);
    expect(verifyChain(records).ok).toBe(true);
    expect(records.filter(({ detail }) => detail['type'] === 'recovered')).toHaveLength(1);
    expect(records.filter(({ type: kind }) => kind === 'ended')).toHaveLength(1);
  }),
);
