import { createReplay, type DecisionLine } from '../../../../src/core/analysis/replay/replay-streams';
import { seededRandom } from '../../../../src/core/seeded-random';
import { drawBinomial } from '../../../../src/look-back/backtest/draw-binomial';

/** What other release systems do with the same looks, and what this one does on purpose. */
type Tick = { readonly canary?: unknown; readonly baseline?: unknown; readonly stable?: unknown };

function decide(ticks: readonly Tick[], planned = ticks.length): readonly DecisionLine[] {
  const replay = createReplay();
  const meta = { tick_s: 15, ticks: Math.max(1, planned), le: [], share: { canary: 0.1, baseline: 0.1, stable: 0.8 } };
  const lines = [{ s: 's', meta }, ...ticks.map((tick, at) => ({ s: 's', t: 15 * (at + 1), ...tick }))];
  return lines.flatMap((line, at) => {
    const { decision, issues } = replay.accept(JSON.stringify(line), { file: 'f', line: at + 1 });
    if (issues !== undefined) throw new Error(JSON.stringify(issues));
    return decision === undefined ? [] : [decision];
  });
}

const random = seededRandom(21);
const arm = (n: number, share: number) => ({ n, err: drawBinomial(n, share, random) });
const look = (canaryShare: number, otherShare = canaryShare): Tick => ({
  canary: arm(300, canaryShare),
  baseline: arm(300, otherShare),
  stable: arm(2_400, otherShare),
});
const looks = (count: number, each: (at: number) => Tick): readonly Tick[] =>
  Array.from({ length: count }, (_, at) => each(at));
const kinds = (lines: readonly DecisionLine[]): readonly string[] => lines.map(({ decision }) => decision);

test('deliberately not as Argo Rollouts: five errors of the provider in a row abort nothing', () => {
  expect(kinds(decide(looks(120, () => ({}))))).not.toContain('rollback');
});

test('deliberately not as Argo Rollouts: a look whose number is NaN counts as no success', () => {
  const nan = { n: 300, err: 0, cpu: null };
  expect(kinds(decide(looks(3, () => ({ canary: nan, baseline: null, stable: null }))))).not.toContain('advance');
});

test('deliberately not as Argo Rollouts: an analysis without one measurement is no success', () => {
  expect(decide([])).toEqual([]);
  expect(kinds(decide(looks(40, () => ({ canary: null, baseline: null, stable: null }))))).not.toContain('advance');
});

test('deliberately not as Flagger: no traffic is no failed check', () => {
  const none = { n: 0, err: 0 };
  const lines = decide(looks(60, () => ({ canary: none, baseline: none, stable: none })));
  expect(kinds(lines).filter((kind) => kind !== 'hold')).toEqual([]);
});

test('deliberately not as Flagger: a shared incident of half an hour adds up to no rollback', () => {
  const lines = decide(looks(240, (at) => (at > 60 && at < 180 ? look(0.2) : look(0.002))));
  expect(kinds(lines)).not.toContain('rollback');
});

test('deliberately not as GrowthBook: what is undecided at the end is not shipped', () => {
  const few = { n: 1, err: 0 };
  expect(kinds(decide(looks(8, () => ({ canary: few, baseline: few, stable: few }))))).not.toContain('advance');
});

test('deliberately not as Kayenta: errors from a baseline of zero roll back', () => {
  expect(decide(looks(240, () => look(0.03, 0))).at(-1)).toMatchObject({ decision: 'rollback' });
});

test('deliberately not as Kayenta: looking every tick for an hour rolls few clean streams back', () => {
  const rolledBack = looks(20, () => ({})).filter(() =>
    kinds(decide(looks(240, () => look(0.01)))).includes('rollback'),
  );
  expect(rolledBack.length).toBeLessThanOrEqual(1);
});
