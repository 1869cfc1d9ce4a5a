import { addIncrements } from '../../../src/adapters/metrics/add-increments';
import type { Series } from '../../../src/adapters/metrics/prometheus-answer';

const series = (id: string, ...points: readonly (readonly [number, number])[]): Series => ({
  id,
  points: points.map(([atMs, value]) => ({ atMs, value })),
});
const sinceMs = 100;

it.each([
  ['growth after the moment', [series('a', [90, 5], [100, 7], [110, 10], [120, 12])], [], 5, 120],
  ['a counter that stands still', [series('a', [90, 5], [110, 5])], [], 0, 110],
  ['a reset', [series('a', [90, 50], [110, 60], [120, 4], [130, 9])], [], 19, 130],
  ['a reset to the value before', [series('a', [90, 5], [110, 0], [120, 5])], [], 5, 120],
  ['a reset across a gap', [series('a', [110, 3])], [series('a', [40, 50])], 3, 110],
  ['a series that was silent before', [series('a', [110, 53])], [series('a', [40, 50])], 3, 110],
  ['a series that is new', [series('a', [110, 3], [120, 4])], [], 4, 120],
  ['several series', [series('a', [90, 1], [110, 2]), series('b', [90, 10], [105, 30])], [], 21, 110],
  ['nothing after the moment', [series('a', [90, 5])], [], 0, 90],
])('adds up %s', (_, found, before, sum, newestAtMs) => {
  expect(addIncrements(found, { sinceMs, before })).toEqual({ sum, newestAtMs });
});

it.each([
  ['no series', []],
  ['a series without points', [series('a')]],
])('has no sum of %s', (_, found) => {
  expect(addIncrements(found, { sinceMs, before: [] })).toBeUndefined();
});

it.each([NaN, Infinity])('makes no number of a sample that is %s', (value) => {
  expect(addIncrements([series('a', [90, 5], [110, value], [120, 7])], { sinceMs, before: [] })?.sum).toBeNaN();
  expect(addIncrements([series('a', [90, value], [120, 7])], { sinceMs, before: [] })?.sum).toBeNaN();
});
