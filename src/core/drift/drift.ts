import { formatDuration } from '../duration';
import type { Effect } from '../plan/effects';

/** Set again, or only tell those who own it. */
type DriftAnswer = 'repair' | 'tell';

/** What happens when somebody else changes what a release set. */
export type DriftRule = { readonly flags: DriftAnswer; readonly configuration: DriftAnswer };

/** Something that a release set and that reads differently now. */
export type Drift = {
  /** Key of the effect that set it. */
  readonly effect: string;
  /** What it reads as, as people may see it. */
  readonly observed: string;
};

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

export const answerTo = (effect: Effect, rule: DriftRule): DriftAnswer =>
  effect.kind === 'configure' ? rule.configuration : rule.flags;

/** The first differences are set back at once; then every repair waits twice as long as the one before. */
const quickRepairs = 3;
const firstPauseMs = 5_000;
const longestPauseMs = 300_000;

/** How long to wait before the watch goes on behind the drift found for the `count`-th time. */
export const pauseAfterDrift = (count: number): number =>
  count < quickRepairs ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (count - quickRepairs));

/** What is told of a drift: what, by whom, and what happens now. */
export function sentenceOfDrift({ effect, observed, answer, count, fault }: Omit<DriftState, 'sinceMs'>): string {
  const again =
    count > quickRepairs
      ? ` This is the ${count}th time: something else writes it too, so it is set again ${formatDuration(pauseAfterDrift(count))} later each time or more; find it.`
      : '';
  const done =
    answer === 'tell'
      ? 'policy leaves it to its owners: set it as the release did, or turn the release back'
      : fault === undefined
        ? 'it is set again as the release set it'
        : `it could not be set again: ${fault}`;
  return `Somebody else changed what ${effect} set: found ${observed}; ${done}.${again}`;
}
