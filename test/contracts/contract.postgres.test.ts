import { createPostgresContract } from '../../src/adapters/contract/postgres';
import { createPostgresMigrations } from '../../src/adapters/migrations/postgres';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { contractPortContract } from './contract';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

contractPortContract('PostgreSQL', async () => {
  const dsn = await createOrdersDatabase(postgres);
  const options = { dsn, schemas: ['public'], target: 'shop-db', lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
  return {
    port: createPostgresContract({ ...options, roles: {}, maxCopyBytes: 1e9 }),
    isApplied: (effect) => createPostgresMigrations(options).isApplied(effect),
    close: () => Promise.resolve(),
  };
});
