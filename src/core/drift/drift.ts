import { formatDuration } from '../duration';
import type { Effect } from '../plan/effects';
import type { RouteRule } from './other-writer';
import { pauseAfterRepair, quickRepairs } from './repair-pause';
import { targetOfSchema } from './schema-drift';

/** Set again, only tell those who own it, or turn the release back. */
type DriftAnswer = 'repair' | 'tell' | 'roll-back';

/** What happens when somebody else changes what a release set, or the schema that it migrated. */
export type DriftRule = {
  readonly flags: 'repair' | 'tell';
  readonly configuration: 'repair' | 'tell';
  /** Left out in plans of older workers: then neither the schema nor what an ending left is watched. */
  readonly schema?: 'tell' | 'roll-back';
  /** Left out in plans of older workers: then the split is set again whoever writes it. */
  readonly routes?: RouteRule;
};

/** Something that a release set and that reads differently now. */
export type Drift = {
  /** Key of the effect that set it, or `schema/TARGET`. */
  readonly effect: string;
  /** What it reads as, as people may see it. */
  readonly observed: string;
};

/** What somebody read; `observed` is left out where it reads as wanted again. */
export type DriftSeen = Pick<Drift, 'effect'> & Partial<Drift>;

/** One drift as a release remembers it. */
export type DriftState = Drift & {
  readonly answer: DriftAnswer;
  readonly sinceMs: number;
  /** How often it was found since the release began. */
  readonly count: number;
  /** When it read as wanted again. */
  readonly endedAtMs?: number;
  /** Why it could not be set again. */
  readonly fault?: string;
};

/** The effects that are watched for drift: what is set once and must stay. */
export type SettingEffect = Extract<Effect, { kind: 'flag' | 'configure' }>;

export const isSetting = (effect: Effect): effect is SettingEffect =>
  effect.kind === 'flag' || effect.kind === 'configure';

/** One that a later one of them has set over counts no more. */
export const lastOfEach = <S extends { readonly effect: Effect }>(settings: readonly S[]): readonly S[] =>
  settings.filter(({ effect }, at) => !settings.slice(at + 1).some((later) => isSameFlag(effect, later.effect)));

const isSameFlag = (one: Effect, other: Effect): boolean =>
  one.kind === 'flag' && other.kind === 'flag' && one.target === other.target && one.flag === other.flag;

/** Whoever throws a kill switch by hand has a reason, so it is never set back, whatever the rule says. */
export function answerTo(effect: SettingEffect, rule: DriftRule): 'repair' | 'tell' {
  if (effect.kind === 'configure') return rule.configuration;
  return effect.killSwitch ? 'tell' : rule.flags;
}

const longestPauseMs = 300_000;

/** How long to wait before the watch goes on behind the drift found for the `count`-th time. */
export const pauseAfterDrift = (count: number): number => pauseAfterRepair(count, longestPauseMs);

const isFought = (count: number): boolean => count > quickRepairs;

/** What is told of a drift: what, by whom, and what happens now. */
export function sentenceOfDrift(drift: Omit<DriftState, 'sinceMs'>): string {
  const { effect, observed, answer, count, fault } = drift;
  const target = targetOfSchema(effect);
  if (target !== undefined) return sentenceOfSchema(drift, target);
  const again = isFought(count)
    ? ` This is the ${count}th time: something else writes it too, so the next repair waits ${formatDuration(pauseAfterDrift(count))}; find it.`
    : '';
  const done =
    answer === 'tell'
      ? 'it is left to its owners: set it as the release did, or turn the release back'
      : fault === undefined
        ? 'it is set again as the release set it'
        : `it could not be set again: ${fault}`;
  return `Somebody else changed what ${effect} set: found ${observed}; ${done}.${again}`;
}

/** What others did to a schema is never taken back by the engine: it may be their data that goes with it. */
function sentenceOfSchema({ observed, answer, count }: Omit<DriftState, 'sinceMs'>, target: string): string {
  const done =
    answer === 'roll-back'
      ? 'so the release turns back, as policy says'
      : 'it is left to its owners: take it back, or turn the release back where it does not fit';
  const again = isFought(count)
    ? ` This is the ${count}th time, so it is looked at again in ${formatDuration(pauseAfterDrift(count))}.`
    : '';
  return `Somebody else changed the schema of ${target}: ${observed}; ${done}.${again}`;
}
