import type { Limit } from '../descriptor/limit';
import { binomialUpperTail, hypergeometricUpperTail } from './binomial';
import type { Counts, MetricState, SplitTally } from './types';
import { expectedCanaryBad, sumWindows, windowsMs } from './windows';

/** The canary must also stand out beside the baseline of the same moment; these only make alarms rarer. */
const concurrentAlpha = 1e-4;
/** Bad answers of the baseline hint at an incident that hits both arms, so the canary must stand out more. */
const incidentAlpha = 1e-5;
/** A holdback has few requests: a stricter test would find nothing for minutes. */
const holdbackAlpha = 2e-3;
const leastBad = 3;
const leastRequests = 5;
/** A multiple of nearly nothing is still nearly nothing. */
const factorFloor = 0.001;

/** Who the canary is compared with: the baseline beside it, a small holdback, or only its rates of an earlier stage. */
export type Comparison = 'baseline' | 'holdback' | 'frozen';

/** The stretch of time in which the canary was worse than chance explains. */
export type Breach = {
  /** Undefined: the whole stage. */
  readonly windowMs?: number;
  readonly tally: SplitTally;
  readonly limit: number;
};

export const shareOf = ({ total, bad }: Counts): number => (total <= 0 && bad <= 0 ? 0 : bad / Math.max(total, bad));

/** The greatest share the limit allows beside a baseline with this share. */
export function allowedShare(limit: Limit, baselineShare: number): number {
  switch (limit.kind) {
    case 'absolute':
      return limit.share;
    case 'margin':
      return Math.min(1, baselineShare + limit.share);
    case 'factor':
      return Math.min(1, Math.max(baselineShare * limit.factor, factorFloor));
  }
}

/** Above the true share in all but one of a thousand draws, also where the draws were few or none was bad. */
const upperShare = ({ total, bad }: Counts): number =>
  Math.min(1, (bad + 3.8 + 3.1 * Math.sqrt(bad + 1)) / Math.max(1, total + 2));

/** The first window, shortest first and the stage last, in which the limit is surely broken. */
export function findBreach(
  metric: MetricState,
  test: { readonly limit: Limit; readonly comparison: Comparison; readonly nowMs: number; readonly level: number },
): Breach | undefined {
  const { limit, comparison } = test;
  if (metric.stage.canary.bad < leastBad && metric.slices.every((slice) => slice[4] === 0)) return undefined;

  const windows = sumWindows(metric.slices, test.nowMs);
  const allowed = allowedShare(limit, referenceShare(metric, comparison, windows.at(-1)?.baseline));
  const { open, expectedCanaryBad: expected, ...stage } = metric.stage;
  const stageTally = { ...stage, expectedCanaryBad: expected + expectedCanaryBad(open) };
  const isBroken = (tally: SplitTally): boolean =>
    isAboveReference(tally.canary, allowed, test.level) &&
    (limit.kind === 'absolute' || comparison === 'frozen' || isAboveBaseline(tally, comparison));

  const index = windows.findIndex(isBroken);
  const [tally, windowMs] = [windows[index], windowsMs[index]];
  if (tally !== undefined && windowMs !== undefined) return { windowMs, tally, limit: allowed };
  return isBroken(stageTally) ? { tally: stageTally, limit: allowed } : undefined;
}

/** The baseline's share, rather too high than too low: over the whole release, or over the last half minute if worse. */
function referenceShare(metric: MetricState, comparison: Comparison, recent: Counts | undefined): number {
  if (comparison === 'frozen') return upperShare(metric.frozen ?? metric.whole.baseline);
  const recentShare = recent === undefined || recent.bad === 0 ? 0 : (recent.bad + 1) / (recent.total + 2);
  return Math.max(upperShare(metric.whole.baseline), Math.min(1, recentShare));
}

function isAboveReference({ total, bad }: Counts, allowed: number, level: number): boolean {
  const [successes, trials] = [Math.floor(bad), Math.ceil(Math.max(total, bad))];
  if (successes < leastBad || trials < leastRequests || successes <= trials * allowed) return false;
  return binomialUpperTail({ successes, trials, chance: allowed }, level) < level;
}

/** Given how many answers were bad in both arms, is it surely no accident that so many of them are the canary's? */
function isAboveBaseline({ baseline, canary, expectedCanaryBad }: SplitTally, comparison: Comparison): boolean {
  const besideAlpha = baseline.bad === 0 ? concurrentAlpha : incidentAlpha;
  const alpha = comparison === 'holdback' ? holdbackAlpha : besideAlpha;
  const marked = Math.ceil(baseline.bad + canary.bad);
  const requests = Math.max(canary.total, canary.bad);
  const population = Math.ceil(requests + Math.max(baseline.total, baseline.bad));
  // Where the split changed inside the window, the canary's share of the *bad* moments counts, not of all.
  const split = Math.max(requests / population, expectedCanaryBad / marked);
  const drawn = Math.min(population, Math.ceil(population * split - 1e-6));
  const successes = Math.floor(canary.bad);
  return hypergeometricUpperTail({ successes, drawn, marked, population }, alpha) < alpha;
}
