import { compareTrial } from '../../../src/core/plan/trial';
import { migrateEffect } from '../../support/migrate-effect';

const expand = migrateEffect('expand', 'a', 'b');
const backfill = migrateEffect('backfill', 'a', undefined);
const other = migrateEffect('expand', 'c', 'd', '0002-other');

it('finds nothing where the last schema is the first', () => {
  const found = compareTrial({ parts: [expand], forward: [{ t: '1' }, { t: '2', u: '1' }], backward: [{ t: '1' }] });
  expect(found).toEqual([]);
});

it('names the object, how it differs, and the undo of the part that changed it', () => {
  const found = compareTrial({
    parts: [expand, other],
    forward: [{ t: '1' }, { t: '2' }, { t: '2', extra: '1' }],
    backward: [
      { t: '2', extra: '1' },
      { t: '1', extra: '1' },
    ],
  });
  expect(found).toEqual([
    { object: 'extra', is: 'left behind', effects: [other.key], undos: ['migrations/0002-other.expand.undo.sql'] },
  ]);
});

it('names the undo that takes away what no part made', () => {
  const found = compareTrial({
    parts: [expand, other],
    forward: [{ t: '1' }, { t: '1', a: '1' }, { t: '1', a: '1', b: '1' }],
    backward: [{ t: '1', a: '1' }, {}],
  });
  expect(found).toEqual([
    { object: 't', is: 'missing', effects: [expand.key], undos: ['migrations/0001-orders.expand.undo.sql'] },
  ]);
});

it('names every part that touched an object, also one without an undo', () => {
  const found = compareTrial({
    parts: [expand, backfill],
    forward: [{ t: '1' }, { t: '2' }, { t: '3' }],
    backward: [{ t: '3' }, { t: '4' }],
  });
  expect(found).toEqual([
    {
      object: 't',
      is: 'different',
      effects: [expand.key, backfill.key],
      undos: ['migrations/0001-orders.expand.undo.sql'],
    },
  ]);
});
