import type { Counts } from '../types';

/** What one arm's share of bad events must not exceed, given the other's: canary ≤ slope × control + share. */
export type LinearLimit = { readonly slope: number; readonly share: number };

/** Shares of bad events of both arms, each between 0 and 1. */
export type Shares = { readonly control: number; readonly canary: number };

/** Requests and bad ones among them, of both arms in one tick. */
export type Arms = { readonly control: Counts; readonly canary: Counts };

const least = 1e-9;
const most = 1 - 1e-9;
const inside = (share: number): number => Math.max(least, Math.min(most, share));

export const limitAt = ({ slope, share }: LinearLimit, control: number): number => inside(slope * control + share);

/** How steeply the likelihood of a share falls at another. */
const pull = (requests: number, from: number, to: number): number => (requests * (from - to)) / (to * (1 - to));

/**
 * The point of the limit's line that is nearest to an alternative beside it, in divergence weighted by the requests of both arms;
 * a half-line of bisections, because the pulls of both arms are balanced at one point only.
 */
function nearest(limit: LinearLimit, alternative: Shares, requests: Shares): Shares {
  const at = (control: number): Shares => ({ control: inside(control), canary: limitAt(limit, control) });
  if (limit.slope === 0) return at(alternative.control);
  const touching = inside((alternative.canary - limit.share) / limit.slope);
  let low = Math.min(alternative.control, touching);
  let high = Math.max(alternative.control, touching);
  for (let step = 0; step < 32; step += 1) {
    const middle = at((low + high) / 2);
    const control = pull(requests.control, alternative.control, middle.control);
    const canary = limit.slope * pull(requests.canary, alternative.canary, middle.canary);
    if (control + canary > 0) low = middle.control;
    else high = middle.control;
  }
  return at((low + high) / 2);
}

const gainOf = ({ total, bad }: Counts, share: number, against: number): number =>
  bad * Math.log(share / against) + (total - bad) * Math.log((1 - share) / (1 - against));

/**
 * How much likelier one tick is under an alternative than at the nearest point of the limit, as a logarithm. Were the shares of both
 * arms anywhere on the limit's other side, and whatever they are, its expectation is at most 1: an e-variable (Turner, Ly
 * and Grünwald 2024, arXiv 2106.02693), so ticks of changing rates may be multiplied.
 */
export function logEvidenceOfTick(arms: Arms, limit: LinearLimit, alternative: Shares): number {
  const { control, canary } = arms;
  const shares = { control: inside(alternative.control), canary: inside(alternative.canary) };
  const { control: requests, canary: own } = { control: control.total, canary: canary.total };
  const point = nearest(limit, shares, { control: requests, canary: own });
  return gainOf(control, shares.control, point.control) + gainOf(canary, shares.canary, point.canary);
}
