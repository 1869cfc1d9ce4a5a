import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { DataHeartbeat } from '../../src/activities/data-beat';
import { createMigrationActivities } from '../../src/activities/migrations';
import type { Ports } from '../../src/activities/ports';
import { sealPlan, sealSlots } from '../../src/core/evidence/seal';
import { sealed as sample } from '../core/release/sample';
import { keyedBackfill } from '../support/keyed-backfill';
import { createMemoryWorld, type MemoryWorld } from '../support/memory-world';
import { until } from '../support/until';

const seal = { environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'first' };
let world: MemoryWorld;
beforeEach(() => {
  world = createMemoryWorld('staging');
});
afterEach(() => world.close());

/** The activity with a backfill whose guardrail is the share of errors at the proxy. */
function filling() {
  const effect = keyedBackfill();
  const rule = { name: 'http-errors', kind: 'proxy-errors', guardrail: true, limit: { kind: 'absolute', share: 0.01 } };
  const guarded = {
    ...effect,
    target: 'orders',
    backfill: { ...effect.backfill, guard: { traffic: 'edge', rules: [rule] } },
  } as unknown as typeof effect;
  const { ports } = world;
  const sealed = sealPlan(ports.sealKey, { ...sample.plan, effects: [guarded] }, seal);
  const roles = { baseline: 'blue', canary: 'green' } as const;
  const permit = { seal: sealed.seal, roles, rolesMac: sealSlots(ports.sealKey, sealed.seal, roles) };
  const [found] = sealed.effects;
  if (found === undefined) throw new Error('nothing to fill');
  const environment = new MockActivityEnvironment({
    workflowExecution: { workflowId: seal.workflowId, runId: 'first' },
  });
  const beats: DataHeartbeat[] = [];
  environment.on('heartbeat', (beat: DataHeartbeat) => beats.push(beat));
  const result = environment.run(createMigrationActivities(ports as Ports).backfill, { permit, sealed: found });
  return { result, beats, environment };
}

const resting = (beats: readonly DataHeartbeat[], because: RegExp) =>
  until('it rests', () => because.test(beats.at(-1)?.said ?? ''));

it('rests while the proxy finds the baseline down, says so in its heartbeat, and then goes on', async () => {
  world.traffic.checkHealth('blue', true);
  const { result, beats } = filling();
  await resting(beats, /^0 rows; resting because the proxy finds the baseline down$/);
  world.traffic.checkHealth('blue', false);
  expect(await result).toBe('migrations/0001-orders.backfill.sql: 1017 rows in 2 batches');
});

it('rests while nobody can tell how the baseline does', async () => {
  world.traffic.refuse('TargetUnavailable');
  const { result, beats } = filling();
  await resting(beats, /resting because the baseline cannot be watched: The proxy in memory was told to fail/);
  world.traffic.refuse();
  expect(await result).toMatch(/1017 rows/);
});

it('ends as cancelled when it is told to while it rests', async () => {
  world.traffic.checkHealth('blue', true);
  const { result, beats, environment } = filling();
  await resting(beats, /finds the baseline down/);
  environment.cancel('CANCELLED');
  await expect(result).rejects.toBeInstanceOf(CancelledFailure);
});
