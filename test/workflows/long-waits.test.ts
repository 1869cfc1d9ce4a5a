import type { ContractState } from '../../src/core/release/contract-state';
import { contractWorkflowId, reconcileWorkflowId } from '../../src/core/release/messages';
import type { ReleaseReport } from '../../src/core/release/report';
import { continueBySize } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { updates } from '../support/release-rig';
import { files, gated, migrations } from '../support/shop-release';
import { until } from '../support/until';
import { startTimeSkipping, type SkippingRig } from '../support/time-skipping';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let server: Awaited<ReturnType<typeof startTimeSkipping>>;
let rig: SkippingRig;

// A server for each test: what one leaves under way would let time stand still for the next.
beforeEach(async () => {
  server = await startTimeSkipping();
  rig = await server.rig();
});
afterEach(async () => {
  await rig.stop();
  await server.close();
});

test('a gate of a day reminds every hour, and rolls back when nobody answered', async () => {
  const started = await rig.start(gated({ timeout: '24h', remindEvery: '1h' }));
  const { type, report } = await failureOf(rig.resultOf(started.handle.workflowId));
  expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'GateExpired', true]);
  expect(report.tookMs).toBeGreaterThanOrEqual(24 * hourMs);
  expect((await started.state()).gates['go']?.reminders).toBe(23);
});

test('a gate that holds is still open after days', async () => {
  const started = await rig.start(gated({ timeout: '24h', remindEvery: '6h', onTimeout: 'hold' }));
  // Time is skipped while the end is waited for, which only a person brings about.
  const ending = failureOf(rig.resultOf(started.handle.workflowId));
  const { gates } = await started.reach(({ gates }) => (gates['go']?.reminders ?? 0) >= 11, 'days have passed');
  expect(gates['go']?.approvals).toEqual([]);
  await started.handle.executeUpdate(updates.reject, { args: [said('ada', { gate: 'go' })] });
  const { report } = await ending;
  expect(report.failure?.code).toBe('GateRejected');
  expect(report.tookMs).toBeGreaterThanOrEqual(66 * hourMs);
});

test('a gate of three weeks is carried into new runs with its approval, and the second approval promotes', async () => {
  const started = await rig.start(gated({ approvals: 2, timeout: '28d', remindEvery: '1d' }));
  const { handle } = started;
  const { gates: opened } = await started.reach(({ gates }) => 'go' in gates, 'gate open');
  const approve = (by: string, id: string) =>
    rig.client.workflow
      .getHandle(handle.workflowId)
      .executeUpdate(updates.approve, { args: [{ ...said(by, { gate: 'go' }), id }] });
  await approve('ada', 'first');
  for (const week of [1, 2]) {
    await rig.skipTime(week * 7 * dayMs);
    await continueBySize(rig.client, handle.workflowId);
  }
  const { gates, seenIds } = await started.state();
  expect(gates['go']).toMatchObject({ deadlineMs: opened['go']?.deadlineMs, approvals: [{ id: 'first', by: 'ada' }] });
  expect(gates['go']?.reminders).toBe(20);
  expect(seenIds).toEqual(['first']);
  // Said again three weeks later, by whomever: it was acted on.
  await approve('bob', 'first');
  expect((await started.state()).gates['go']?.approvals).toHaveLength(1);
  await approve('bob', 'second');
  const { ending, tookMs } = await handle.result();
  expect(ending).toBe('Promoted');
  expect(tookMs).toBeGreaterThanOrEqual(21 * dayMs);
});

test('a pause of a day at a gate expires; the gate would not have', async () => {
  const started = await rig.start({ ...gated({ timeout: '2h' }), pause: { longest: '24h' } });
  await started.reach(({ gates }) => 'go' in gates, 'gate open');
  await started.handle.executeUpdate(updates.pause, { args: [said('dee')] });
  const { type, report } = await failureOf(rig.resultOf(started.handle.workflowId));
  expect([type, report.failure?.code]).toEqual(['RolledBack', 'PauseExpired']);
  expect(report.tookMs).toBeGreaterThanOrEqual(24 * hourMs);
});

test('a contract waits fourteen days for its approval, then both forms stay', async () => {
  const short = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
  const started = await rig.start({ ...migrations, ...short }, files);
  expect((await rig.resultOf<ReleaseReport>(started.handle.workflowId)).ending).toBe('Promoted');
  const release = (await started.state()).sealed?.seal.firstRunId ?? '';
  const guard = rig.client.workflow.getHandle(reconcileWorkflowId(rig.environment, 'shop', release));
  // What runs lets time stand still, so the guard of the ending goes first.
  // It watches the split and the schemas, as the release did with its exposure and its schemas.
  await until('the guard watches', async () => {
    const pending = (await guard.describe()).raw.pendingActivities ?? [];
    return pending.length === 2 && pending.every(({ attempt }) => attempt === 1);
  });
  await guard.terminate();
  await rig.forgetWatches(4);
  const contract = await rig.resultOf<ContractState>(contractWorkflowId(rig.environment, 'shop', release));
  expect(contract.phase).toBe('Declined');
  expect(contract.deadlineMs - contract.openedAtMs).toBe(14 * 24 * hourMs);
});
