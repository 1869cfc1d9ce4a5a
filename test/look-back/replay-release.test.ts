import { createMemoryStore } from '../../src/adapters/store/memory';
import { tickWatch, type ProxyReading } from '../../src/activities/observe/watch';
import { newWatch, type WatchState } from '../../src/activities/observe/watch-state';
import { replayRelease } from '../../src/cli/replay-release';
import type { Reading } from '../../src/core/analysis/types';
import { asJson } from '../../src/core/json';
import type { Plan } from '../../src/core/plan/plan';
import type { SampleRow } from '../../src/ports/store';
import { planOf } from '../core/plan/shop-sources';
import { createTestIo } from '../support/test-io';

const roles = { baseline: 'blue', canary: 'green' } as const;
const startMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const descriptor = {
  stages: [{ canaryPercent: 10, bakeTime: '2m', minRequests: 50 }],
  metrics: { 'http-errors': { source: 'proxy', max: 'baseline + 5%' } },
};
const plan = planOf({ descriptor });
const thrifty = planOf({ descriptor: { ...descriptor, budget: { maxExcessErrors: 15 } } });

const proxyAt = (second: number, errorShare: number): ProxyReading => ({
  kind: 'read',
  traffic: {
    split: { blue: { weight: 90, state: 'ready' }, green: { weight: 10, state: 'ready' } },
    counters: {
      blue: { requests: second * 90, bad: 0 },
      green: { requests: second * 10, bad: Math.floor(second * 10 * errorShare) },
    },
    sessions: { blue: 1, green: 1 },
    down: [],
    resets: 0,
    processes: 'p',
  },
});

/** What a live watch would have stored, a look a second. */
function record(
  seconds: number,
  errorShare: number,
  by: Plan = plan,
  readAt: (second: number) => { readonly [metric: string]: Reading } = () => ({}),
): readonly SampleRow[] {
  const stages = by.stages.flatMap((stage) => (stage.kind === 'expose' ? [stage] : []));
  const rules = { roles, stages, metrics: by.metrics, noData: by.noData, budget: by.budget };
  let state: WatchState = newWatch(0);
  return Array.from({ length: seconds }, (_, second) => {
    const proxy = proxyAt(second, errorShare);
    const atMs = startMs + second * 1_000;
    const others = readAt(second);
    const result = tickWatch(state, rules, { atMs, elapsedMs: 1_000, begunIndex: 0, proxy, others });
    state = result.state;
    return { atMs, sample: asJson({ proxy, others, decision: result.decision, stage: result.view.stageId }) };
  });
}

const keptOf = (sealed: Plan) => ({
  release: 'run-1',
  service: 'shop',
  environment: 'staging',
  version: '2.0.0',
  requestedBy: 'ada',
  sealed: {
    plan: sealed,
    seal: { planDigest: 'sha256:', environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'run-1' },
    mac: 'mac',
    effects: [],
    contract: [],
  },
  snapshot: {
    world: {
      takenAt: '',
      slots: {
        blue: { weight: 100, state: 'ready' as const, version: '1', running: true, release: null },
        green: { weight: 0, state: 'maint' as const, version: null, running: false, release: null },
      },
      schemas: {},
      configuration: {},
      flags: {},
      invariants: {},
      baselineErrors: { requests: 0, bad: 0 },
    },
    roles,
  },
  rolesMac: '',
  attempt: 1,
  mac: '',
});

async function replay(
  rows: readonly SampleRow[],
  options: Partial<Parameters<typeof replayRelease>[2]> = {},
  by: Plan = plan,
) {
  const store = createMemoryStore();
  await store.keep(keptOf(by));
  await store.addSamples('run-1', rows);
  const test = createTestIo();
  const code = await replayRelease(test.io, store, { release: 'shop', environment: 'staging', ...options });
  return { code, out: test.out(), err: test.err() };
}

const steady = record(130, 0.02);

test('the same limits decide what was decided then', async () => {
  const { code, out } = await replay(steady);
  expect(code).toBe(0);
  expect(out).toMatch(/shop 2\.0\.0 → staging, release run-1/);
  expect(out).toMatch(/expose-10 {2}advance/);
  expect(out).not.toMatch(/recorded:/);
});

test('a release that its budget turned back is turned back again', async () => {
  const { out } = await replay(record(130, 0.02, thrifty), {}, thrifty);
  expect(out).toMatch(/expose-10 {2}rollback/);
  expect(out).not.toMatch(/recorded:/);
});

test('a tighter limit would have turned back where it went on, and says so', async () => {
  const { out, err } = await replay(steady, { limit: ['http-errors=baseline + 0.1%'] });
  expect(out).toMatch(/rollback .*limit .*\(recorded: hold, baked/);
  expect(out).not.toMatch(/ advance /);
  expect(err).toMatch(/the store keeps one a second/);
});

test('decisions are JSON lines in the form of a recorded stream', async () => {
  const { out } = await replay(steady, { limit: ['http-errors=0.1%'], decisions: true });
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toMatchObject({ s: 'run-1', decision: 'rollback', stage: 'expose-10', recorded: 'hold' });
  expect(lines.at(-1)?.['t']).toBeGreaterThan(0);
});

test.each(['staging/shop', 'release/staging/shop', 'run-1'])('%s names the release', async (release) => {
  expect(await replay(steady, { release, environment: undefined })).toMatchObject({ code: 0 });
});

test('what was lost, or is of another version, is told and not judged', async () => {
  const { err } = await replay([
    { atMs: startMs - 2_000, sample: { gap: 12 } },
    { atMs: startMs - 1_000, sample: { of: 'another version' } },
    ...steady,
  ]);
  expect(err).toMatch(/12 looks never reached the store/);
  expect(err).toMatch(/1 rows are of a version/);
});

test('a release without looks is not called good', async () => {
  expect(await replay([])).toMatchObject({ code: 2, err: expect.stringContaining('has no looks') as unknown });
});

test('a release nobody kept is refused with what to write', async () => {
  await expect(replay(steady, { release: 'staging/cart' })).rejects.toThrow(
    /kept no release of "staging\/cart".*first run id/,
  );
});

describe('values beside the baseline’s', () => {
  const queue = { source: 'prometheus', value: 'queue{slot="$slot"}', max: 'baseline * 1.5', method: 'mann-whitney' };
  const compared = planOf({ descriptor: { ...descriptor, metrics: { queue } } });
  const readAt = (second: number) => ({
    queue: { kind: 'pair', canary: 12 + (second % 7) / 10, baseline: 10 + (second % 5) / 10 } as const,
  });
  const looks = record(130, 0, compared, readAt);

  test('are decided as they were then', async () => {
    const { out } = await replay(looks, {}, compared);
    expect(out).toMatch(/expose-10 {2}advance/);
    expect(out).not.toMatch(/recorded:/);
  });

  test('are turned back by a tighter limit', async () => {
    const { out } = await replay(looks, { limit: ['queue=baseline * 1.05'] }, compared);
    expect(out).toMatch(/expose-10 {2}rollback.*queue.*at most [\d.]+; High of \d+ readings each/);
  });

  test.each(['queue=12', 'queue=1%', 'queue=baseline'])(
    '--limit %s is refused with a limit that would do',
    async (limit) => {
      await expect(replay(looks, { limit: [limit] }, compared)).rejects.toThrow(
        /wants a limit such as "baseline \* 1\.2"/,
      );
    },
  );
});

test.each([
  [['http-errors'], /metric=limit/],
  [['http-erors=1%'], /the release has http-errors/],
  [['http-errors=much'], /wants a limit such as/],
])('--limit %j is refused', async (limit, wanted) => {
  await expect(replay(steady, { limit })).rejects.toThrow(wanted);
});
