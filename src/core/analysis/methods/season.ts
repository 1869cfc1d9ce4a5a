import { kept } from '../rounding';
import { highestRate, knownRateEvidence, startKnownRate, stepKnownRate, type KnownRateState } from './known-rate';

/** Requests, and bad ones among them. */
type Counted = { readonly n: number; readonly err: number };

/** What is known from the same hour of the week: how today compares with it, and the test of a canary that has no control. */
export type SeasonState = {
  /** Bad events of today's control, and how many the same hours would have had. */
  readonly today: { readonly events: number; readonly expected: number };
  readonly known: KnownRateState;
};

export type SeasonTick = {
  readonly canary: Counted;
  /** Both healthy arms together; undefined or without requests where there is no control. */
  readonly control: Counted | undefined;
  /** The same hour of the week, in earlier weeks, of the whole service: only the share of bad ones is used. */
  readonly sameHour: Counted;
};

/** No week is like the last one: up to half as many errors again are no harm where only weeks can be compared. */
const betweenWeeks = 1.5;

export const startSeason = (): SeasonState => ({ today: { events: 0, expected: 0 }, known: startKnownRate() });

/**
 * One tick beside the same hour of the week. A concurrent control comes first: while it is there, it only says how much worse
 * today is than the same hours were, by which the rate is raised later (a difference in differences on ratios). Without one,
 * the canary's errors are held against the upper 99 % bound of the season's rate. Weeks differ for reasons nobody measures, so
 * the evidence may hold a release, and never rolls one back.
 */
export function stepSeason(
  before: SeasonState,
  { canary, control, sameHour }: SeasonTick,
  time: { readonly atS: number; readonly lengthS: number },
  rule: { readonly dispersion: number; readonly plannedS: number },
): SeasonState {
  if (sameHour.n <= 0) return before;
  const { events, expected } = before.today;
  if (control !== undefined && control.n > 0) {
    const usual = (sameHour.err + 0.5) / (sameHour.n + 1);
    const today = { events: events + control.err, expected: kept(expected + control.n * usual) };
    return { today, known: startKnownRate() };
  }
  const worseToday = Math.max(1, (events + 1) / (expected + 1));
  const tick = { events: canary.err, exposure: canary.n };
  const rate = highestRate(sameHour.err, sameHour.n) * worseToday;
  return { ...before, known: stepKnownRate(before.known, tick, time, { ...rule, rate, marginRatio: betweenWeeks }) };
}

/** ln E that the canary has more errors than this hour of the week explains. */
export const seasonEvidence = ({ known }: SeasonState): number => knownRateEvidence(known);
