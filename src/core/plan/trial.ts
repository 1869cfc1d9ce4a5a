import type { Effect } from './effects';

/** One part of a migration, as the plan has it. */
type Part = Extract<Effect, { kind: 'migrate' }>;

/** Each object of a schema with a digest of its definition. */
type Schema = { readonly [object: string]: string };

/** An object that the undos did not give back as it was. */
export type TrialDifference = {
  readonly object: string;
  readonly is: 'left behind' | 'missing' | 'different';
  /** Keys of the effects whose parts touched it. */
  readonly effects: readonly string[];
  /** Files that should have given it back. */
  readonly undos: readonly string[];
};

/** What came of trying every part and every undo on a copy of the schema. */
export type Trial =
  /** Every undo gives back the schema; `tried` are the keys of the effects, `notes` what a person should know beside it. */
  | {
      readonly outcome: 'restored';
      readonly objects: number;
      readonly tried: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly outcome: 'differs'; readonly differences: readonly TrialDifference[] }
  /** A part does not even run there. */
  | { readonly outcome: 'failed'; readonly effect: string; readonly message: string }
  /** Nothing can be said, because there is no copy to try it on. */
  | { readonly outcome: 'not-tried'; readonly why: string; readonly fix: string };

/** The trial of one database. */
export type TrialReport = { readonly target: string; readonly trial: Trial };

/** The schema along a trial: `forward[0]` before everything, then after each part; `backward` after each undo. */
export type TrialWalk = {
  readonly parts: readonly Part[];
  readonly forward: readonly Schema[];
  readonly backward: readonly Schema[];
};

const isFileUndo = ({ undo }: Part): boolean => 'sql' in undo;

/** Which parts a walk saw change the object, on the way forward or, when it was none there, on the way back. */
function touching({ parts, forward, backward }: TrialWalk, object: string): readonly Part[] {
  const changed = (states: readonly Schema[], index: number): boolean =>
    states[index]?.[object] !== states[index + 1]?.[object];
  const ahead = parts.filter((_, index) => changed(forward, index));
  if (ahead.length > 0) return ahead;
  const back = [forward.at(-1) ?? {}, ...backward];
  return parts.toReversed().filter((_, index) => changed(back, index));
}

/** Every object in which the schema after all undos differs from the schema before the first part. */
export function compareTrial(walk: TrialWalk): readonly TrialDifference[] {
  const before = walk.forward[0] ?? {};
  const after = walk.backward.at(-1) ?? walk.forward.at(-1) ?? {};
  const objects = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return objects.flatMap((object): readonly TrialDifference[] => {
    if (before[object] === after[object]) return [];
    const is = before[object] === undefined ? 'left behind' : after[object] === undefined ? 'missing' : 'different';
    const parts = touching(walk, object);
    const undos = parts.filter(isFileUndo).flatMap(({ undo }) => ('path' in undo ? [undo.path] : []));
    return [{ object, is, effects: parts.map(({ key }) => key), undos }];
  });
}

/** What a trial takes with it: the parts in the order in which they run, and contract, which only goes forward. */
export function partsToTry(
  effects: readonly Effect[],
  contract: readonly Effect[],
  target: string,
): { readonly effects: readonly Part[]; readonly contract: readonly Part[] } {
  const at = (each: Effect): each is Part => each.kind === 'migrate' && each.target === target;
  return { effects: effects.filter(at), contract: contract.filter(at) };
}
