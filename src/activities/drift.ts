import type { SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { keepAlive } from './keep-alive';
import { lookForNews, type Looked } from './look-for-news';
import type { Ports } from './ports';
import { readOther } from './read-setting';

export type WatchSettingsInput = {
  readonly permit: Permit;
  /** What was set and must stay: flags and configuration. */
  readonly effects: readonly SealedEffect[];
  /** What is known to differ and is left as it is, as it was found, by effect. */
  readonly known: { readonly [effect: string]: string };
  /** When to come back although nothing changed, in milliseconds; never when left out. */
  readonly forMs?: number;
};

export const lookAtSettingsMs = 1_500;
/** It lasts for hours beside every release, and its end is no matter of a second. */
export const calmBeatMs = 1_500;

/** The effect of a key among those that are watched. */
export function effectOf(effects: readonly SealedEffect[], key: string): SealedEffect {
  const found = effects.find(({ effect }) => effect.key === key);
  if (found === undefined) throw new Error(`no effect ${key} is watched`);
  return found;
}

/** Looks after what a release set once: flags and configuration. */
export const createDriftActivities = (ports: Ports) => ({
  /** Only reads; comes back when something reads differently than it is known to, with null when its time is over. */
  watchSettings: ({ permit, effects, known, forMs }: WatchSettingsInput): Promise<Looked> =>
    keepAlive(
      (signal) =>
        lookForNews(ports, signal, {
          keys: effects.map(({ effect }) => effect.key),
          read: (key) => readOther(ports, permit, effectOf(effects, key)),
          known,
          forMs,
          restMs: () => lookAtSettingsMs,
        }),
      calmBeatMs,
    ),
});
