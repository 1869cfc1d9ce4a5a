import { MockActivityEnvironment } from '@temporalio/testing';
import { createDrainActivities } from '../../src/activities/drain';
import type { Ports } from '../../src/activities/ports';
import { sealPlan, sealSlots } from '../../src/core/evidence/seal';
import type { Effect } from '../../src/core/plan/effects';
import type { DrainNotice } from '../../src/core/release/messages';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';

const ids = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };
const roles = { baseline: 'blue', canary: 'green' } as const;
const hourMs = 3_600_000;

/** Drains a quarter of the users while the number of their sessions never stands still; what it told, in order. */
async function drain(times: { everyMs: number; sessionsMs: number; baselineWaitMs: number }) {
  const world = createMemoryWorld('staging');
  world.close(); // Nobody but the test makes requests.
  const effects = sample.plan.effects.map((effect) => ({ ...effect, targetDigest: undefined }) as unknown as Effect);
  const sealed = sealPlan(world.ports.sealKey, { ...sample.plan, effects }, ids);
  const of = (kind: string) => {
    const found = sealed.effects.find(({ effect }) => effect.kind === kind);
    if (found === undefined) throw new Error(`the plan has no ${kind}`);
    return found;
  };
  await world.traffic.writeSplit({ blue: { weight: 75, state: 'ready' }, green: { weight: 25, state: 'ready' } });
  const told: DrainNotice['progress'][] = [];
  let nowMs = 1_000_000;
  let looks = 0;
  const ports = {
    ...world.ports,
    now: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms;
      looks += 1;
      world.traffic.holdSessions('green', looks % 2 === 0 ? 3 : 4);
      return Promise.resolve();
    },
    describeRun: () =>
      Promise.resolve({
        runId: 'first',
        firstRunId: 'first',
        isRunning: true,
        phase: 'RollingBack',
        pending: [{ activityId: '7', attempt: 1, isCancelRequested: false }],
      }),
    signalRelease: (_id: string, _name: string, { progress }: DrainNotice) => {
      told.push(progress);
      return Promise.resolve();
    },
  };
  const permit = { seal: sealed.seal, roles, rolesMac: sealSlots(world.ports.sealKey, sealed.seal, roles) };
  const info = { workflowExecution: { workflowId: ids.workflowId, runId: 'first' }, activityId: '7', attempt: 1 };
  await new MockActivityEnvironment(info).run(createDrainActivities(ports as unknown as Ports).drainTraffic, {
    permit,
    sealed: of('expose'),
    deploy: of('deploy'),
    service: 'shop',
    times,
  });
  return { told, split: await world.traffic.readSplit() };
}

test('a drain of hours tells every step, and its sessions so seldom that the history of its release stays short', async () => {
  const { told, split } = await drain({ everyMs: hourMs, sessionsMs: hourMs, baselineWaitMs: hourMs });
  expect(split.green).toEqual({ weight: 0, state: 'maint' });
  const shares = told.map(({ canaryPercent }) => canaryPercent);
  expect(shares.filter((share, index) => share !== shares[index - 1])).toEqual([13, 7, 4, 2, 1, 0]);
  // A workflow hears no more than 200 of them.
  expect(told.length).toBeLessThan(150);
  expect(told.length).toBeGreaterThan(10);
});
