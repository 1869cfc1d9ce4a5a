import { isSameJson } from '../../core/canonical';

const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** Where two values differ first, such as `strategies.0.title`; empty where they differ as a whole. */
export function firstDifference(a: unknown, b: unknown): string {
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  if (left.size === 0 || right.size === 0) return '';
  const key = [...left.keys(), ...right.keys()].find((each) => !isSameJson(left.get(each), right.get(each)));
  if (key === undefined) return '';
  const below = firstDifference(left.get(key), right.get(key));
  return below === '' ? key : `${key}.${below}`;
}
