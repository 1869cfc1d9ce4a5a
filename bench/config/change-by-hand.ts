import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../src/stack/load-sender';
import type { ReleaseRun } from '../release-run';

const patienceMs = 30_000;
const lookEveryMs = 10;

/** One thing that somebody else changes, and how it is seen that it was answered. */
export type Change = {
  readonly what: string;
  readonly make: () => Promise<unknown>;
  /** As before; or, where the engine sets nothing again, told to the owners. */
  readonly isAnswered: () => Promise<boolean>;
  /** Takes back what was only told. */
  readonly takeBack?: () => Promise<unknown>;
};

/** A release that stands still, and what is changed behind its back, in the order in which it is. */
export type Standing = { readonly run: ReleaseRun; readonly changes: readonly Change[] };

export const shuffled = <T>(all: readonly T[], random: () => number): readonly T[] =>
  all
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);

/** From the change to the moment at which it reads as before, or was told, in milliseconds. */
export async function answerTo(change: Change): Promise<number> {
  await change.make();
  const sinceMs = nowMs();
  while (!(await change.isAnswered())) {
    if (nowMs() - sinceMs > patienceMs) throw new Error(`the ${change.what} was not answered within ${patienceMs} ms`);
    await sleep(lookEveryMs);
  }
  return nowMs() - sinceMs;
}
