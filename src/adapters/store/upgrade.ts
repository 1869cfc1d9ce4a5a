import type { Pool, PoolClient } from 'pg';
import { PortError } from '../../ports/errors';
import { advisoryKeys } from '../postgres/advisory-keys';
import { tableExists } from '../postgres/table-exists';
import { inTransaction } from '../postgres/pool';
import { schemaSteps } from './schema';

/**
 * Brings the store's schema up to the last of `steps`; a no-op when it is there already.
 * @throws PortError `Rejected` when a newer Spillway has upgraded it further.
 */
export async function upgradeStore(pool: Pool, target: string, steps: readonly string[] = schemaSteps): Promise<void> {
  if (checkVersion(await readVersion(pool), steps, target) === steps.length) return;
  await inTransaction(pool, async (client) => {
    // Several workers start at once; the others find the work done when they get the lock.
    await client.query('select pg_advisory_xact_lock($1, $2)', [...advisoryKeys.storeUpgrade]);
    const version = checkVersion(await readVersion(client), steps, target);
    if (version === 0) await createMeta(client);
    for (const step of steps.slice(version)) await client.query(step);
    await client.query("update spillway_store.meta set value = $1 where key = 'version'", [String(steps.length)]);
  });
}

async function createMeta(client: PoolClient): Promise<void> {
  await client.query(`
    create schema if not exists spillway_store;
    create table spillway_store.meta (key text primary key, value text not null);
    insert into spillway_store.meta values ('version', '0')`);
}

async function readVersion(connection: Pool | PoolClient): Promise<number> {
  const meta = { schema: 'spillway_store', name: 'meta' };
  if (!(await tableExists({ query: (sql, { values }) => connection.query(sql, [...values]) }, meta))) return 0;
  const { rows } = await connection.query<{ value: string }>(
    "select value from spillway_store.meta where key = 'version'",
  );
  return Number(rows[0]?.value ?? 0);
}

function checkVersion(version: number, steps: readonly string[], target: string): number {
  if (version <= steps.length) return version;
  throw new PortError(
    'Rejected',
    `opening ${target}: its schema has version ${version}, this Spillway knows up to ${steps.length}; ` +
      'run the newer Spillway that upgraded it, or restore an older copy of the store',
  );
}
