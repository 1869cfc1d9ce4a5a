import { kept } from '../rounding';
import { dispersionFactor, startDispersion, stepDispersion, type Dispersion, type Pair } from './dispersion';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';

export type { Pair } from './dispersion';

/** How a pair of bad and all events is judged. */
export type CountRule = {
  /** The ratio canary to control up to which harm is tolerated. */
  readonly marginRatio: number;
  /** Over-dispersion taken for granted before any is seen, e.g. failed retries of one request. */
  readonly priorDispersion: number;
  /** Natural variation of one cohort's rate: standard deviation of its logarithm, and for how many seconds it lasts. */
  readonly naturalSd: number;
  readonly naturalS: number;
  /** How long the comparison is planned to last, in seconds. */
  readonly plannedS: number;
};

export type CountState = {
  readonly mixture: Mixture;
  /** Information a second, smoothed: events × share × (1 − share). */
  readonly rate: number;
  readonly blocks: Dispersion;
  readonly placebo: Dispersion;
};

/** Ratios beyond the margin that count as alternatives, and their weights. */
const ratios = [1.4, 2, 4, 12, 50] as const;
export const countWeights = [0.18, 0.22, 0.25, 0.22, 0.13] as const;
/** One tick proves nothing alone of an alternative: it bounds what a single absurd reading can do. */
const mostGain = 500;

export const startCounts = (): CountState => ({
  mixture: startMixture(ratios.length),
  rate: 0,
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
  const isComparable = canary > 0 && control > 0;
  const onset = onsetBy(atS, rule.plannedS) - onsetBy(atS - lengthS, rule.plannedS);
  const exposure = canary * rule.marginRatio;
  const q0 = isComparable ? exposure / (exposure + control) : 0;
  const events = canaryBad + controlBad;
  const fade = Math.min(1, lengthS / Math.max(lengthS, Math.min(atS, rule.naturalS)));
  const rate = isComparable
    ? kept(before.rate + fade * ((events * q0 * (1 - q0)) / lengthS - before.rate))
    : before.rate;
  const natural = rule.naturalSd * rule.naturalSd * rule.naturalS * rate;
  const factor =
    events === 0
      ? 1
      : Math.max(
          rule.priorDispersion + natural,
          dispersionFactor([before.blocks, before.placebo], rule.priorDispersion),
        );
  const gains = ratios.map((ratio) => {
    if (!isComparable || events === 0) return 0;
    const q = (exposure * ratio) / (exposure * ratio + control);
    const gain = canaryBad * Math.log(q / q0) + controlBad * Math.log((1 - q) / (1 - q0));
    return Math.max(-mostGain, Math.min(mostGain, gain / factor));
  });
  return {
    mixture: stepMixture(before.mixture, gains, onset),
    rate,
    blocks: isComparable ? stepDispersion(before.blocks, pair, atS) : before.blocks,
    placebo: placebo === undefined ? before.placebo : stepDispersion(before.placebo, placebo, atS),
  };
}

/** ln E that the canary's rate exceeds the control's by more than the margin. */
export const countEvidence = (state: CountState): number => logEvidence(state.mixture, countWeights);
