import { tickWatch, type WatchRules } from '../activities/observe/watch';
import { newWatch, type WatchState } from '../activities/observe/watch-state';
import type { Decision, Verdict } from '../core/analysis/types';
import type { RecordedSample } from './recorded-sample';

/** Where the watch decided anew: what it says now beside what was recorded then. */
export type ReplayedDecision = {
  readonly atMs: number;
  readonly stage: string;
  readonly action: Decision['action'];
  readonly reason: string;
  readonly recorded: Decision['action'];
  readonly recordedReason: string;
};

export type ReplayedWatch = {
  readonly looks: number;
  readonly decisions: readonly ReplayedDecision[];
  /** Of the last look. */
  readonly verdicts: readonly Verdict[];
  /** Looks that never reached the store, and rows that this version cannot read. */
  readonly lost: number;
  readonly unreadable: number;
};

/** Looks further apart than this were not watched, and bake nothing. */
const longestLookMs = 30_000;

/**
 * Watches recorded looks again with the code of the live watch. Exposure and time are as recorded; after the first
 * rollback nothing is judged, because from there on the users would have been elsewhere.
 */
export function replayWatch(samples: readonly RecordedSample[], rules: WatchRules): ReplayedWatch {
  let state: WatchState = newWatch(0);
  let lastMs: number | undefined;
  let lastKey = '';
  let [looks, lost, unreadable] = [0, 0, 0];
  let verdicts: readonly Verdict[] = [];
  const decisions: ReplayedDecision[] = [];
  for (const sample of samples) {
    if (sample.kind === 'gap') lost += sample.lost;
    if (sample.kind === 'unreadable') unreadable += 1;
    if (sample.kind !== 'look') continue;
    const { atMs, proxy, others, decided } = sample;
    const begunIndex = rules.stages.findIndex(({ id }) => id === sample.stage);
    const sinceMs = lastMs === undefined ? 0 : Math.max(0, atMs - lastMs);
    const elapsedMs = sinceMs > longestLookMs ? 0 : sinceMs;
    const result = tickWatch(state, rules, { atMs, elapsedMs, begunIndex, proxy, others });
    [state, lastMs, verdicts, looks] = [result.state, atMs, result.verdicts, looks + 1];
    const { decision, view } = result;
    const why = decision.action === 'hold' ? decision.why : '';
    const key = `${view.stageId} ${decision.action} ${why} ${decided.action}`;
    if (key !== lastKey)
      decisions.push({
        atMs,
        stage: view.stageId,
        action: decision.action,
        reason: decision.reason,
        recorded: decided.action,
        recordedReason: decided.reason,
      });
    lastKey = key;
    if (decision.action === 'roll-back') break;
  }
  return { looks, decisions, verdicts, lost, unreadable };
}
