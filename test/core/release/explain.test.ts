import type { ReleaseEvent } from '../../../src/core/release/events';
import { explain } from '../../../src/core/release/explain';
import type { WatchClass } from '../../../src/core/release/messages';
import { newRelease } from '../../../src/core/release/state';
import { after, at, atGate, broken, compiled, exposed, failed, holding, ready, startMs } from './sample';

const said = { id: 'm1', by: 'ada', why: 'lunch' };
const watch = (change: WatchClass): ReleaseEvent => ({
  type: 'watch-changed',
  stageId: 'expose-5',
  class: change,
  reason: `http-errors says ${change}`,
  verdicts: [],
});
const stuck: readonly ReleaseEvent[] = [
  ...exposed,
  failed,
  { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'disk full' },
];
const promoted: readonly ReleaseEvent[] = [
  ...ready,
  at('promote'),
  { type: 'stage-done', stageId: 'promote', reason: 'r', verdicts: [] },
];
const refused: ReleaseEvent = {
  type: 'refused',
  refusals: [{ code: 'policy-floor', kind: 'denied', message: 'Bake at least 10m', fix: 'Bake longer' }],
};

it.each<[string, readonly ReleaseEvent[], RegExp]>([
  [
    'before the plan',
    [],
    /^Preparing: checking the plan and the targets, since .*; next: the first stage; anyone may abort/,
  ],
  ['after the plan', [compiled], /^Preparing: .*spillway abort shop/],
  ['applying', [...ready, at('expand')], /^Working: Expand the schema, .*; next: Backfill the data; anyone may abort/],
  [
    'checking',
    [...ready, at('check')],
    /^Working: Check the canary before any user is sent to it, .*; next: Send 5 % of requests/,
  ],
  ['promoting', [...ready, at('promote')], /^Working: Promote: the slots change roles, .*; next: the end;/],
  [
    'at a gate',
    atGate,
    /^Waiting for approval: gate go needs 2 approvals of leads \(has 0\), .*; next: .* or at 2026-01-01 04:00:00 UTC it rolls back; ada, bob may approve \(spillway approve shop go\)/,
  ],
  [
    'at a gate without evidence',
    [...atGate, watch('no-data')],
    /^Held at a gate: http-errors says no-data; gate go needs 2/,
  ],
  [
    'paused',
    [...exposed, { type: 'paused', ...said, deadlineMs: startMs }],
    /^Paused: ada paused it \(lunch\), .*; next: rolls back at 2026-01-01 00:00:00 UTC unless resumed; anyone may resume/,
  ],
  ['exposed, not seen yet', exposed, /^Exposed at 5 %: baking for 10m, .* at the earliest; anyone may abort/],
  ['baking', [...exposed, watch('baking')], /^Exposed at 5 %: http-errors says baking/],
  [
    'ready to advance',
    [...exposed, watch('advance')],
    /^Exposed at 5 %: http-errors says advance, .*; next: Wait for approval `go`;/,
  ],
  [
    'held for data',
    [...exposed, watch('no-data')],
    /^Held at 5 %: http-errors says no-data, .*; next: goes on when there is evidence, or rolls back at/,
  ],
  [
    'held for a baseline that does not answer',
    [...exposed, watch('baseline-silent')],
    /^Held at 5 %: http-errors says baseline-silent, .*; next: goes on when the baseline answers again; .*; whoever runs the baseline mends it; anyone may abort/,
  ],
  [
    'at a gate beside a baseline that does not answer',
    [...atGate, watch('baseline-silent')],
    /^Held at a gate: http-errors says baseline-silent; gate go needs 2/,
  ],
  [
    'rolling back to a baseline that does not answer',
    [...exposed, watch('baseline-silent'), failed],
    /^Rolling back: http-errors 12 % above 1 %; when it turned back http-errors says baseline-silent, since/,
  ],
  [
    'held for a baseline without capacity',
    [...exposed, watch('baseline-capacity')],
    /^Held at 5 %: http-errors says baseline-capacity, .*; next: goes on when the baseline has its capacity again; .*; whoever runs the baseline gives/,
  ],
  [
    'rolling back to a baseline without capacity',
    [...exposed, watch('baseline-capacity'), failed],
    /^Rolling back: http-errors 12 % above 1 %; when it turned back http-errors says baseline-capacity, since/,
  ],
  ['held for evidence', [...exposed, watch('evidence')], /^Held at 5 %: http-errors says evidence/],
  [
    'weights lost',
    [...exposed, { type: 'split-lost', observed: '0 %' }],
    /^Exposed at 5 %: the proxy lost its weights \(0 %\), .*; next: they are set again/,
  ],
  ['in the window', [...ready, at('expose-full')], /^In the rollback window: baking for 30m/],
  [
    'rolling back',
    [...exposed, failed],
    /^Rolling back: http-errors 12 % above 1 %, .*; next: undo deploy\/shop, expose\/shop, then the proof; nothing is asked of anybody/,
  ],
  ['proving', [...ready, failed], /^Rolling back: .*; next: the proof that the baseline is restored/],
  [
    'stuck',
    stuck,
    /^Rollback incomplete, act now: deploy\/shop is stuck \(disk full\), .*; Cora: spillway retry, continue or waive shop/,
  ],
  ['promoted, not over', promoted, /^Promoted: shop 2.0.0 serves everyone, .*nothing turns it back any more/],
  [
    'promoted',
    [...promoted, { type: 'ended', ending: 'Promoted' }],
    /^Promoted: .*; next: contract waits for its own approval; the lock is free/,
  ],
  [
    'refused',
    [refused, { type: 'ended', ending: 'Refused' }],
    /^Refused: Bake at least 10m, .*; next: nothing was changed; mend it and start again/,
  ],
  [
    'rolled back',
    [...exposed, failed, { type: 'proof-taken', proof: holding }, { type: 'ended', ending: 'RolledBack' }],
    /^Rolled back: http-errors .*; next: nothing: the baseline is proved restored;/,
  ],
  ['aborted untouched', [failed, { type: 'ended', ending: 'Aborted' }], /^Aborted: .*nothing had been changed/],
  [
    'waived without proof',
    [
      ...exposed,
      failed,
      { type: 'proof-taken', proof: broken },
      { type: 'compensation-stuck', effect: 'proof', reason: 'schema orders differs' },
      { type: 'compensation-waived', effect: 'proof', ...said },
      { type: 'ended', ending: 'Aborted' },
    ],
    /^Aborted: .*the proof does not hold and was waived; not as before: schema orders/,
  ],
])('explains itself in one sentence: %s', (_where, events, sentence) => {
  const explained = explain(after(events));
  expect(explained.sentence).toMatch(sentence);
  expect(explained.sentence).not.toMatch(/unknown|undefined|NaN|null/);
  expect(explained.sentence.endsWith('.')).toBe(true);
  for (const part of [explained.state, explained.why, explained.next, explained.who]) {
    expect(part.length).toBeGreaterThan(2);
    expect(explained.sentence).toContain(part);
  }
  expect(explained.sinceMs).toBeGreaterThanOrEqual(startMs);
});

it('names no code of a failure, but its reason', () => {
  for (const code of [
    'NoData',
    'GateRejected',
    'GateExpired',
    'PauseExpired',
    'EffectFailed',
    'CheckFailed',
    'WatchFailed',
    'Aborted',
  ] as const) {
    const state = after([...exposed, { type: 'failed', failure: { code, reason: `because of ${code} things` } }]);
    expect(explain(state).why).toBe(`because of ${code} things`);
  }
  expect(explain(newRelease('cem', startMs)).state).toBe('Preparing');
});
