import type { ExposeStage } from '../plan/stages';
import { growth } from './engine';
import { splitEvidence, startSplit, stepSplit, type SplitState } from './methods/split';
import { alphaSplit } from './risk';
import type { Reading, Tally, Verdict } from './types';

/** Whether the requests of one stage are split as it was set. */
export type WatchedSplit = {
  readonly fromMs: number;
  readonly atMs: number;
  readonly read: Tally;
  readonly state: SplitState;
};

export type SplitLook = {
  readonly atMs: number;
  /** The proxy's counters by role. */
  readonly counts: Reading;
  /** Whether the proxy shows the weights that were set. */
  readonly isAsWanted: boolean;
  readonly stage: Pick<ExposeStage, 'canaryPercent' | 'bakeMs' | 'cohorts' | 'isByIdentity'>;
};

const tickMs = 1_000;
/** Requests that were under way at a shift are counted after it. */
const settleMs = 2_000;
/** What came to pass while nobody looked for longer, as between two workers, may have had other weights or a slot that was down. */
const longestGapMs = 3_000;

/** The split with one more look; begins anew after each stretch in which the weights were not those that were set. */
export function followWatchedSplit(before: WatchedSplit | undefined, look: SplitLook): WatchedSplit | undefined {
  const { atMs, counts, stage } = look;
  // Whose requests are many and who belongs to a cohort is not known: their shares of requests are not the shares of users.
  const isByUsers = stage.cohorts !== undefined || stage.isByIdentity === true;
  if (!look.isAsWanted || isByUsers || stage.canaryPercent >= 100) return undefined;
  if (counts.kind !== 'counts') return before;
  const read: Tally = { baseline: counts.baseline, canary: counts.canary };
  if (before === undefined || atMs < before.atMs) return { fromMs: atMs, atMs, read, state: startSplit() };
  if (atMs - before.fromMs < settleMs) return { ...before, atMs, read };
  if (atMs - before.atMs < tickMs) return before;
  if (atMs - before.atMs > longestGapMs) return { ...before, atMs, read };
  const { baseline, canary } = growth(before.read, read);
  const time = { atS: (atMs - before.fromMs) / 1_000, lengthS: (atMs - before.atMs) / 1_000 };
  const share = { canary: stage.canaryPercent / 100, others: 1 - stage.canaryPercent / 100 };
  const grown = { canary: canary.total, others: baseline.total };
  return { ...before, atMs, read, state: stepSplit(before.state, grown, share, time, stage.bakeMs / 1_000) };
}

/** No verdict while the split is right; where it is off the comparison is not fair, and nothing passes. */
export function judgeSplit(split: WatchedSplit | undefined, stages: number): readonly Verdict[] {
  if (split === undefined) return [];
  const { log, way } = splitEvidence(split.state);
  if (log < -Math.log(alphaSplit / Math.max(1, stages))) return [];
  return [
    {
      metric: 'traffic-split',
      value: 'inconclusive',
      guardrail: false,
      reason: `traffic-split: the canary gets ${way} requests than its share, so the comparison is not fair`,
    },
  ];
}
