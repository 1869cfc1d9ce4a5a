import type { ReconcileRule } from '../../src/core/plan/reconcile';
import type { MigrateEffect } from '../../src/ports/migrations';
import { migrateEffect } from './migrate-effect';

/** Repeats until no row is left without a state. */
export const backfill = migrateEffect(
  'backfill',
  "update orders set state = 'open' where id in (select id from orders where state is null order by id limit 10)",
  'update orders set state = null',
);
const filled = migrateEffect('backfill', "update orders set state = 'open' where id > $1 and id <= $2", undefined);
/** The same rows in the same batches, along the key. */
export const keyed: MigrateEffect = {
  ...filled,
  backfill: {
    key: { table: 'orders', column: 'id', rows: 10 },
    throttle: { statementMs: 60_000, replicaLagMs: 10_000, restMs: 0 },
    guard: { rules: [] },
  },
};
/** Built beside whoever writes. */
export const index = migrateEffect(
  'index',
  'create index concurrently orders_state on orders (state)',
  'drop index concurrently if exists orders_state',
);
/** Two forms of `orders`, as expressions over a row. */
export const ruleOf = (id: string, old: string, fresh: string): ReconcileRule => ({
  id,
  migration: 'a',
  target: 'shop-db',
  table: 'orders',
  key: 'id',
  old,
  new: fresh,
});
