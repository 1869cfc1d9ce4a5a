/** How one cohort naturally differs from the next: noise that comes and goes, not coin tosses. */
export type Natural = {
  /** Standard deviation of the logarithm of the ratio of two healthy cohorts. */
  readonly naturalSd: number;
  /** For how many seconds a difference lasts: twice its time constant, the integral of its correlation over all lags. */
  readonly naturalS: number;
};

/** What the evidence so far owes to one moment's difference, in standard deviations of it, fading as it does; 0 at the start. */
export type Load = number;

/** The mean of e^−|a − b| over an interval of length `x` and over its square: how alike one stretch is to its end, and to itself. */
const alikeEnd = (x: number): number => (x < 1e-4 ? 1 - x / 2 : (1 - Math.exp(-x)) / x);
const alikeSelf = (x: number): number => (x < 1e-3 ? 1 - x / 3 : (2 * (x - 1 + Math.exp(-x))) / (x * x));

/**
 * The dispersion that one tick needs so that the variance of all evidence so far stays below what the bet allows for. With weights
 * w on information I a second and a difference of variance σ² that forgets in τ seconds, that is
 * φ w(t) + 2 σ² ∫ w(s) I(s) e^(−(t−s)/τ) ds ≤ 1: at once φ alone, for a difference is one number so far, and in the long run
 * φ + 2 τ σ² I, as for white noise.
 */
export function naturalFactor(
  load: Load,
  prior: number,
  information: number,
  lengthS: number,
  { naturalSd, naturalS }: Natural,
): number {
  const variance = naturalSd * naturalSd;
  const x = (2 * lengthS) / naturalS;
  const lasting = prior + variance * naturalS * information;
  const room = 1 - 2 * naturalSd * load * alikeEnd(x);
  // More than the tick itself owes, so that it leaves room for the next one.
  const now = prior + variance * information * lengthS * (alikeSelf(x) / 2 + alikeEnd(x));
  return room * lasting > now ? now / room : lasting;
}

export function stepLoad(load: Load, factor: number, information: number, lengthS: number, natural: Natural): Load {
  const x = (2 * lengthS) / natural.naturalS;
  return load * Math.exp(-x) + (natural.naturalSd * information * lengthS * alikeEnd(x)) / factor;
}
