import { createReplay, type DecisionLine } from '../../../../src/core/analysis/replay/replay-streams';
import { seededRandom } from '../../../../src/core/seeded-random';
import { drawBinomial } from '../../../../src/look-back/backtest/draw-binomial';

const meta = (s: string, extra: object = {}) => ({
  s,
  meta: { tick_s: 15, ticks: 40, le: [], share: { canary: 0.1, baseline: 0.1, stable: 0.8 }, ...extra },
});

const random = seededRandom(3);
const arm = (n: number, share: number) => ({ n, err: drawBinomial(n, share, random) });
const tick = (s: string, t: number, canaryErrors = 0.002) => ({
  s,
  t,
  canary: arm(300, canaryErrors),
  baseline: arm(300, 0.002),
  stable: arm(2_400, 0.002),
});

function play(lines: readonly (object | string)[]) {
  const replay = createReplay();
  const decisions: DecisionLine[] = [];
  const issues: string[] = [];
  for (const [index, line] of lines.entries()) {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const found = replay.accept(text, { file: 'f.jsonl', line: index + 1 });
    if (found.decision !== undefined) decisions.push(found.decision);
    for (const issue of found.issues ?? [])
      issues.push(
        `${issue.file}:${issue.line}:${issue.column} ${issue.code} ${issue.path}: ${issue.message}; ${issue.fix}`,
      );
  }
  return { decisions, issues, summary: replay.summary() };
}

const ticks = (s: string, errors: number) => Array.from({ length: 20 }, (_, at) => tick(s, 15 * (at + 1), errors));

test('a stream with 20 % errors is rolled back and a clean one beside it is not', () => {
  const [clean, harmful] = [ticks('clean', 0.002), ticks('harmful', 0.2)];
  const mixed = clean.flatMap((line, at) => [line, ...harmful.slice(at, at + 1)]);
  const { decisions, issues, summary } = play([meta('clean'), meta('harmful'), ...mixed]);
  expect(issues).toEqual([]);
  expect(decisions.filter(({ decision }) => decision === 'rollback')).toMatchObject([{ s: 'harmful' }]);
  expect(summary).toMatchObject({ streams: 2, rolledBack: 1, refused: 0 });
});

test('streams that are mixed are decided as they are one after the other', () => {
  const [a, b] = [ticks('a', 0.002), ticks('b', 0.1)];
  const mixed = play([meta('a'), meta('b'), ...a.flatMap((line, at) => [line, b[at] ?? line])]);
  const apart = play([meta('b'), ...b, meta('a'), ...a]);
  const sorted = (lines: readonly DecisionLine[]) => [...lines].sort((x, y) => (x.s < y.s ? -1 : 1) || x.t - y.t);
  expect(sorted(mixed.decisions)).toEqual(sorted(apart.decisions));
});

test('a rollback is the last line of a stream', () => {
  const { decisions } = play([meta('h'), ...ticks('h', 0.5)]);
  expect(decisions.at(-1)).toMatchObject({ decision: 'rollback' });
  expect(decisions.filter(({ decision }) => decision === 'rollback')).toHaveLength(1);
});

test('a stream without data is never advanced and never rolled back', () => {
  const silent = Array.from({ length: 60 }, (_, at) => ({ s: 's', t: 15 * (at + 1), canary: null, stable: null }));
  const { decisions } = play([meta('s'), ...silent]);
  expect(decisions.filter(({ decision }) => decision !== 'hold')).toEqual([]);
});

const first = meta('a');
const good = tick('a', 15);

test.each<readonly [string, readonly (object | string)[], RegExp]>([
  ['text', [first, 'no json'], /^f\.jsonl:2:1 not-json/],
  ['a cut line', [first, '{"s":"a","t":15,'], /^f\.jsonl:2:17 not-json/],
  ['NaN', [first, '{"s":"a","t":15,"canary":{"n":NaN,"err":0}}'], /:2:\d+ not-json .*write null/],
  ['a number in quotes', [first, { ...good, t: '15' }], /^f\.jsonl:2:\d+ wrong-type t: .*write 15/],
  ['a negative count', [first, { ...good, canary: { n: -1, err: 0 } }], /number-out-of-range canary\.n: .*at least 0/],
  ['half a request', [first, { ...good, canary: { n: 1.5, err: 0 } }], /wrong-type canary\.n: .*whole number/],
  ['a misspelt key', [first, { ...good, canray: null }], /key-unknown canray: .*did you mean|key-unknown canray/i],
  ['more errors than requests', [first, { ...good, canary: { n: 1, err: 2 } }], /2 bad requests of 1; count every/],
  ['too few buckets', [first, { ...good, canary: { n: 1, err: 0, buckets: [] } }], /0 buckets, and 0 bounds make 1/],
  ['time that stands still', [first, good, good], /^f\.jsonl:3:1 time-not-rising .*sort the lines/],
  ['a stream without a first line', [good], /^f\.jsonl:1:1 stream-unknown .*write \{"s":"a","meta"/],
  ['a stream that begins twice', [first, first], /^f\.jsonl:2:1 stream-repeated/],
  ['falling bounds', [meta('a', { le: [2, 1] })], /bounds-not-rising .*sort the bounds/],
  ['shares above 1', [meta('a', { share: { canary: 0.9, stable: 0.9 } })], /add up to 1\.8; write parts of 1/],
  ['nothing to compare with', [meta('a', { share: { canary: 0.5 } })], /nothing to compare with/],
  ['no ticks', [meta('a', { ticks: 0 })], /number-out-of-range meta\.ticks/],
])('%s is refused, with its place and what to do', (_name, lines, wanted) => {
  const { issues } = play(lines);
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatch(wanted);
});

test('a stream with a refused line is not judged on, the others are', () => {
  const harmful = ticks('h', 0.5);
  const { decisions, summary } = play([meta('h'), '{"s":"h","t":', ...harmful, meta('i'), ...ticks('i', 0.5)]);
  expect(decisions.map(({ s }) => s)).not.toContain('h');
  expect(summary).toMatchObject({ streams: 2, rolledBack: 1, refused: 1 });
});
