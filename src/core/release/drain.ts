import type { RollbackModes } from '../plan/plan';
import { capacityGap, type Capacity, type Demand } from './capacity';
import type { SlotState } from './snapshot';

/** Where a drain is, as people are told. */
export type DrainProgress = {
  /** The canary's share now, as the proxy shows it. */
  readonly canaryPercent: number;
  /** The next share; absent once the share is 0 and only sessions are left. */
  readonly nextPercent?: number;
  /** When the next step is due, or, at 0 %, when sessions end at the latest. */
  readonly nextAtMs?: number;
  /** Requests the canary was working on. */
  readonly sessions: number;
  /** Why the baseline cannot take its next share yet. */
  readonly waitsFor?: string;
  /** Why a file that a proxy begins with is not up to date, and what that means. */
  readonly unkept?: string;
};

/** What a drain must not lose when its process dies; where it is, the proxy says. */
export type DrainMemory = {
  /** When the drain began to look: sessions that it finds have their time from here on. */
  readonly beganAtMs: number;
  /** When the last step was made. */
  readonly lastStepAtMs?: number;
  /** Since when no user of the canary has been seen. */
  readonly quietSinceMs?: number;
  /** Since when the baseline has not been able to take its next share. */
  readonly waitingSinceMs?: number;
};

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isOptional = (value: unknown, isSo: (value: unknown) => boolean): boolean => value === undefined || isSo(value);

const memoryKeys = ['lastStepAtMs', 'quietSinceMs', 'waitingSinceMs'] as const;

/** Whether the details of an earlier heartbeat are a drain's memory. */
export const isDrainMemory = (details: unknown): details is DrainMemory =>
  typeof details === 'object' &&
  details !== null &&
  isCount(Reflect.get(details, 'beganAtMs')) &&
  memoryKeys.every((key) => isOptional(Reflect.get(details, key), isCount));

export type DrainLook = {
  readonly canary: { readonly weight: number; readonly state: SlotState };
  readonly nowMs: number;
  readonly memory: DrainMemory;
  readonly times: RollbackModes['drain'];
};

export type DrainStep =
  /** Nobody reaches the canary any more. */
  | { readonly kind: 'closed' }
  /** `toPercent` 0 keeps the sessions. */
  | { readonly kind: 'lower'; readonly toPercent: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'wait'; readonly nextPercent?: number; readonly untilMs: number };

/** Half the share in whole percents, so that no step takes more than half of the canary's users away; below 2 % nobody new. */
export const nextDrainPercent = (percent: number): number => (percent <= 1 ? 0 : Math.ceil(percent / 2));

/** What a drain does next; the share is what the proxy shows, never what was written. */
export function nextDrainStep({ canary, nowMs, memory, times }: DrainLook): DrainStep {
  const { beganAtMs, lastStepAtMs, quietSinceMs } = memory;
  if (canary.state === 'maint') return { kind: 'closed' };
  if (canary.state === 'drain') {
    const endMs = (lastStepAtMs ?? beganAtMs) + times.sessionsMs;
    const isQuiet = quietSinceMs !== undefined && nowMs - quietSinceMs >= times.everyMs;
    return nowMs >= endMs || isQuiet ? { kind: 'close' } : { kind: 'wait', untilMs: endMs };
  }
  const toPercent = nextDrainPercent(canary.weight);
  const dueMs = lastStepAtMs === undefined ? nowMs : lastStepAtMs + times.everyMs;
  return nowMs >= dueMs ? { kind: 'lower', toPercent } : { kind: 'wait', nextPercent: toPercent, untilMs: dueMs };
}

/** What the platform says of the baseline. */
export type BaselineStatus = Capacity & {
  readonly slot: string;
  readonly state: string;
  readonly isReady: boolean;
};

/** Why the baseline cannot take what it would get, or undefined when it can. */
export function baselineFault(status: BaselineStatus, demand: Demand): string | undefined {
  const { slot, state, isReady } = status;
  if (state !== 'running') return `the baseline in ${slot} is ${state}`;
  if (!isReady) return `the baseline in ${slot} runs and is not ready`;
  const gap = capacityGap(status, demand);
  return gap === undefined ? undefined : `the baseline in ${slot} ${gap}`;
}

const clock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

/** The longest text of a progress, in characters. */
export const mostWordsLength = 500;
/** More than any drain needs; who sends more is not heard. */
const mostTold = 200;

const isWords = (value: unknown): boolean => typeof value === 'string' && value.length <= mostWordsLength;

/** Whether a stranger's value is a progress that may be shown. */
export function isDrainProgress(value: unknown): value is DrainProgress {
  if (typeof value !== 'object' || value === null) return false;
  const of = (key: keyof DrainProgress): unknown => Reflect.get(value, key);
  return (
    isCount(of('canaryPercent')) &&
    isCount(of('sessions')) &&
    isOptional(of('nextPercent'), isCount) &&
    isOptional(of('nextAtMs'), (at) => isCount(at) && at < 8.64e15) &&
    isOptional(of('waitsFor'), isWords) &&
    isOptional(of('unkept'), isWords)
  );
}

/** Whether a progress is worth an event: something changed, and it was not told too often. */
export const isDrainNews = (
  { drain, toldCount }: { readonly drain?: DrainProgress; readonly toldCount: number },
  progress: DrainProgress,
): boolean => toldCount < mostTold && (drain === undefined || describeDrain(drain) !== describeDrain(progress));

/** A drain in words, e.g. `12 % → 6 % at 10:00:10 UTC, 3 requests at work on the canary`. */
export function describeDrain(progress: DrainProgress): string {
  const { unkept } = progress;
  return `${describeStep(progress)}${unkept === undefined ? '' : `; ${unkept}`}`;
}

function describeStep({ canaryPercent, nextPercent, nextAtMs, sessions, waitsFor }: DrainProgress): string {
  const at = nextAtMs === undefined ? '' : clock(nextAtMs);
  const work = `${sessions} ${sessions === 1 ? 'request' : 'requests'} at work on the canary`;
  if (nextPercent === undefined)
    return `nobody new reaches the canary, its sessions end by themselves${at === '' ? '' : ` or at ${at}`}, ${work}`;
  const step = `${canaryPercent} % → ${nextPercent} %`;
  return waitsFor === undefined ? `${step}${at === '' ? '' : ` at ${at}`}, ${work}` : `${step} waits: ${waitsFor}`;
}
