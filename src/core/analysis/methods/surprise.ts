import { kept } from '../rounding';

/** Bad events of the canary, of both arms, the canary's expected part of them, and that times the dispersion, since the last step. */
export type Open = readonly [own: number, events: number, expected: number, dispersed: number];

export const nothingOpen: Open = [0, 0, 0, 0];

/** Variance of the canary's part from which one number tells of it well enough. */
const leastVariance = 3;

const term = (count: number, expected: number): number => (count > 0 ? count * Math.log(count / expected) : 0);

/**
 * Adds a tick in which, of so many events of both arms, the canary had `own` and was to have the part `share`. Where enough is
 * there, it gives the standardised surprise: the signed root of the binomial deviance over the dispersion, nearly standard
 * normal for a healthy canary also where events are rare (McCullagh and Nelder 1989, 2.4).
 */
export function surpriseOf(
  before: Open,
  { own, events, share, dispersion }: { own: number; events: number; share: number; dispersion: number },
): { readonly open: Open; readonly surprise: number | undefined } {
  const open: Open = [
    before[0] + own,
    before[1] + events,
    kept(before[2] + events * share),
    kept(before[3] + events * share * dispersion),
  ];
  const [had, all, expected, dispersed] = open;
  const variance = all > 0 ? expected * (1 - expected / all) : 0;
  if (variance < leastVariance) return { open, surprise: undefined };
  const deviance = 2 * (term(had, expected) + term(all - had, all - expected));
  const size = Math.sqrt((Math.max(0, deviance) * expected) / dispersed);
  return { open: nothingOpen, surprise: had >= expected ? size : -size };
}
