import type { Stage } from '../plan/stages';
import { clause } from './clause';
import type { ReleaseState } from './state';

/** Why a release is where it is, in the parts that every surface shows. */
export type Explanation = {
  /** State, why, since when, what happens next and when, who can act and how: one sentence. */
  readonly sentence: string;
  readonly state: string;
  readonly why: string;
  readonly sinceMs: number;
  readonly next: string;
  readonly who: string;
};

export const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export const build = (state: string, why: string, sinceMs: number, next: string, who: string): Explanation => ({
  state,
  why,
  sinceMs,
  next,
  who,
  sentence: `${state}: ${clause(why)}, since ${time(sinceMs)}; next: ${clause(next)}; ${clause(who)}.`,
});

export const abortHint = (service: string): string => `anyone may abort (spillway abort ${service})`;

export const stageOf = (state: ReleaseState): Stage | undefined =>
  state.sealed?.plan.stages.find(({ id }) => id === state.stage);

export const stageAfter = (state: ReleaseState): Stage | undefined => {
  const stages = state.sealed?.plan.stages ?? [];
  return stages[stages.findIndex(({ id }) => id === state.stage) + 1];
};
