import fc from 'fast-check';
import type { ReleaseEvent } from '../../../src/core/release/events';
import { applyEvent, newRelease, type ReleaseState } from '../../../src/core/release/state';
import { after, at, atGate, broken, compiled, exposed, failed, holding, ready, startMs } from './sample';

const seed = 20261121;
const said = { id: 'm1', by: 'ada', why: 'fine' };
const pausedAt = (events: readonly ReleaseEvent[]): readonly ReleaseEvent[] => [
  ...events,
  { type: 'paused', ...said, deadlineMs: startMs + 99_000 },
];

it.each<[string, readonly ReleaseEvent[], Partial<ReleaseState> | object]>([
  ['compiled: the stages wait', [compiled], { phase: 'Preparing', stage: undefined }],
  ['refused: nothing began', [{ type: 'refused', refusals: [] }], { phase: 'Refused' }],
  ['snapshot taken: it is on its way', ready, { phase: 'Releasing', rolesMac: 'mac' }],
  ['snapshot taken while turning back: it still turns back', [compiled, failed, ready[1]!], { phase: 'RollingBack' }],
  ['stage started: it is the present one', [...ready, at('deploy')], { stage: 'deploy', stagePausedMs: 0 }],
  [
    'effect intended: the journal holds it',
    [...ready, { type: 'effect-intended', effect: 'e', title: 't' }],
    { journal: [{ effect: 'e', title: 't', state: 'intended', intendedAtMs: startMs + 3_000 }] },
  ],
  [
    'gate opened and reminded: both are counted',
    [...atGate, { type: 'gate-reminded', gate: 'go', escalated: false }],
    { gates: { go: { reminders: 1, approvals: [] } } },
  ],
  [
    'approved: who, when and why are kept',
    [...atGate, { type: 'approved', gate: 'go', ...said }],
    { gates: { go: { approvals: [{ ...said, atMs: startMs + 5_000 }] } }, seenIds: ['m1'] },
  ],
  [
    'rejected: so is that',
    [...atGate, { type: 'rejected', gate: 'go', ...said }],
    { gates: { go: { rejection: { by: 'ada' } } }, seenIds: ['m1'] },
  ],
  [
    'approval of a gate that never opened: only its id is seen',
    [...ready, { type: 'approved', gate: '__proto__', ...said }],
    { gates: {}, seenIds: ['m1'] },
  ],
  [
    'paused: since when, by whom, until when',
    pausedAt(exposed),
    { paused: { by: 'ada', deadlineMs: startMs + 99_000 } },
  ],
  [
    'watch changed: class, reason and since when',
    [...exposed, { type: 'watch-changed', stageId: 'expose-5', class: 'no-data', reason: 'r', verdicts: [] }],
    { watch: { class: 'no-data', reason: 'r', sinceMs: startMs + 7_000 } },
  ],
  [
    'split lost: what is shown instead',
    [...exposed, { type: 'split-lost', observed: '0' }],
    { splitLost: { observed: '0' } },
  ],
  [
    'split restored: no more',
    [...exposed, { type: 'split-lost', observed: '0' }, { type: 'split-restored', detail: 'd' }],
    { splitLost: undefined },
  ],
  [
    'failed: every effect ever intended is to be undone',
    [...exposed, failed],
    {
      phase: 'RollingBack',
      failure: { code: 'GuardrailBroken', stage: 'expose-5' },
      compensations: { 'deploy/shop': { status: 'pending' }, 'expose/shop': { status: 'pending' } },
    },
  ],
  [
    'failed twice: the first reason stands',
    [...exposed, failed, { type: 'failed', failure: { code: 'Aborted', reason: 'later' } }],
    { failure: { code: 'GuardrailBroken' } },
  ],
  [
    'failed while paused: the pause is over',
    [...pausedAt(exposed), failed],
    { paused: undefined, phase: 'RollingBack' },
  ],
  [
    'one compensation stuck: incomplete',
    [...exposed, failed, { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' }],
    { phase: 'RollbackIncomplete', compensations: { 'deploy/shop': { status: 'stuck', detail: 'r' } } },
  ],
  [
    'another verified meanwhile: still incomplete',
    [
      ...exposed,
      failed,
      { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' },
      { type: 'compensation-verified', effect: 'expose/shop', detail: 'd' },
    ],
    { phase: 'RollbackIncomplete' },
  ],
  [
    'the stuck one tried again by itself: rolling back',
    [
      ...exposed,
      failed,
      { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' },
      { type: 'compensation-started', effect: 'deploy/shop' },
    ],
    { phase: 'RollingBack' },
  ],
  [
    'the stuck one retried by a person: rolling back',
    [
      ...exposed,
      failed,
      { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' },
      { type: 'compensation-retried', effect: 'deploy/shop', ...said },
    ],
    { phase: 'RollingBack', seenIds: ['m1'] },
  ],
  [
    'the stuck one waived: rolling back, and by whom',
    [
      ...exposed,
      failed,
      { type: 'compensation-stuck', effect: 'deploy/shop', reason: 'r' },
      { type: 'compensation-waived', effect: 'deploy/shop', ...said },
    ],
    { phase: 'RollingBack', compensations: { 'deploy/shop': { status: 'waived', detail: 'waived by ada: fine' } } },
  ],
  [
    'proof taken: it is kept',
    [...exposed, failed, { type: 'proof-taken', proof: holding }],
    { proof: holding, phase: 'RollingBack' },
  ],
  [
    'promoted: before the end already',
    [...ready, at('promote'), { type: 'stage-done', stageId: 'promote', reason: 'r', verdicts: [] }],
    { phase: 'Promoted' },
  ],
  [
    'failed after the promotion: too late',
    [...ready, at('promote'), { type: 'stage-done', stageId: 'promote', reason: 'r', verdicts: [] }, failed],
    { phase: 'Promoted', failure: undefined },
  ],
  [
    'ended: no present stage',
    [...exposed, failed, { type: 'proof-taken', proof: broken }, { type: 'ended', ending: 'Aborted' }],
    { phase: 'Aborted', stage: undefined, endedAtMs: startMs + 9_000 },
  ],
])('%s', (_fact, events, expected) => {
  const state = after(events);
  const { phase, ...rest } = expected as Partial<ReleaseState>;
  if (phase !== undefined) expect(state.phase).toBe(phase);
  for (const [key, value] of Object.entries(rest))
    if (value === undefined) expect(state).not.toHaveProperty(key);
    else expect(state).toMatchObject({ [key]: value });
});

it('adds the time of a pause to the stage and to the deadline of its gate', () => {
  const state = after([...pausedAt(atGate), { type: 'resumed', ...said, id: 'm2' }]);
  expect(state.stagePausedMs).toBe(1_000);
  expect(state.gates['go']?.deadlineMs).toBe(startMs + 14_400_000 + 1_000);
  expect(after([...pausedAt(exposed), { type: 'resumed', ...said, id: 'm2' }]).stagePausedMs).toBe(1_000);
});

const keys = fc.constantFrom('deploy/shop', 'expose/shop', 'proof', '__proto__', 'toString');
const id = fc.constantFrom('a', 'b', 'c', 'd', '__proto__');
const message = fc.record({ id, by: fc.constantFrom('ada', 'bob'), why: fc.constant('w') });
const gate = fc.constantFrom('go', 'other', 'constructor');
const anyEvent: fc.Arbitrary<ReleaseEvent> = fc.oneof(
  fc.constantFrom<ReleaseEvent>(
    compiled,
    ready[1]!,
    failed,
    { type: 'ended', ending: 'Promoted' },
    { type: 'ended', ending: 'RolledBack' },
    { type: 'proof-taken', proof: broken },
    { type: 'refused', refusals: [] },
    { type: 'split-lost', observed: 'o' },
    { type: 'split-restored', detail: 'd' },
    { type: 'message-refused', message: 'approve', by: 'eve', reason: 'r' },
    { type: 'stage-done', stageId: 'promote', reason: 'r', verdicts: [] },
  ),
  fc.constantFrom('deploy', 'gate-go', 'expose-5', 'promote').map(at),
  keys.map((effect): ReleaseEvent => ({ type: 'effect-intended', effect, title: 't' })),
  keys.map((effect): ReleaseEvent => ({ type: 'compensation-started', effect })),
  keys.map((effect): ReleaseEvent => ({ type: 'compensation-stuck', effect, reason: 'r' })),
  fc.tuple(keys, message).map(([effect, of]): ReleaseEvent => ({ type: 'compensation-waived', effect, ...of })),
  fc.tuple(gate, message).map(([name, of]): ReleaseEvent => ({ type: 'approved', gate: name, ...of })),
  gate.map((name): ReleaseEvent => ({
    type: 'gate-opened',
    gate: name,
    deadlineMs: 1,
    pack: { planDigest: 'd', verdicts: [] },
  })),
  message.map((of): ReleaseEvent => ({ type: 'paused', ...of, deadlineMs: 1 })),
  message.map((of): ReleaseEvent => ({ type: 'resumed', ...of })),
);

it('holds its promises whatever happens in whatever order', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 300 }), (events) => {
      let state = newRelease('cem', 0);
      for (const [index, event] of events.entries()) {
        const next = applyEvent(state, { atMs: index, event });
        if (state.endedAtMs !== undefined) {
          expect([next.phase, next.endedAtMs, next.compensations]).toEqual([
            state.phase,
            state.endedAtMs,
            state.compensations,
          ]);
        }
        expect(next.seenIds.slice(0, state.seenIds.length)).toEqual(state.seenIds);
        expect(new Set(next.seenIds).size).toBe(next.seenIds.length);
        expect(next.refusedMessages.length).toBeLessThanOrEqual(100);
        expect(next.refusedMessageCount).toBeGreaterThanOrEqual(state.refusedMessageCount);
        if (state.failure !== undefined) expect(next.failure).toEqual(state.failure);
        if (state.phase === 'Promoted' && state.endedAtMs === undefined && event.type === 'failed')
          expect(next.failure).toBeUndefined();
        state = next;
      }
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
    { seed, numRuns: 300 },
  );
});
