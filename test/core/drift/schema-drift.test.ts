import { sentenceOfDrift } from '../../../src/core/drift/drift';
import {
  changesSince,
  describeDifferences,
  schemaDifferences,
  schemaKey,
  targetOfSchema,
} from '../../../src/core/drift/schema-drift';

const before = { 'table public.orders': '1', 'index public.old': '2' };
const after = { 'table public.orders': '9', 'index public.new': '3' };

test('what a release left is the difference from what it found, of what may be its work alone', () => {
  expect(changesSince(before, after, () => true)).toEqual({
    'table public.orders': '9',
    'index public.new': '3',
    'index public.old': null,
  });
  expect(changesSince(before, after, (object) => object.startsWith('table'))).toEqual({ 'table public.orders': '9' });
});

test.each([
  ['nothing where all is as left', after, []],
  ['new', { ...after, 'table public.other': '4' }, [{ object: 'table public.other', is: 'new' }]],
  ['changed', { ...after, 'table public.orders': '1' }, [{ object: 'table public.orders', is: 'changed' }]],
  ['gone', { 'table public.orders': '9' }, [{ object: 'index public.new', is: 'gone' }]],
  [
    'new, where the release had taken it away',
    { ...after, 'index public.old': '2' },
    [{ object: 'index public.old', is: 'new' }],
  ],
] as const)('finds what is %s', (_fact, now, found) => {
  expect(
    schemaDifferences(
      before,
      changesSince(before, after, () => true),
      now,
    ),
  ).toEqual(found);
});

test('an object that the release cannot have changed is to be as it was found', () => {
  const left = changesSince(before, after, (object) => object.startsWith('table'));
  expect(schemaDifferences(before, left, after)).toEqual([
    { object: 'index public.new', is: 'new' },
    { object: 'index public.old', is: 'gone' },
  ]);
});

test('names tables first, the columns that changed last, and no more than a line holds', () => {
  const indexes = Array.from({ length: 9 }, (_, index) => ({ object: `index public.i${index}`, is: 'new' }) as const);
  const table = { object: 'table public.orders', is: 'changed' } as const;
  expect(describeDifferences([...indexes, table], { [table.object]: ['column note'] })).toMatch(
    /^table public\.orders is changed \(column note\), index public\.i0 is new, .* and 2 more$/,
  );
});

test('the drift of a schema is called by its target', () => {
  expect([targetOfSchema(schemaKey('orders')), targetOfSchema('flag/switches/schema/orders')]).toEqual([
    'orders',
    undefined,
  ]);
});

test.each([
  [
    { answer: 'tell', count: 1 },
    /changed the schema of orders: table public\.x is new; it is left to its owners: take it back/,
  ],
  [{ answer: 'roll-back', count: 1 }, /table public\.x is new; so the release turns back, as policy says\.$/],
  [{ answer: 'tell', count: 4 }, /This is the 4th time, so it is looked at again in 10s\.$/],
] as const)('says what was found and what happens: %j', (found, sentence) => {
  expect(sentenceOfDrift({ effect: 'schema/orders', observed: 'table public.x is new', ...found })).toMatch(sentence);
});
