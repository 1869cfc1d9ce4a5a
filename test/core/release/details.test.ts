import fc from 'fast-check';
import { renderDetails } from '../../../src/core/release/details';
import type { ReleaseEvent } from '../../../src/core/release/events';
import type { ReleaseState } from '../../../src/core/release/state';
import { after, at, broken, exposed, failed, ready, sealed } from './sample';

const stagesCount = 200;

/** A release with very many stages, each with a title and a reason. */
function longRelease(text: string, ...more: readonly ReleaseEvent[]): ReleaseState {
  const stages = Array.from({ length: stagesCount }, (_none, index) => ({
    kind: 'check' as const,
    id: `check-${index}`,
    title: text,
  }));
  const long: ReleaseEvent = { type: 'compiled', sealed: { ...sealed, plan: { ...sealed.plan, stages } } };
  const done = stages.map(({ id }): ReleaseEvent => ({ type: 'stage-done', stageId: id, reason: text, verdicts: [] }));
  return after([long, ...ready.slice(1), ...done, ...more]);
}

/** Cells of the rows of a table; an escaped pipe ends none. */
const widths = (text: string): readonly number[] =>
  text
    .split('\n')
    .filter((row) => row.startsWith('| '))
    .map((row) => row.replaceAll('\\|', '').split('|').length);

it.each<[string, ReleaseState]>([
  ['short', longRelease('x')],
  ['long', longRelease('a long reason '.repeat(20))],
  ['of three bytes each', longRelease('漢字'.repeat(100))],
  ['beyond 16 bits', longRelease('🚀'.repeat(300))],
  ['huge', longRelease('x'.repeat(100_000))],
])('stays below 20,000 bytes with 200 stages whose texts are %s, and still says what one can do', (_what, state) => {
  const text = renderDetails(state);
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  expect(text).toMatch(/spillway abort shop/);
  expect(new Set(widths(text))).toEqual(new Set([8]));
});

it('stays below 20,000 bytes for a huge reason and a huge proof', () => {
  const text = renderDetails(
    longRelease(
      'x',
      { type: 'failed', failure: { code: 'Aborted', reason: '漢'.repeat(50_000) } },
      { type: 'proof-taken', proof: { ...broken, lines: Array(5_000).fill(broken.lines[0]) } },
    ),
  );
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  expect(text).toMatch(/^\*\*Rolling back: 漢+….*\*\*\n/);
});

it('shows all stages where they fit', () => {
  const text = renderDetails(longRelease('x'));
  expect(text.match(/\| ✔ \| check-/g)?.length).toBe(stagesCount);
});

it('lets no text of a person or a target break a table or begin a heading', () => {
  const hostile = fc.constantFrom('a|b', 'a\n| x | y |', '\r\n# Approved', 'a\u2028b', '||', '\n\n', 'plain');
  fc.assert(
    fc.property(hostile, hostile, hostile, (one, two, three) => {
      const state = after([
        ...exposed,
        { type: 'stage-done', stageId: 'deploy', reason: one, verdicts: [] },
        {
          type: 'failed',
          failure: { code: 'Aborted', reason: two },
          verdicts: [{ metric: three, value: 'fail', guardrail: true, reason: one }],
        },
        { type: 'compensation-stuck', effect: 'deploy/shop', reason: three },
        { type: 'compensation-stuck', effect: two, reason: one },
        {
          type: 'proof-taken',
          proof: { ...broken, lines: [{ object: one, expected: two, observed: three, isEqual: false }] },
        },
      ]);
      const text = renderDetails(state);
      expect(text).not.toMatch(/^# /m);
      const tables = text.split('\n\n').map((part) => new Set(widths(part)).size);
      expect(Math.max(...tables)).toBe(1);
    }),
    { seed: 20261121 },
  );
});

it('asks nothing of anybody once it has ended', () => {
  const ended = after([...ready, at('deploy'), failed, { type: 'ended', ending: 'RolledBack' }]);
  expect(renderDetails(ended)).not.toMatch(/What you can do/);
});

it('names what the proof could not show, and never as good', () => {
  const notShown = [{ object: 'guardrail p95 of the baseline', expected: 'in band for 5s', why: 'could not be read' }];
  const proof = { isRestored: true, lines: [], drift: [], notShown };
  const ended = after([
    ...ready,
    at('deploy'),
    failed,
    { type: 'proof-taken', proof },
    { type: 'ended', ending: 'RolledBack' },
  ]);
  const text = renderDetails(ended);
  expect(text).toContain('| ? | guardrail p95 of the baseline | in band for 5s | not shown: could not be read |');
  expect(text).toContain(
    'the baseline is proved restored; not shown: guardrail p95 of the baseline: could not be read',
  );
});

it('names a kill switch that was left as somebody else threw it', () => {
  const effect = 'flag/switches/stop-checkout';
  const line = { effect, object: 'flag switches/stop-checkout', expected: 'true', observed: 'false', isEqual: false };
  const ended = after([
    ...ready,
    { type: 'effect-intended', effect, title: 'set' },
    failed,
    {
      type: 'compensation-verified',
      effect,
      detail: 'left as somebody else threw it',
      left: { observed: 'false', before: 'true' },
    },
    { type: 'proof-taken', proof: { isRestored: true, lines: [], drift: [], left: [line] } },
    { type: 'ended', ending: 'RolledBack' },
  ]);
  const text = renderDetails(ended);
  expect(text).toContain(`| ${effect} | left | left as somebody else threw it |`);
  expect(text).toContain('### Proof: the baseline is restored, but for what somebody else threw');
  expect(text).toContain('| ! | flag switches/stop-checkout | true | false, left as somebody else threw it |');
});

it('calls a kill switch undone again that was left before and then put back', () => {
  const effect = 'flag/switches/stop-checkout';
  const left = { observed: 'false', before: 'true' };
  const events = [...ready, { type: 'effect-intended', effect, title: 'set' } as const, failed];
  const verified = { type: 'compensation-verified', effect, detail: 'd' } as const;
  expect(after([...events, { ...verified, left }]).compensations[effect]?.left).toEqual(left);
  expect(after([...events, { ...verified, left }, verified]).compensations[effect]).not.toHaveProperty('left');
});
