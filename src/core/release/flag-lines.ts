import { canonicalJson } from '../canonical';
import type { Json } from '../json';
import type { Effect } from '../plan/effects';
import type { LeftLine } from './left-switch';
import type { ProofLine } from './proof';
import type { World } from './snapshot';

/** A flag that was not read is never taken for one that is absent; the order of keys means nothing. */
function flagText(value: readonly [Json] | null | undefined): string {
  if (value === undefined) return 'unread';
  return value === null ? 'absent' : canonicalJson(value[0]);
}

type FlagLines = {
  readonly lines: readonly ProofLine[];
  readonly drift: readonly ProofLine[];
  readonly left: readonly LeftLine[];
};

/**
 * Flags as they were and as they are. `leftKeys` are the effects whose kill switch somebody else threw: theirs is what stands
 * there, and unread is never theirs.
 */
export function flagLines(
  before: World,
  now: World,
  touched: readonly Effect[],
  leftKeys: readonly string[],
): FlagLines {
  const found = Object.entries(before.flags).flatMap(([target, flags]) =>
    Object.entries(flags).map(([flag, was]) => {
      const is = now.flags[target]?.[flag];
      const [expected, observed] = [flagText(was), flagText(is)];
      const line: ProofLine = {
        object: `flag ${target}/${flag}`,
        expected,
        observed,
        isEqual: expected === observed,
      };
      const keys = touched
        .filter((effect) => effect.kind === 'flag' && effect.target === target && effect.flag === flag)
        .map(({ key }) => key);
      const left = is === undefined || line.isEqual ? undefined : keys.find((key) => leftKeys.includes(key));
      return { line, isTouched: keys.length > 0, left };
    }),
  );
  return {
    lines: found.filter(({ isTouched, left }) => isTouched && left === undefined).map(({ line }) => line),
    drift: found.filter(({ isTouched, line }) => !isTouched && !line.isEqual).map(({ line }) => line),
    left: found.flatMap(({ line, left }) => (left === undefined ? [] : [{ ...line, effect: left }])),
  };
}
