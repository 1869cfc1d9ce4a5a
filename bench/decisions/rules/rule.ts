import type { Stream } from '../streams/simulate';

/** When a rule rolls back, in seconds since the start; `never` when it does not. */
export type Rule = { readonly name: string; rollsBackAtS(stream: Stream): number };

export const never = -1;

/** Ticks of a minute; the peers' rules look at whole minutes. */
export const ticksPerMinute = ({ scenario }: Stream): number => Math.round(60 / scenario.tickS);
