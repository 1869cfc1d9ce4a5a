import { moreEvents } from './counts';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';

/** Ratios to the known rate that count as alternatives, and their weights. */
const { ratios, weights } = moreEvents;
const mostGain = 500;

export type KnownRateState = { readonly mixture: Mixture };
export const startKnownRate = (): KnownRateState => ({ mixture: startMixture(ratios.length) });

/**
 * The rate that a record of `events` in `exposure` does not exceed with a chance of 99 %: what is known of a rate is never more
 * than its record. Wilson and Hilferty's approximation of the gamma quantile (1931), exact to a few per mille.
 */
export function highestRate(events: number, exposure: number): number {
  const shape = events + 1;
  const third = 1 - 1 / (9 * shape) + 2.326348 / (3 * Math.sqrt(shape));
  return (shape * third * third * third) / exposure;
}

/**
 * One tick of events against a known rate: Poisson likelihood ratios of the ratios above the margin, divided by the
 * dispersion. The exposure may be requests or seconds; rates that change with a known exposure are fine.
 */
export function stepKnownRate(
  before: KnownRateState,
  tick: { readonly events: number; readonly exposure: number },
  time: { readonly atS: number; readonly lengthS: number },
  rule: {
    readonly rate: number;
    readonly marginRatio: number;
    readonly dispersion: number;
    readonly plannedS: number;
  },
): KnownRateState {
  const expected = tick.exposure * rule.rate * rule.marginRatio;
  const gains = ratios.map((ratio) => {
    const gain = (tick.events * Math.log(ratio) - expected * (ratio - 1)) / Math.max(1, rule.dispersion);
    return Math.max(-mostGain, Math.min(mostGain, gain));
  });
  const onset = onsetBy(time.atS, rule.plannedS) - onsetBy(time.atS - time.lengthS, rule.plannedS);
  return { mixture: stepMixture(before.mixture, gains, onset) };
}

export const knownRateEvidence = (state: KnownRateState): number => logEvidence(state.mixture, weights);
