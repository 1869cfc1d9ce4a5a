import { planRollback } from '../../../src/core/plan/rollback-plan';
import { everything, planOf, splitName } from './shop-sources';

const requirements = (plan: ReturnType<typeof planOf>) =>
  Object.fromEntries(plan.rollback.map(({ effectKey, requires }) => [effectKey, requires]));

it('undoes traffic and kill switches first, then the canary, settings, schema and data', () => {
  expect(Object.entries(requirements(planOf({ descriptor: everything })))).toEqual([
    ['flag/switches/stop-checkout', []],
    ['expose/shop', []],
    ['deploy/shop', ['expose/shop']],
    ['configure/limits', ['deploy/shop']],
    ['flag/switches/two-names', ['deploy/shop']],
    ['migrate/002/backfill', ['deploy/shop']],
    ['migrate/003/expand', ['deploy/shop', 'migrate/002/backfill']],
    ['migrate/002/expand', ['deploy/shop', 'migrate/003/expand']],
  ]);
});

it('undoes a switch once the canary has stopped, before everything else of its database', () => {
  const migrations = [{ ...splitName, switch: { sql: '002.sql', undo: '002.undo.sql' } }];
  const plan = planOf({ descriptor: { migrations } });
  expect(plan.rollback.map(({ effectKey }) => effectKey)).toEqual([
    'expose/shop',
    'deploy/shop',
    'migrate/002/switch',
    'migrate/002/backfill',
    'migrate/002/expand',
  ]);
  expect(requirements(plan)).toMatchObject({
    'migrate/002/switch': ['deploy/shop'],
    'migrate/002/backfill': ['deploy/shop', 'migrate/002/switch'],
  });
});

it('orders migrations only within one database', () => {
  const migrations = [splitName, { id: '003', database: 'stock', expand: { sql: '003.sql', undo: '003.undo.sql' } }];
  expect(requirements(planOf({ descriptor: { migrations } }))).toMatchObject({
    'migrate/003/expand': ['deploy/shop'],
    'migrate/002/expand': ['deploy/shop', 'migrate/002/backfill'],
  });
});

it('has one compensation an effect, in words', () => {
  const plan = planOf({ descriptor: everything });
  expect(plan.rollback.map((item) => item.effectKey).sort()).toEqual(plan.effects.map((effect) => effect.key).sort());
  expect(plan.rollback.map((item) => item.title)).toContain(
    'Leave the backfill of 002 at orders as it is: The column goes with the expand.',
  );
});

it('of nothing is nothing', () => {
  expect(planRollback([])).toEqual([]);
});
