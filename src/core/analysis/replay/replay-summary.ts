import type { DecisionLine } from './replay-streams';

/** How many streams came to what. A stream counts once, by the gravest. */
export type ReplaySummary = {
  readonly streams: number;
  readonly rolledBack: number;
  readonly held: number;
  readonly advanced: number;
  /** Waited to their end for more evidence. */
  readonly undecided: number;
  /** Had a line that was refused. */
  readonly refused: number;
};

type Replayed = { readonly seen: ReadonlySet<DecisionLine['decision']>; readonly isRefused: boolean };

/** Counts what streams came to; those with a refused line only as refused. */
export function summarise(streams: readonly Replayed[]): ReplaySummary {
  const sound = streams.filter(({ isRefused }) => !isRefused);
  const count = (is: (seen: Replayed['seen']) => boolean): number => sound.filter(({ seen }) => is(seen)).length;
  const rolledBack = count((seen) => seen.has('rollback'));
  const held = count((seen) => !seen.has('rollback') && seen.has('hold'));
  const advanced = count((seen) => !seen.has('rollback') && !seen.has('hold') && seen.has('advance'));
  return {
    streams: streams.length,
    rolledBack,
    held,
    advanced,
    undecided: sound.length - rolledBack - held - advanced,
    refused: streams.length - sound.length,
  };
}
