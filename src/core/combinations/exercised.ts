import type { Pair } from './pairs';
import type { Setting, SettingValue } from './setting';

type Placed = { readonly setting: Setting; readonly place: number };
type Ask = (pair: Pair) => boolean;

const isSame = (a: SettingValue, b: SettingValue): boolean => a.digest !== undefined && a.digest === b.digest;

/**
 * Whether users of a promoted release had this pair: before it, on its canary, on its baseline, or while its flags were
 * set. What only a way back would have shown was not exercised by a promotion.
 */
function exercisedBy(settings: readonly Setting[]): Ask {
  const byId = new Map(settings.map((setting, place): [string, Placed] => [setting.id, { setting, place }]));
  return ({ first, second }) => {
    const [a, b] = [byId.get(first.setting.id), byId.get(second.setting.id)];
    if (a === undefined || b === undefined) return false;
    const had = (one: Placed, side: 'before' | 'after', { value }: Pair['first']): boolean =>
      isSame(one.setting[side], value);
    const wasSetFirst = (one: Placed, other: Placed): boolean =>
      one.setting.kind !== 'configuration' && (other.setting.kind === 'configuration' || one.place < other.place);
    return (
      (had(a, 'before', first) && had(b, 'before', second)) ||
      (had(a, 'after', first) && had(b, 'after', second)) ||
      (wasSetFirst(a, b) && had(a, 'after', first) && had(b, 'before', second)) ||
      (wasSetFirst(b, a) && had(b, 'after', second) && had(a, 'before', first))
    );
  };
}

/** Whether any of these promoted releases exercised a pair. */
export function exercisedByAny(promoted: readonly (readonly Setting[])[]): Ask {
  const asks = promoted.map(exercisedBy);
  return (pair) => asks.some((ask) => ask(pair));
}
