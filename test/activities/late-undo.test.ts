import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ports } from '../../src/activities/ports';
import { createTrafficActivities } from '../../src/activities/traffic';
import { sealPlan, sealSlots } from '../../src/core/evidence/seal';
import type { Effect } from '../../src/core/plan/effects';
import { PortError } from '../../src/ports/errors';
import type { RunFacts } from '../../src/ports/runs';
import { sealed as sample } from '../core/release/sample';
import { createMemoryWorld } from '../support/memory-world';

const ids = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };
const roles = { baseline: 'blue', canary: 'green' } as const;
const scheduledMs = 1_000_000;
const halfAMinuteLateMs = scheduledMs + 30_000;

const waitedFor: RunFacts = {
  runId: 'first',
  firstRunId: 'first',
  isRunning: true,
  phase: 'RollingBack',
  pending: [{ activityId: '7', attempt: 2, isCancelRequested: false }],
};

/** Closes the canary at a time, with an answer of the server; says to whom users go then. */
async function close(nowMs: number, answer: () => RunFacts | undefined): Promise<string> {
  const world = createMemoryWorld('staging');
  try {
    // Sealed for targets of any kind: the world in memory has others than the sample.
    const effects = sample.plan.effects.map((effect) => ({ ...effect, targetDigest: undefined }) as unknown as Effect);
    const sealed = sealPlan(world.ports.sealKey, { ...sample.plan, effects }, ids);
    const expose = sealed.effects.find(({ effect }) => effect.kind === 'expose');
    if (expose === undefined) throw new Error('the plan exposes nobody');
    // A later release was promoted to the slot of the canary.
    await world.traffic.writeSplit({ blue: { weight: 0, state: 'maint' }, green: { weight: 100, state: 'ready' } });
    const describeRun = (): Promise<RunFacts | undefined> => Promise.resolve().then(answer);
    const ports = { ...world.ports, now: () => nowMs, describeRun };
    const permit = { seal: sealed.seal, roles, rolesMac: sealSlots(world.ports.sealKey, sealed.seal, roles) };
    const info = {
      workflowExecution: { workflowId: ids.workflowId, runId: 'first' },
      activityId: '7',
      attempt: 2,
      currentAttemptScheduledTimestampMs: scheduledMs,
    };
    await new MockActivityEnvironment(info)
      .run(createTrafficActivities(ports as unknown as Ports).closeTraffic, {
        permit,
        sealed: expose,
        onlyVerify: false,
      })
      .catch((error: unknown) => {
        if (!(error instanceof PortError && error.code === 'Conflict')) throw error;
      });
    return (await world.traffic.readSplit()).blue.weight === 100 ? 'blue' : 'green';
  } finally {
    world.close();
  }
}

const away = (): never => {
  throw new PortError('TargetUnavailable', 'Temporal does not answer');
};

test.each<readonly [string, number, () => RunFacts | undefined, string]>([
  ['in time asks nobody', halfAMinuteLateMs - 1, away, 'blue'],
  ['late and waited for is made', halfAMinuteLateMs, () => waitedFor, 'blue'],
  ['late is made where nobody can say whether it is waited for', halfAMinuteLateMs, away, 'blue'],
  ['whose run has ended reaches nobody', halfAMinuteLateMs, () => ({ ...waitedFor, isRunning: false }), 'green'],
  ['of a run that is forgotten reaches nobody', halfAMinuteLateMs, () => undefined, 'green'],
  ['that nobody waits for reaches nobody', halfAMinuteLateMs, () => ({ ...waitedFor, pending: [] }), 'green'],
  [
    'whose place another attempt took reaches nobody',
    halfAMinuteLateMs,
    () => ({ ...waitedFor, pending: [{ activityId: '7', attempt: 3, isCancelRequested: false }] }),
    'green',
  ],
])('a close of the canary %s', async (_, nowMs, answer, usersAreOn) => {
  expect(await close(nowMs, answer)).toBe(usersAreOn);
});
