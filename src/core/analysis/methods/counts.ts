import { kept } from '../rounding';
import { dispersionFactor, startDispersion, stepDispersion, type Dispersion, type Pair } from './dispersion';
import { stepExposure, usualRequests, type Exposure, type UsualSplit } from './usual-split';
import { naturalFactor, stepLoad, type Load, type Natural } from './natural';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';

export type { Pair } from './dispersion';

/** How a pair of bad and all events is judged. */
export type CountRule = Natural & {
  /** The ratio canary to control up to which harm is tolerated. */
  readonly marginRatio: number;
  /** Over-dispersion taken for granted before any is seen, e.g. failed retries of one request. */
  readonly priorDispersion: number;
  /** Whether bad events of one arm in one tick may be retries of one another. */
  readonly hasRetries: boolean;
  /** The split that was declared, where one was: it says more than the few requests of a tick. */
  readonly usual?: UsualSplit;
  /** How long the comparison is planned to last, in seconds. */
  readonly plannedS: number;
  /** Ratios beyond the margin to look for; how many there are is fixed by the start. */
  readonly alternatives: Alternatives;
};

/** Ratios beyond the margin, and their weights, which sum to 1. */
export type Alternatives = { readonly ratios: readonly number[]; readonly weights: readonly number[] };

export type CountState = {
  readonly mixture: Mixture;
  /** Bad events a second of both arms, were the canary like the control; smoothed. */
  readonly rate: number;
  /** The canary's share of the exposure, under the margin, at the last tick. */
  readonly share: number;
  /** What the evidence so far owes to a passing difference between cohorts. */
  readonly load: Load;
  readonly exposure: Exposure;
  readonly blocks: Dispersion;
  readonly placebo: Dispersion;
};

/** From half as many again to an outage. */
export const moreEvents: Alternatives = { ratios: [1.4, 2, 4, 14, 200], weights: [0.14, 0.2, 0.2, 0.2, 0.26] };
/** One tick proves nothing alone of an alternative: it bounds what a single absurd reading can do. */
const mostGain = 500;

/** Below so many events a tick, two of one arm in one tick are more likely one request tried again than two. */
const rareEvents = 0.2;
const manyEvents = 5;
/** Retries fall into the tick of the first failure only where a tick is long enough for them. */
const retryS = 5;

/** 1 where every event counts, 0 where all of one arm and tick count as one; both arms alike, by what is common to both. */
function eachCounts(rate: number, events: number, lengthS: number, { hasRetries }: CountRule): number {
  if (!hasRetries || lengthS < retryS || events >= manyEvents) return 1;
  return Math.min(1, (rate * lengthS) / rareEvents);
}

const counted = (events: number, weight: number): number => (events > 1 ? 1 + (events - 1) * weight : events);

export const startCounts = ({ ratios }: Alternatives = moreEvents): CountState => ({
  mixture: startMixture(ratios.length),
  rate: 0,
  share: 0,
  load: 0,
  exposure: [0, 0],
  blocks: startDispersion(),
  placebo: startDispersion(),
});

/**
 * One tick of the conditional binomial mixture e-process. Given the bad events of both arms, the canary's part is binomial
 * with its share of the exposure, so load, seasons and incidents that hit both arms cancel. Log-likelihood ratios of the
 * ratios above the margin are divided by the dispersion known before the tick (Lindon and Malek 2020, arXiv 2011.03567).
 */
export function stepCounts(
  before: CountState,
  pair: Pair,
  placebo: Pair | undefined,
  time: { readonly atS: number; readonly lengthS: number },
  rule: CountRule,
): CountState {
  const { atS, lengthS } = time;
  const { canaryBad, controlBad, canary, control } = pair;
  const [canaryUsual, controlUsual] = usualRequests(before.exposure, rule.usual);
  const others = control + controlUsual;
  // The usual split says who had the requests, not that there was a control.
  const isComparable = canary + canaryUsual > 0 && control > 0;
  const onset = onsetBy(atS, rule.plannedS) - onsetBy(atS - lengthS, rule.plannedS);
  const exposure = (canary + canaryUsual) * rule.marginRatio;
  const q0 = isComparable ? exposure / (exposure + others) : 0;
  const events = canaryBad + controlBad;
  const fade = Math.min(1, lengthS / Math.max(lengthS, Math.min(atS, rule.naturalS)));
  const rate = isComparable ? kept(before.rate + fade * (controlBad / (1 - q0) / lengthS - before.rate)) : before.rate;
  const each = eachCounts(before.rate, events, lengthS, rule);
  const factor = countDispersion({ ...before, rate, share: q0 }, rule, lengthS, each);
  const [own, other] = [counted(canaryBad, each), counted(controlBad, each)];
  const gains = rule.alternatives.ratios.map((ratio) => {
    if (!isComparable || events === 0) return 0;
    const q = (exposure * ratio) / (exposure * ratio + others);
    const gain = own * Math.log(q / q0) + other * Math.log((1 - q) / (1 - q0));
    return Math.max(-mostGain, Math.min(mostGain, gain / factor));
  });
  return {
    mixture: stepMixture(before.mixture, gains, onset),
    rate,
    share: isComparable ? kept(q0) : before.share,
    load: kept(stepLoad(before.load, factor, rate * q0 * (1 - q0), lengthS, rule)),
    exposure: stepExposure(before.exposure, pair, lengthS, rule.usual),
    blocks: canary > 0 && control > 0 ? stepDispersion(before.blocks, pair, atS) : before.blocks,
    placebo: placebo === undefined ? before.placebo : stepDispersion(before.placebo, placebo, atS),
  };
}

/** ln E that the canary's rate exceeds the control's by more than the margin. */
export const countEvidence = (state: CountState, { weights }: Alternatives = moreEvents): number =>
  logEvidence(state.mixture, weights);

/** The dispersion that a tick of this length is judged with next; `each` is how much of the prior for retries it needs. */
export function countDispersion(state: CountState, rule: CountRule, lengthS: number, each = 1): number {
  const prior = 1 + (rule.priorDispersion - 1) * each;
  const information = state.rate * state.share * (1 - state.share);
  const natural = naturalFactor(state.load, prior, information, lengthS, rule);
  return Math.max(natural, dispersionFactor([state.blocks, state.placebo], prior));
}

/** The same events seen from the other side: whether the canary has too few of them. */
export const otherWay = ({ canaryBad, controlBad, canary, control }: Pair): Pair => ({
  canaryBad: controlBad,
  controlBad: canaryBad,
  canary: control,
  control: canary,
});
