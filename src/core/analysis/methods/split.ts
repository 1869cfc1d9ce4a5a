import { logAdd } from '../rounding';
import { countEvidence, otherWay, startCounts, stepCounts, type Alternatives, type CountState } from './counts';
import type { Pair } from './dispersion';
import type { Natural } from './natural';

/** Evidence that the canary gets more, and that it gets fewer requests than the split says. */
export type SplitState = { readonly more: CountState; readonly fewer: CountState };

const shifts: Alternatives = { ratios: [1.08, 1.19, 1.6], weights: [0.2, 0.6, 0.2] };
const marginRatio = 1.05;

/** Healthy arms differ by 3 % over a quarter of a minute, and anew each moment: the shorter a tick, the more (bursts of few clients). */
const differs = { sd: 0.03, perS: 15 };
/** So much shorter than a tick that what one tick says of it means nothing for the next. */
const momentsPerTick = 10;

const naturalAt = (lengthS: number): Natural => {
  const naturalS = lengthS / momentsPerTick;
  return { naturalSd: differs.sd * Math.sqrt(differs.perS / naturalS), naturalS };
};

export const startSplit = (): SplitState => ({ more: startCounts(shifts), fewer: startCounts(shifts) });

/**
 * One tick of the sample-ratio test: requests are the events, the shares that were set are the exposure. Routers keep
 * connections and retry, so the margin and the dispersion of counts hold here too.
 */
export function stepSplit(
  before: SplitState,
  requests: { readonly canary: number; readonly others: number },
  share: { readonly canary: number; readonly others: number },
  time: { readonly atS: number; readonly lengthS: number },
  plannedS: number,
): SplitState {
  const rule = {
    marginRatio,
    priorDispersion: 1.05,
    hasRetries: false,
    ...naturalAt(time.lengthS),
    plannedS,
    alternatives: shifts,
  };
  const pair: Pair = {
    canaryBad: requests.canary,
    controlBad: requests.others,
    canary: share.canary,
    control: share.others,
  };
  return {
    more: stepCounts(before.more, pair, undefined, time, rule),
    fewer: stepCounts(before.fewer, otherWay(pair), undefined, time, rule),
  };
}

/** ln E that the split is off, and which way. */
export function splitEvidence(state: SplitState): { readonly log: number; readonly way: 'more' | 'fewer' } {
  const [more, fewer] = [countEvidence(state.more, shifts), countEvidence(state.fewer, shifts)];
  return { log: logAdd(more, fewer) - Math.log(2), way: more > fewer ? 'more' : 'fewer' };
}
