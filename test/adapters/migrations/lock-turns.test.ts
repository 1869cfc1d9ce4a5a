import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import { takeMigrationLock } from '../../../src/adapters/migrations/migration-lock';
import { advisoryKeys } from '../../../src/adapters/postgres/advisory-keys';
import { withSession } from '../../../src/adapters/postgres/session';
import { contractEffect } from '../../contracts/contract';
import { failure } from '../../support/failure';
import { createOrdersDatabase, runSql } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const release = { workflowId: 'release/test/shop', release: 'run-1', service: 'shop', version: '2.0.0' };

const limits = { schemas: ['public'], target: 'shop-db', lockTimeoutMs: 200, statementTimeoutMs: 5_000 };
const openContracts = (dsn: string) => createPostgresContract({ ...limits, dsn, roles: {}, maxCopyBytes: 1e9 });

test('whoever waits for the migration lock keeps no release from beginning, and none that begins looks like one who waits', async () => {
  const dsn = await postgres.createDatabase('turns');
  const contracts = openContracts(dsn);
  await withSession(dsn, 'holder', async (holder) => {
    await takeMigrationLock(holder, 'backfill', 'shop-db');
    let hasWaited = false;
    const waiting = withSession(dsn, 'waiter', (waiter) => takeMigrationLock(waiter, 'expand', 'shop-db')).then(
      () => undefined,
      (error: unknown) => {
        hasWaited = true;
        return error;
      },
    );
    const shared = async (): Promise<number> => {
      const { rows } = await holder.query<{ count: string }>(
        `select count(*) as count from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted`,
      );
      return Number(rows[0]?.count);
    };
    while ((await shared()) === 0) await new Promise((done) => setTimeout(done, 10));
    expect(await contracts.enter(release, true)).toEqual([]);
    expect(hasWaited).toBe(false);
    expect(await waiting).toMatchObject({ code: 'TargetUnavailable' });
  });
});

test.each([
  {
    what: 'the look for open releases before a renaming',
    lock: `select pg_advisory_xact_lock(${advisoryKeys.turn.join(', ')})`,
    isRenamed: false,
  },
  { what: 'the filling before a way back', lock: 'lock table orders in access exclusive mode', isRenamed: true },
])('$what gives way to who holds the lock, and names them', async ({ lock, isRenamed }) => {
  const dsn = await createOrdersDatabase(postgres);
  await runSql(
    dsn,
    `alter table orders add column client text;
     create function keep_both() returns trigger language plpgsql as $$ begin return new; end $$;
     create trigger keep_both before insert or update on orders for each row execute function keep_both()`,
  );
  const contracts = openContracts(dsn);
  const contract = contractEffect('drop function keep_both() cascade; alter table orders drop column customer');
  if (isRenamed) await contracts.retire(contract, 'a');
  await withSession(dsn, 'night job', (holder) =>
    holder.transaction(async () => {
      await holder.query(lock);
      const blocked = isRenamed ? contracts.putBack(contract, 'a') : contracts.retire(contract, 'a');
      expect((await failure(blocked)).message).toMatch(
        /a lock was not free within 0.2 s, 5 times, because of `night job`/,
      );
    }),
  );
});
