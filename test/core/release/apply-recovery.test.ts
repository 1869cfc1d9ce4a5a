import { explain } from '../../../src/core/release/explain';
import type { ReleaseEvent } from '../../../src/core/release/events';
import { applyEvent, newRelease, type ReleaseState } from '../../../src/core/release/state';
import { ready, sealed } from './sample';

const apply = (state: ReleaseState, event: ReleaseEvent): ReleaseState => applyEvent(state, { atMs: 5_000, event });
const recovered = (change: Partial<Extract<ReleaseEvent, { type: 'recovered' }>> = {}): ReleaseEvent => ({
  type: 'recovered',
  isJournalWhole: true,
  grant: { firstRunId: 'recovery', mac: 'mac' },
  from: 'history',
  by: 'dee',
  why: 'it was terminated.',
  ...change,
});
const found = ready.reduce(apply, newRelease('cem', 1_000));

test('it goes back with who, why and where its state was found', () => {
  const state = apply(newRelease('dee', 4_000), recovered({ state: found }));
  expect(state).toMatchObject({
    phase: 'RollingBack',
    requestedBy: 'cem',
    grant: { firstRunId: 'recovery' },
    failure: {
      code: 'Recovered',
      by: 'dee',
      reason: 'dee recovered it: it was terminated (its state was found in Temporal)',
    },
  });
  expect(explain(state).sentence).toMatch(/^Rolling back: dee recovered it/);
});

test('an incomplete journal counts everything that its plan could have done, in the order of the plan', () => {
  const state = apply(found, recovered({ isJournalWhole: false, from: 'store' }));
  const planned = sealed.plan.rollback.map(({ effectKey }) => effectKey);
  expect(state.journal.map(({ effect }) => effect)).toEqual(planned);
  expect(Object.keys(state.compensations)).toEqual(planned);
});

test('a whole journal counts only what it holds', () => {
  const begun = apply(found, { type: 'effect-intended', effect: 'expose/shop', title: 'expose' });
  expect(Object.keys(apply(begun, recovered()).compensations)).toEqual(['expose/shop']);
});

test('what it was turned back for before, what was waived and what was proved are begun anew', () => {
  const events: readonly ReleaseEvent[] = [
    { type: 'effect-intended', effect: 'expose/shop', title: 'expose' },
    { type: 'failed', failure: { code: 'NoData', reason: 'no data.' } },
    { type: 'compensation-stuck', effect: 'expose/shop', reason: 'it is away' },
    { type: 'compensation-waived', effect: 'expose/shop', id: '1', by: 'ada', why: 'gone' },
    { type: 'proof-taken', proof: { isRestored: true, lines: [], drift: [] } },
  ];
  const state = apply(events.reduce(apply, found), recovered());
  expect(state.failure?.reason).toMatch(/; it was going back already: no data$/);
  expect(state.compensations).toEqual({ 'expose/shop': { status: 'pending' } });
  expect(state.proof).toBeUndefined();
});
