import { kept, logAdd } from '../rounding';
import type { Counts, Tally } from '../types';
import { moreEvents } from './counts';
import { dispersionFactor, startDispersion, stepDispersion, type Dispersion } from './dispersion';
import { startInterval, stepInterval, type IntervalState } from './interval';
import { limitAt, logEvidenceOfTick, type LinearLimit } from './linear-limit';
import { logEvidence, onsetBy, startMixture, stepMixture, type Mixture } from './mixture';

/** How bad events vary from one group of instances to the next, beyond chance. */
export type Noise = {
  /** Over-dispersion taken for granted before any is seen. */
  readonly priorDispersion: number;
  /** Standard deviation of the logarithm of one group's rate, and for how many seconds it lasts. */
  readonly naturalSd: number;
  readonly naturalS: number;
};

/** What is remembered of one metric that has a limit: plain data, below 2 KB. */
export type LimitState = {
  readonly harm: Mixture;
  /** ln E of each way of being within the limit. */
  readonly safe: readonly number[];
  /** The control's requests and bad ones, fading over five minutes. */
  readonly control: Counts;
  /** Bad events a second of both arms, were the canary like the control; smoothed. */
  readonly rate: number;
  /** The canary's share of the requests at the last tick. */
  readonly share: number;
  readonly blocks: Dispersion;
  readonly interval: IntervalState;
};

type Time = { readonly atS: number; readonly lengthS: number };

/** Where between nothing and the limit a safe canary may be. */
const safeParts = [0.1, 0.4, 0.75] as const;
const fadeS = 300;
const mostGain = 500;

export const startAgainstLimit = (): LimitState => ({
  harm: startMixture(moreEvents.ratios.length),
  safe: startSafe(),
  control: { total: 0, bad: 0 },
  rate: 0,
  share: 0,
  blocks: startDispersion(),
  interval: startInterval(),
});

const startSafe = (): readonly number[] => [0, ...safeParts.map(() => 0)];

/** A proof of safety is asked of each stage anew: more users find faults that fewer did not. */
export const beginProof = (state: LimitState): LimitState => ({ ...state, safe: startSafe() });

/** What the control's share is likely to be in the next tick, from the ticks before. */
const expectedShare = ({ total, bad }: Counts): number => (bad + 0.5) / (total + 50);

function dispersionOf({ rate, share, blocks }: LimitState, noise: Noise): number {
  const natural = noise.naturalSd * noise.naturalSd * noise.naturalS * rate * share * (1 - share);
  return Math.max(noise.priorDispersion + natural, dispersionFactor([blocks], noise.priorDispersion));
}

/**
 * One tick of both e-processes against a limit: that the canary is beyond it, and that it is within. Log-likelihood ratios are
 * divided by the dispersion that was known before the tick. `proof` is the limit that safety is proved against.
 */
export function stepAgainstLimit(
  before: LimitState,
  tally: Tally,
  limits: { readonly harm: LinearLimit; readonly proof: LinearLimit },
  time: Time,
  rule: Noise & { readonly plannedS: number },
): LimitState {
  const arms = { control: tally.baseline, canary: tally.canary };
  const { control, canary } = arms;
  const lengthS = Math.max(1e-3, time.lengthS);
  const onset = onsetBy(time.atS, rule.plannedS) - onsetBy(time.atS - lengthS, rule.plannedS);
  if (canary.total + control.total === 0) return { ...before, harm: stepMixture(before.harm, [], onset) };
  const dispersion = dispersionOf(before, rule);
  const expected = expectedShare(before.control);
  const gain = (limit: LinearLimit, alternative: number): number => {
    const shares = { control: expected, canary: alternative };
    return Math.min(mostGain, logEvidenceOfTick(arms, limit, shares) / dispersion);
  };
  const allowed = limitAt(limits.harm, expected);
  // An alternative beyond all that is possible says the same as the one before it.
  const harms = moreEvents.ratios.map((ratio) => gain(limits.harm, Math.max(allowed, Math.min(0.95, allowed * ratio))));
  const excluded = limitAt(limits.proof, expected);
  const safes = [Math.min(expected, 0.9 * excluded), ...safeParts.map((part) => part * excluded)];
  const stay = Math.exp(-lengthS / fadeS);
  const share = canary.total / (canary.total + control.total);
  const pair = { canaryBad: canary.bad, controlBad: control.bad, canary: canary.total, control: control.total };
  const isPair = canary.total > 0 && control.total > 0;
  const smooth = Math.min(1, lengthS / Math.max(lengthS, Math.min(time.atS, rule.naturalS)));
  const seen = isPair ? control.bad / (1 - share) / lengthS : before.rate;
  return {
    harm: stepMixture(before.harm, harms, onset),
    safe: before.safe.map((sum, i) => kept(sum + gain(limits.proof, safes[i] ?? excluded))),
    control: {
      total: kept(before.control.total * stay + control.total),
      bad: kept(before.control.bad * stay + control.bad),
    },
    rate: kept(before.rate + smooth * (seen - before.rate)),
    share: isPair ? kept(share) : before.share,
    blocks: isPair ? stepDispersion(before.blocks, pair, time.atS) : before.blocks,
    interval: stepInterval(before.interval, pair, dispersion),
  };
}

/** ln E that the canary is beyond its limit. */
export const harmEvidence = ({ harm }: LimitState): number => logEvidence(harm, moreEvents.weights);

/** ln E that the canary is within the limit. */
export const proofEvidence = ({ safe }: LimitState): number =>
  safe.reduce((sum, log) => logAdd(sum, log - Math.log(safe.length)), -1_000);
