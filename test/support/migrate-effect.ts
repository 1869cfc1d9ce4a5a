import { sha256Hex } from '../../src/core/canonical';
import type { SqlFile } from '../../src/core/plan/effects';
import type { MigrateEffect } from '../../src/ports/migrations';

export const sqlFile = (path: string, sql: string): SqlFile => ({ path, sql, sha256: sha256Hex(sql) });

/** A migrate effect from two texts; an undo of undefined is a skip. */
export function migrateEffect(
  part: MigrateEffect['part'],
  apply: string,
  undo: string | undefined,
  migration = '0001-orders',
): MigrateEffect {
  return {
    kind: 'migrate',
    key: `${migration}/${part}`,
    target: 'shop-db',
    migration,
    part,
    apply: sqlFile(`migrations/${migration}.${part}.sql`, apply),
    undo: undo === undefined ? { skip: 'harmless' } : sqlFile(`migrations/${migration}.${part}.undo.sql`, undo),
  };
}
