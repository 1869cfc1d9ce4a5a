import type { KeyRule, ThrottleRule } from '../../src/core/backfill/rule';
import type { MigrateEffect } from '../../src/ports/migrations';
import { migrateEffect } from './migrate-effect';

type Change = {
  readonly key?: Partial<KeyRule>;
  readonly throttle?: Partial<ThrottleRule>;
  readonly restAtMostMs?: number;
};

/** A backfill along `orders.id` in batches of ten rows, which nothing throttles. */
export function keyedBackfill(
  sql = "update orders set state = 'open' where id > $1 and id <= $2",
  { key, throttle, restAtMostMs }: Change = {},
): MigrateEffect {
  return {
    ...migrateEffect('backfill', sql, 'update orders set state = null'),
    backfill: {
      key: { table: 'orders', column: 'id', rows: 10, ...key },
      throttle: { statementMs: 60_000, replicaLagMs: 10_000, restMs: 0, ...throttle },
      guard: { rules: [] },
      ...(restAtMostMs === undefined ? {} : { restAtMostMs }),
    },
  };
}
