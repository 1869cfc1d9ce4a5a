import { createLeaseWatch } from '../../../src/activities/observe/lease-watch';
import type { Ports } from '../../../src/activities/ports';
import { createMemorySentinel } from '../../../src/adapters/sentinel/memory';
import { PortError } from '../../../src/ports/errors';
import { createMemoryWorld } from '../../support/memory-world';
import { noRuns } from '../../support/no-runs';

const ttlMs = 30_000;
const roles = { baseline: 'blue', canary: 'green' } as const;
const seal = { planDigest: 'sha256:0', environment: 'test', workflowId: 'release/test/shop', firstRunId: 'r1' };
const effect = { kind: 'expose', key: 'expose/shop', target: 'edge', lease: { ttlMs, isRequired: true } } as const;
const lease = { release: 'r1', roles, phase: 'exposing', ceilingPercent: 25, ttlMs } as const;

/** A watch over two sentinels, on one clock that a test moves. */
function watchOver() {
  let nowMs = 0;
  let temporal: 'answers' | 'away' | 'terminated' = 'answers';
  const clock = () => nowMs;
  const sentinels = [1, 2].map(() => createMemorySentinel({ targets: ['edge'], nowMs: clock }));
  const world = createMemoryWorld('test');
  world.close();
  const ports: Ports = {
    ...world.ports,
    sentinels: () => sentinels,
    signalRelease: () => Promise.resolve(),
    lastHeartbeat: () => Promise.resolve(undefined),
    resetStickyQueue: () => Promise.resolve(),
    runs: noRuns,
    describeRun: () => {
      const run = { runId: 'r1', firstRunId: 'r1', isRunning: temporal === 'answers', pending: [] };
      return temporal === 'away'
        ? Promise.reject(new PortError('TargetUnavailable', 'Temporal does not answer'))
        : Promise.resolve(run);
    },
  };
  const watch = createLeaseWatch(ports, { seal, roles, rolesMac: '' }, effect, clock);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    sentinels,
    temporal: (now: typeof temporal) => (temporal = now),
    hold: () => Promise.all(sentinels.map((each) => each.hold('edge', lease))),
    /** A look every second for so long; the first loss ends it. */
    async pass(ms: number): Promise<string | undefined> {
      for (const end = nowMs + ms; nowMs < end; nowMs += 1_000) {
        const loss = watch.look(25);
        if (loss !== undefined) return loss;
        await settled();
        await settled();
      }
      return undefined;
    },
    freeze: (ms: number) => (nowMs += ms),
  };
}

it('renews at every sentinel for as long as it looks', async () => {
  const rig = watchOver();
  await rig.hold();
  expect(await rig.pass(300_000)).toBeUndefined();
  expect(rig.sentinels.map((each) => each.record('edge')?.state)).toEqual(['held', 'held']);
});

it.each<[string, (rig: ReturnType<typeof watchOver>) => void, RegExp]>([
  [
    'one sentinel is away for the whole lease',
    ({ sentinels }) => sentinels[1]?.goAway(true),
    /no renewal .* 30s: .*away/,
  ],
  [
    'Temporal is away: nobody could turn back',
    ({ temporal }) => temporal('away'),
    /no renewal .*Temporal does not answer/,
  ],
  ['the release was terminated', ({ temporal }) => temporal('terminated'), /no renewal .*does not run any more/],
  ['the worker stood still', ({ freeze }) => freeze(ttlMs + 1), /this worker stood still/],
  [
    'another release took over',
    ({ sentinels }) => void sentinels[0]?.hold('edge', { ...lease, release: 'r2' }),
    /another release has taken the target over/,
  ],
])('turns back when %s', async (_when, happen, reason) => {
  const rig = watchOver();
  await rig.hold();
  await rig.pass(5_000);
  happen(rig);
  expect(await rig.pass(60_000)).toMatch(reason);
});

it('tells a sentinel that lost its memory again what it guards', async () => {
  const rig = watchOver();
  expect(await rig.pass(5_000)).toBeUndefined();
  expect(rig.sentinels[0]?.record('edge')).toMatchObject({ state: 'held', phase: 'exposing', ceilingPercent: 25 });
});

it('lives through a sentinel that is away for a moment', async () => {
  const rig = watchOver();
  await rig.hold();
  await rig.pass(5_000);
  rig.sentinels[0]?.goAway(true);
  expect(await rig.pass(15_000)).toBeUndefined();
  rig.sentinels[0]?.goAway(false);
  expect(await rig.pass(120_000)).toBeUndefined();
});

it('says nothing about a lease that a promotion has ended', async () => {
  const rig = watchOver();
  await rig.hold();
  await rig.pass(1_000);
  await Promise.all(rig.sentinels.map((each) => each.end('edge', { release: 'r1', roles, serving: 'green' })));
  expect(await rig.pass(120_000)).toBeUndefined();
});
