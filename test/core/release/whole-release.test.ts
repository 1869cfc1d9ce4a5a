import fc from 'fast-check';
import type { Stage } from '../../../src/core/plan/stages';
import { renderDetails } from '../../../src/core/release/details';
import type { ReleaseEvent } from '../../../src/core/release/events';
import { explain } from '../../../src/core/release/explain';
import { reportOf } from '../../../src/core/release/report';
import { broken, after, holding, ready, sealed, startMs } from './sample';

const said = (id: string) => ({ id, by: id.startsWith('b') ? 'bob' : 'ada', why: 'because.\n' });
const { stages } = sealed.plan;

function inside(stage: Stage): readonly ReleaseEvent[] {
  switch (stage.kind) {
    case 'gate':
      return [
        {
          type: 'gate-opened',
          gate: stage.gate.name,
          deadlineMs: startMs + 9e6,
          pack: { planDigest: '', verdicts: [] },
        },
        { type: 'message-refused', message: 'approve', by: 'eve', reason: 'eve is not in leads' },
        { type: 'gate-reminded', gate: stage.gate.name, escalated: false },
        { type: 'approved', gate: stage.gate.name, ...said(`a-${stage.id}`) },
        { type: 'approved', gate: stage.gate.name, ...said(`b-${stage.id}`) },
      ];
    case 'expose':
      return [
        { type: 'effect-intended', effect: 'expose/shop', title: 'Expose' },
        { type: 'effect-done', effect: 'expose/shop', detail: `${stage.canaryPercent} %` },
        ...(['baking', 'no-data', 'evidence', 'advance'] as const).map((is): ReleaseEvent => ({
          type: 'watch-changed',
          stageId: stage.id,
          class: is,
          reason: `http-errors: ${is}.`,
          verdicts: [],
        })),
        { type: 'paused', ...said(`p-${stage.id}`), deadlineMs: startMs + 9e6 },
        { type: 'resumed', ...said(`r-${stage.id}`) },
        { type: 'split-lost', observed: 'blue 0 %, green 0 %' },
        { type: 'split-restored', detail: 'set again' },
      ];
    case 'apply':
      return stage.effects.flatMap((effect): readonly ReleaseEvent[] => [
        { type: 'effect-intended', effect, title: effect },
        { type: 'effect-done', effect, detail: 'done' },
      ]);
    default:
      return [];
  }
}

const forward: readonly ReleaseEvent[] = [
  ...ready,
  ...stages.flatMap((stage): readonly ReleaseEvent[] => [
    { type: 'stage-started', stageId: stage.id },
    ...inside(stage),
    { type: 'stage-done', stageId: stage.id, reason: 'as wanted', verdicts: [] },
  ]),
];
const whole: readonly ReleaseEvent[] = [...forward, { type: 'ended', ending: 'Promoted' }];

/** From any point on: turned back, one undo stuck and decided, proved or waived, ended. */
function backFrom(length: number, isProved: boolean): readonly ReleaseEvent[] {
  const begun = whole.slice(0, length);
  const keys = after(begun).journal.map(({ effect }) => effect);
  return [
    ...begun,
    { type: 'failed', failure: { code: 'Aborted', reason: 'dee aborted it:\nenough.', by: 'dee' } },
    ...keys.flatMap((effect, index): readonly ReleaseEvent[] => [
      { type: 'compensation-started', effect },
      { type: 'compensation-stuck', effect, reason: 'disk is full.' },
      { type: 'compensation-retried', effect, ...said(`a-retry-${index}`) },
      { type: 'compensation-started', effect },
      { type: 'compensation-verified', effect, detail: 'as before' },
    ]),
    { type: 'proof-taken', proof: isProved ? holding : broken },
    ...(isProved
      ? []
      : ([
          { type: 'compensation-stuck', effect: 'proof', reason: 'schema orders: expected d1, found d9' },
          { type: 'compensation-waived', effect: 'proof', ...said('a-waive') },
        ] as const)),
    { type: 'ended', ending: 'Aborted' },
  ];
}

/** State, why, since when, what next, who: in one line, with nothing in it that only a program says. */
function expectFullSentence(events: readonly ReleaseEvent[]): void {
  const found = explain(after(events));
  expect(found.sentence).toMatch(
    /^[A-Z][a-z0-9 %,]+: \S.*[^. ], since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; next: \S.*[^. ]; .*[^. ]\.$/,
  );
  expect(found.sentence).not.toMatch(/undefined|unknown|NaN|null|Infinity|\[object|RELEASE|[a-z]\.[,;]/);
  expect(found.sinceMs).toBeGreaterThanOrEqual(startMs);
  for (const part of [found.state, found.why, found.next, found.who]) expect(part).toMatch(/\S{2}/);
}

it('says one full sentence after each event of a whole release', () => {
  for (let length = 1; length <= whole.length; length += 1) expectFullSentence(whole.slice(0, length));
});

it('walks through every kind of stage and to both ends', () => {
  expect([...new Set(stages.map(({ kind }) => kind))].sort()).toEqual([
    'apply',
    'check',
    'expose',
    'gate',
    'promote',
    'verify',
  ]);
  expect(after(whole)).toMatchObject({ phase: 'Promoted', refusedMessageCount: 2 });
  expect(after(whole).stages.every(({ state }) => state === 'done')).toBe(true);
});

it('says one full sentence after each event of a way back, from wherever it turned', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: forward.length - 1 }), fc.boolean(), (length, isProved) => {
      const events = backFrom(length, isProved);
      for (let to = length; to <= events.length; to += 1) expectFullSentence(events.slice(0, to));
      const { sentence } = explain(after(events));
      expect(sentence.includes('the baseline is proved restored')).toBe(isProved);
    }),
    { seed: 20261121, numRuns: 20 },
  );
});

it.each<[string, readonly ReleaseEvent[], object]>([
  ['Promoted', whole, { ending: 'Promoted', failure: null, undone: [], proof: null }],
  ['Aborted', backFrom(20, true), { ending: 'Aborted', failure: { code: 'Aborted', by: 'dee' }, proof: holding }],
  ['waived', backFrom(20, false), { ending: 'Aborted', proof: broken }],
])('a release that ended %s reports all of it in plain JSON', (_what, events, expected) => {
  const report = reportOf(after(events));
  expect(report).toMatchObject({
    ...expected,
    service: 'shop',
    planDigest: 'sha256:abc',
    tookMs: events.length * 1_000,
  });
  expect(report.sentence).toBe(explain(after(events)).sentence);
  expect(report.stages).toHaveLength(stages.length);
  for (const { tookMs } of report.stages) expect(tookMs === null || tookMs > 0).toBe(true);
  for (const { status, afterMs } of report.undone) expect([status, (afterMs ?? 0) > 0]).not.toContain(false);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it('shows its details after each event, within what Temporal shows', () => {
  for (const events of [whole, backFrom(forward.length - 1, false)])
    for (let length = 0; length <= events.length; length += 5)
      expect(Buffer.byteLength(renderDetails(after(events.slice(0, length))))).toBeLessThan(20_000);
});
