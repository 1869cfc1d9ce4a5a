/** Taking users away and seeing it takes time in which they are still at risk. */
const reserveMs = 2_000;
const minuteMs = 60_000;

/** Users at a moment, and the share of them on the canary, 0 to 100. */
export type AtRisk = { readonly users: number; readonly canaryPercent: number };

/** User-minutes that a time at one exposure puts at risk. */
export const userMinutes = ({ users, canaryPercent }: AtRisk, ms: number): number =>
  (users * (canaryPercent / 100) * ms) / minuteMs;

/** Whether the time it takes to get the users away would use up what is left of the declared user-minutes. */
export const isUsedUp = (spent: number, most: number, atRisk: AtRisk): boolean =>
  spent + userMinutes(atRisk, reserveMs) >= most;
