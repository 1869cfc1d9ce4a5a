import { without } from '../without';
import { clause } from './clause';
import type { ReleaseEvent } from './events';
import type { JournalEntry, ReleaseState } from './state';

type Recovered = Extract<ReleaseEvent, { type: 'recovered' }>;

const sources: { readonly [S in Recovered['from']]: string } = {
  history: 'its state was found in Temporal',
  'earlier-run': 'its last run says nothing, so its state is that of the run before it',
  store: 'its state was found in the store',
  reset: 'a run that was reset never goes forward',
};

/** Everything the plan could have done: an undo of what never happened finds nothing to do. */
function wholeJournal(state: ReleaseState, atMs: number): readonly JournalEntry[] {
  const known = new Set(state.journal.map(({ effect }) => effect));
  const rest = (state.sealed?.plan.rollback ?? []).filter(({ effectKey }) => !known.has(effectKey));
  return [
    ...state.journal,
    ...rest.map(({ effectKey, title }): JournalEntry => ({
      effect: effectKey,
      title: `may have happened (${title})`,
      state: 'intended',
      intendedAtMs: atMs,
    })),
  ];
}

/** A release that its own run can no longer undo turns back in this one, whatever it was doing. */
export function applyRecovery(state: ReleaseState, event: Recovered, atMs: number): ReleaseState {
  const found = event.state ?? state;
  const rest = without(
    without(without(without(without(without(found, 'failure'), 'paused'), 'splitLost'), 'watch'), 'proof'),
    'endedAtMs',
  );
  const journal = event.isJournalWhole ? found.journal : wholeJournal(found, atMs);
  const before = found.failure === undefined ? '' : `; it was going back already: ${clause(found.failure.reason)}`;
  return {
    ...rest,
    phase: 'RollingBack',
    refusals: [],
    grant: event.grant,
    // Nobody guards users meanwhile: they go back at once.
    wayBack: { mode: 'emergency', toldCount: 0 },
    journal,
    failure: {
      code: 'Recovered',
      reason: `${event.by} recovered it: ${clause(event.why)} (${sources[event.from]})${before}`,
      by: event.by,
      atMs,
      verdicts: found.watch?.verdicts ?? [],
      ...(found.stage === undefined ? {} : { stage: found.stage }),
    },
    compensations: Object.fromEntries(journal.map(({ effect }) => [effect, { status: 'pending' }] as const)),
  };
}
