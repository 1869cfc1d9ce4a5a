import { setTimeout as sleepMs } from 'node:timers/promises';
import { verifyChain } from '../../src/core/evidence/chain';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { updates, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { tell } from '../support/tell';
import { gated } from '../support/shop-release';

// A new run is suggested after so few events that every release here goes through several.
const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

/** The longest time between two looks at the proxy. */
function longestGapMs(rig: Rig, fromMs: number, toMs: number): number {
  const looks = rig.control.calls
    .filter(({ name, atMs }) => name === 'traffic.read' && atMs >= fromMs && atMs <= toMs)
    .map(({ atMs }) => atMs);
  return Math.max(...looks.map((atMs, index) => atMs - (looks[index - 1] ?? atMs)));
}

async function expectWholeEvidence(rig: Rig): Promise<void> {
  const [row] = await rig.world.store.releases(rig.environment, 1);
  const records = await rig.world.store.evidence(row?.release ?? '');
  expect(verifyChain(records).ok).toBe(true);
  expect(records.filter(({ type }) => type === 'ended')).toHaveLength(1);
}

test.concurrent(
  'approvals, seen ids and refusals survive at a gate',
  rigs.on(async (rig) => {
    const started = await rig.start(gated({ approvals: 2 }));
    await started.reach(({ gates }) => 'go' in gates, 'gate open');
    await tell(started.handle, updates.approve, { ...said('ada', { gate: 'go' }), id: 'one' });
    const before = await started.state();
    await continueOnce(rig.client, started.handle.workflowId);
    const handle = rig.client.workflow.getHandle(started.handle.workflowId);
    const after = await started.state();
    expect(after.gates['go']?.approvals.map(({ id, by }) => [id, by])).toEqual([['one', 'ada']]);
    const progress = ({ stages }: typeof before) => stages.map(({ id, state, reason }) => [id, state, reason]);
    expect(progress(after)).toEqual(progress(before));
    expect(after.seenIds).toEqual(['one']);
    await tell(handle, updates.approve, { ...said('bob', { gate: 'go' }), id: 'one' });
    expect((await started.state()).gates['go']?.approvals).toHaveLength(1);
    await expect(tell(handle, updates.approve, said('ada', { gate: 'go' }))).rejects.toMatchObject({
      cause: { message: 'ada has approved gate go already' },
    });
    await tell(handle, updates.approve, said('bob', { gate: 'go' }));
    expect((await started.handle.result()).ending).toBe('Promoted');
    await expectWholeEvidence(rig);
  }),
);

test.concurrent(
  'the bake goes on where it was, and nobody is exposed unobserved',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '14s', minRequests: 5 }] });
    const { stages } = await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    const exposedAtMs = stages.find(({ id }) => id === 'expose-25')?.startedAtMs ?? 0;
    await continueOnce(rig.client, started.handle.workflowId);
    await sleepMs(Math.max(0, exposedAtMs + 9_000 - Date.now()));
    await continueOnce(rig.client, started.handle.workflowId);
    const continuedAtMs = Date.now();
    const done = await started.reach(({ stage }) => stage === 'expose-full', 'full exposure');
    const tookMs = (done.stages.find(({ id }) => id === 'expose-25')?.endedAtMs ?? 0) - exposedAtMs;
    // Had the bake begun anew, it would have taken its whole time after the last new run.
    expect(exposedAtMs + tookMs - continuedAtMs).toBeLessThan(14_000);
    expect(tookMs).toBeGreaterThanOrEqual(11_900);
    // Watched all the way: a gap that is no stall of the machine would be a missing watch. `bench:release` measures it.
    expect(longestGapMs(rig, exposedAtMs + 300, Date.now())).toBeLessThan(4_000);
    expect((await started.handle.result()).ending).toBe('Promoted');
    await expectWholeEvidence(rig);
  }),
);

test.concurrent(
  'a breach after a new run in the rollback window rolls back, with the snapshot of the first run',
  rigs.on(async (rig) => {
    const started = await rig.start({ stages: [], fullExposure: { rollbackWindow: '1h', minRequests: 5 } });
    await started.reach(({ journal, stage }) => stage === 'expose-full' && journal.at(-1)?.state === 'done', 'window');
    const { snapshot } = await started.state();
    await continueOnce(rig.client, started.handle.workflowId);
    expect((await started.state()).snapshot).toEqual(snapshot);
    rig.world.breakSlot('green', 0.5);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.proof?.isRestored]).toEqual(['RolledBack', 'GuardrailBroken', true]);
    await expectWholeEvidence(rig);
  }),
);

test.concurrent(
  'a pause survives, and still expires',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...gated(), pause: { longest: '3s' } });
    await started.reach(({ gates }) => 'go' in gates, 'gate open');
    await tell(started.handle, updates.pause, said('dee'));
    await continueOnce(rig.client, started.handle.workflowId);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'PauseExpired']);
  }),
);
