import { everything, planOf, refusalsOf, splitName } from './shop-sources';

const ids = (plan: ReturnType<typeof planOf>) => plan.stages.map((stage) => stage.id);

describe('stages', () => {
  it('switch behind the last gate, right before full exposure, and verify it', () => {
    const migrations = [{ ...splitName, switch: { sql: '002.sql', undo: '002.undo.sql', check: '002.check.sql' } }];
    const plan = planOf({ descriptor: { ...everything, migrations } });
    const at = ids(plan).indexOf('switch');
    expect(ids(plan).slice(at - 1)).toEqual([
      'gate-go-expose-full',
      'switch',
      'verify-switch',
      'expose-full',
      'promote',
    ]);
    expect(plan.stages.slice(at, at + 2)).toMatchObject([
      { kind: 'apply', effects: ['migrate/002/switch'] },
      { kind: 'verify', effects: ['migrate/002/switch'] },
    ]);
    const verify = plan.stages.find(({ id }) => id === 'verify');
    expect(verify).toMatchObject({ effects: ['migrate/002/expand'] });
  });
});

describe('effects', () => {
  it('carry the query of what their undo would lose; what is reconciled is that query where none is named', () => {
    const name = { id: 'name', table: 'public.orders', key: 'id', old: 'name', new: 'first' };
    const plain = { ...splitName, reconcile: [name] };
    const own = { ...plain, expand: { ...splitName.expand, losses: 'no-order-lost.sql' } };
    const lossesOf = (migration: object) => {
      const [expand, backfill] = planOf({ descriptor: { migrations: [migration] } }).effects;
      return [expand, backfill].map((effect) =>
        effect?.kind === 'migrate' ? (effect.losses ?? []).map(({ path }) => path) : undefined,
      );
    };
    expect(lossesOf(splitName)).toEqual([[], []]);
    expect(lossesOf(plain)).toEqual([['reconcile 002/name'], []]);
    expect(lossesOf(own)).toEqual([['no-order-lost.sql'], []]);
  });
});

it('two entries of one migration with one id are refused', () => {
  const rule = { id: 'a', table: 'orders', key: 'id', old: 'x', new: 'y' };
  const refusals = refusalsOf({ descriptor: { migrations: [{ ...splitName, reconcile: [rule, rule] }] } });
  expect(refusals).toMatchObject([{ code: 'duplicate-reconcile', message: '`reconcile` has `002/a` more than once.' }]);
});
