import { sentenceOfDrift, type DriftState } from '../core/drift/drift';
import type { Run } from './run';

/** Keeps what drifted as evidence and tells it to its owners. */
export function createDriftNotes(run: Run, flush: () => void) {
  function tell(effect: string): void {
    const drift = run.state().drifts?.[effect];
    if (drift === undefined) return;
    const fact = `drift/${effect}/${drift.count}${drift.fault === undefined ? '' : '/fault'}`;
    run.notify('held', fact, sentenceOfDrift(drift));
    flush();
  }

  return {
    tell,
    /** Kept and told, unless it was found before a new run began and nobody has answered it yet. */
    note(effect: string, observed: string, answer: DriftState['answer']): void {
      const known = run.state().drifts?.[effect];
      if (known?.observed === observed && known.endedAtMs === undefined && known.fault === undefined) return;
      run.record({ type: 'drift-found', effect, observed, answer });
      tell(effect);
    },
    /** What is found and not answered yet, of one answer. */
    open: (wanted: DriftState['answer']): readonly DriftState[] =>
      Object.values(run.state().drifts ?? {}).filter(
        (drift) => drift.answer === wanted && drift.endedAtMs === undefined,
      ),
    /** It reads as wanted again. */
    over: (effect: string): void => run.record({ type: 'drift-answered', effect }),
    /** What differed in these counts no more: the release sets them anew. */
    forget(keys: readonly string[]): void {
      for (const { effect, endedAtMs } of Object.values(run.state().drifts ?? {}))
        if (keys.includes(effect) && endedAtMs === undefined) run.record({ type: 'drift-answered', effect });
    },
    /** Nobody looks after these any more, and people learn why. */
    unwatched(keys: string, why: string): void {
      run.notify('held', `drift/unwatched/${keys}`, `What ${keys} set is not watched any more: ${why}`);
      flush();
    },
  };
}

export type DriftNotes = ReturnType<typeof createDriftNotes>;
