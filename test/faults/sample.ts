import { seededRandom } from '../../src/core/seeded-random';
import type { FaultCase } from './cases';
import { shuffle } from './random';

function grouped<T>(things: readonly T[], keyOf: (thing: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const thing of things) groups.set(keyOf(thing), [...(groups.get(keyOf(thing)) ?? []), thing]);
  return [...groups.values()];
}

/** A long absence takes a minute; that of a worker, which holds up no other lane, stands for all of them. */
const isQuick = ({ isLong, part }: FaultCase): boolean => isLong !== true || part === 'worker';

/** `count` cases of the matrix: one of every kind of fault and of every part, then evenly over kinds and endings. */
export function sampleOf(matrix: readonly FaultCase[], count: number): readonly FaultCase[] {
  if (count >= matrix.length) return matrix;
  const mixed = shuffle(seededRandom(matrix[0]?.seed ?? 0), matrix);
  const firsts = grouped(
    mixed.filter(isQuick),
    ({ kind, part = '', isFrozen = false }) => `${kind} ${part} ${isFrozen}`,
  ).flatMap((group) => group.slice(0, 1));
  const places = new Map<number, number>();
  for (const group of grouped(mixed, ({ kind, ending }) => `${kind} ${ending}`))
    for (const [index, fault] of group.entries()) places.set(fault.number, (index + 0.5) / group.length);
  const rest = mixed
    .filter((fault) => !firsts.includes(fault))
    .sort((a, b) => (places.get(a.number) ?? 0) - (places.get(b.number) ?? 0) || a.number - b.number);
  return [...firsts, ...rest].slice(0, count);
}
