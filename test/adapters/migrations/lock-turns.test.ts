import { createPostgresContract } from '../../../src/adapters/contract/postgres';
import { takeMigrationLock } from '../../../src/adapters/migrations/migration-lock';
import { withSession } from '../../../src/adapters/postgres/session';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const release = { workflowId: 'release/test/shop', release: 'run-1', service: 'shop', version: '2.0.0' };

test('whoever waits for the migration lock keeps no release from beginning, and none that begins looks like one who waits', async () => {
  const dsn = await postgres.createDatabase('turns');
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 200, statementTimeoutMs: 5_000 };
  const contracts = createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9 });
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
