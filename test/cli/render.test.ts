import type { Verdict } from '../../src/core/analysis/types';
import type { ReleaseEvent } from '../../src/core/release/events';
import { reportOf } from '../../src/core/release/report';
import type { ReleaseState } from '../../src/core/release/state';
import { changeLines } from '../../src/cli/render/changes';
import { isColored, line, lengthOf, paint, paintAll, styleOf, wrap } from '../../src/cli/render/line';
import { bakeBar, releaseTree } from '../../src/cli/render/release-tree';
import { reportLines } from '../../src/cli/render/report';
import { createScreen } from '../../src/cli/render/screen';
import { table } from '../../src/cli/render/table';
import { compiled, passing, proved, startMs, stateAfter, undone, upTo, view, workflowId } from './sample-release';

const plain = (width: number) => ({ width, isColored: false, isCut: true });
const tree = (state: ReleaseState, width: number) =>
  paintAll(releaseTree({ workflowId, state, view, nowMs: startMs + 60_000, width }), plain(width));

const gateOpen: readonly ReleaseEvent[] = [
  ...upTo('gate-go'),
  {
    type: 'gate-opened',
    gate: 'go',
    deadlineMs: startMs + 3_600_000,
    pack: { planDigest: 'sha256:', verdicts: [] },
  },
];
const states: readonly (readonly [string, ReleaseState, string])[] = [
  ['before the plan', stateAfter(), 'release/production/shop'],
  ['baking', stateAfter(...upTo('expose-5')), '    wanted 5 %, observed 4.9 %  bake ██████░░░░ 6m of 10m'],
  ['at a gate', stateAfter(...gateOpen), 'Waiting for approval'],
  [
    'paused',
    stateAfter(...upTo('expose-5'), { type: 'paused', id: '1', by: 'eve', why: 'lunch', deadlineMs: startMs + 1e7 }),
    '⏸ expose-5',
  ],
  ['rolling back', stateAfter(...upTo('expose-5'), ...undone), '◐ expose/shop  undoing'],
  [
    'stuck',
    stateAfter(...upTo('expose-5'), ...undone, {
      type: 'compensation-stuck',
      effect: 'expose/shop',
      reason: 'socket gone',
    }),
    '✖ expose/shop  stuck',
  ],
  ['rolled back', stateAfter(...upTo('expose-5'), ...undone, ...proved), 'Proof: the baseline is restored'],
  [
    'refused',
    stateAfter(
      {
        type: 'refused',
        refusals: [{ code: 'policy-floor', kind: 'denied', message: 'Too bold.', fix: 'Ask for less.' }],
      },
      { type: 'ended', ending: 'Refused' },
    ),
    '✖ Too bold.',
  ],
];

describe.each([80, 120])('at %d columns', (width) => {
  test.each(states)('a release %s fits, without colours', (_name, state, part) => {
    const lines = tree(state, width);
    expect(lines.filter((text) => lengthOf(text) > width)).toEqual([]);
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(lines.join('\n')).toContain(part);
  });

  test('a report names number, limit, query, undo with its time and proof', () => {
    const report = reportOf(stateAfter(...upTo('expose-5'), ...undone, ...proved));
    const text = paintAll(reportLines(report, width), plain(width)).join('\n');
    for (const part of ['1.84 %', 'limit 0.69 %', 'query  sum(rate(errors[1m]))', 'undone', '+2s', 'Drift', 'Proof'])
      expect(text).toContain(part);
  });
});

test('a report tells of each metric its two numbers, interval, limit, evidence and query, the worst first', () => {
  const report = reportOf(stateAfter(...upTo('expose-5')));
  const judged = { ...passing, interval: { low: 0.5, high: 2.52 }, evidence: 3.217, evidenceNeeded: 100 };
  const held: Verdict = { ...passing, metric: 'memory', value: 'inconclusive', reason: 'rising', guardrail: false };
  const plainValue: Verdict = {
    metric: 'queue',
    value: 'pass',
    guardrail: true,
    reason: 'short',
    canary: 31,
    limit: 4_000,
    interval: { low: 20, high: null },
  };
  const lines = paintAll(reportLines(report, 120, [plainValue, judged, held]), plain(120));
  const at = (text: string): number => lines.findIndex((line) => line.includes(text));
  expect(at('? memory: rising (observed only)')).toBeLessThan(at('✔ queue: short'));
  expect(lines).toContain(
    '    canary 0.21 %, baseline 0.19 %, limit 0.69 %, interval 0.5 to 2.52 times the baseline, evidence 3.217 of 100 needed',
  );
  expect(lines).toContain('    canary 31, limit 4,000, interval 20 or more');
  expect(lines).toContain('    query  sum(rate(errors[1m]))');
});

test('a kill switch that was left is never called undone, in tree and report', () => {
  const effect = 'flag/flags/stop';
  const left = { observed: 'true', before: 'false' };
  const line = { effect, object: 'flag flags/stop', expected: 'false', observed: 'true', isEqual: false };
  const state = stateAfter(
    ...upTo('expose-5'),
    { type: 'effect-intended', effect, title: 'set' },
    ...undone,
    { type: 'compensation-verified', effect, detail: 'left as somebody else threw it', left },
    { type: 'proof-taken', proof: { isRestored: true, lines: [], drift: [], left: [line] } },
  );
  for (const lines of [tree(state, 120), paintAll(reportLines(reportOf(state), 120), plain(120))]) {
    expect(lines.find((text) => text.includes(effect))).toMatch(/! flag\/flags\/stop +left +/);
    expect(lines).toContain('Proof: the baseline is restored, but for what somebody else threw');
    expect(lines).toContain('  ! flag flags/stop: true, left as somebody else threw it, before false');
  }
  expect(changeLines(undefined, { state }, startMs).join('\n')).toMatch(
    /! undo flag\/flags\/stop left: left as somebody else threw it/,
  );
});

test('every mark has a word beside it', () => {
  const lines = tree(stateAfter(...upTo('expose-5'), ...undone, ...proved), 120);
  expect(lines.find((text) => text.includes('expose-5'))).toMatch(/^✖ expose-5 +failed/);
  expect(lines.find((text) => text.includes('expose-25'))).toMatch(/^· expose-25 +never/);
});

test('shows the verdicts of the running watch with their numbers', () => {
  const lines = tree(stateAfter(...upTo('expose-5')), 120);
  expect(lines).toContain(`    ✔ http-errors  pass  ${passing.reason}`);
});

test.each([
  [0, 600_000, '░░░░░░░░░░ 0ms of 10m'],
  [300_000, 600_000, '█████░░░░░ 5m of 10m'],
  [900_000, 600_000, '██████████ 10m of 10m'],
  [0, 0, '██████████ 0ms of 0ms'],
])('draws %d of %d ms as a bar', (baked, bake, bar) => {
  expect(bakeBar(baked, bake)).toBe(bar);
});

test('a reason steers no terminal', () => {
  const evil = stateAfter(...gateOpen, {
    type: 'rejected',
    gate: 'go',
    id: '1',
    by: 'eve\u001b[2J',
    why: 'a\nb\u202e',
  });
  expect(paintAll(releaseTree({ workflowId, state: evil, nowMs: startMs, width: 80 }), plain(80)).join('')).not.toMatch(
    /[\u001b\u202e]/,
  );
  expect(changeLines(undefined, { state: evil }, startMs).join('')).not.toMatch(/[\u001b\u202e\n]/);
});

test('says each change once, in the order it happened', () => {
  const before = stateAfter(...upTo('expose-5'));
  const after = stateAfter(...upTo('expose-5'), ...undone, ...proved);
  const first = changeLines(undefined, { state: before, view }, startMs);
  expect(first[0]).toBe(
    `14:00:00Z release of shop 2.0.0 to staging, started by ada, plan ${compiled.type === 'compiled' ? compiled.sealed.seal.planDigest : ''}`,
  );
  expect(first.at(-1)).toContain('http-errors pass');
  expect(changeLines({ state: before, view }, { state: before, view }, startMs)).toEqual([]);
  const next = changeLines({ state: before }, { state: after }, startMs + 3_600_000).map((text) => text.slice(10));
  expect(next[0]).toContain('expose/shop: 5 %');
  expect(next[1]).toMatch(/^✖ turning back \(GuardrailBroken\)/);
  expect(next.some((text) => text.startsWith('✔ undo expose/shop undone'))).toBe(true);
  expect(next.some((text) => text.startsWith('Rolled back: '))).toBe(true);
});

test.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['TERM=dumb', { TERM: 'dumb' }, true, false],
])('%s decides about colours', (_name, env, isTTY, expected) => {
  expect(isColored(env, { write: () => true, isTTY })).toBe(expected);
});

test.each([
  [{ columns: 300, isTTY: true }, {}, 200],
  [{ columns: 60, isTTY: true }, {}, 60],
  [{}, {}, 100],
  [{}, { COLUMNS: '40' }, 80],
])('a stream %j with %j is %d wide', (stream, env, width) => {
  expect(styleOf({ env, stdout: { write: () => true, ...stream } }).width).toBe(width);
});

test('cuts a line on a terminal and none of a pipe', () => {
  const long = line('x'.repeat(90));
  expect(paint(long, plain(80))).toBe(`${'x'.repeat(79)}…`);
  expect(paint(long, { ...plain(80), isCut: false })).toHaveLength(90);
});

test('breaks a text at blanks', () => {
  expect(wrap('one two three', 8, '  ')).toEqual(['one two', '  three']);
  expect(wrap('', 8)).toEqual([]);
});

test('aligns a table by its widest cells', () => {
  const rows = table(['a', 'b'], [['long cell', 'x']]);
  expect(paintAll(rows, plain(80))).toEqual(['a          b', 'long cell  x']);
});

test('draws in place and gives the cursor back', () => {
  let written = '';
  const screen = createScreen({ write: (text) => (written += text), rows: 3 });
  screen.draw(['one', 'two', 'three']);
  screen.draw(['four']);
  screen.close();
  expect(written).toBe(
    '\u001b[?25ltwo\u001b[K\nthree\u001b[K\n\u001b[J' + '\u001b[2A\rfour\u001b[K\n\u001b[J' + '\u001b[?25h',
  );
});
