import { createPostgresMigrations } from '../../src/adapters/migrations/postgres';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { migrationsContract, onRealRows } from './migrations';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

migrationsContract('PostgreSQL', async () => {
  const dsn = await createOrdersDatabase(postgres);
  const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
  const port = createPostgresMigrations({
    dsn,
    schemas: ['public'],
    target: 'shop-db',
    trial: { sampleRows: 0 },
    ...limits,
  });
  return { port, ...onRealRows, close: () => port.close() };
});
