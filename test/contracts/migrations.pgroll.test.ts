import { createToolMigrations } from '../../src/adapters/migrations/tools/with-tool';
import { createOrdersDatabase } from '../support/orders-database';
import { createTestPgroll, describeWithPgroll, makeReady } from '../support/pgroll';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { pgrollParts } from '../support/tool-parts';
import { migrationsContract, onRealRows } from './migrations';

describeWithPgroll('pgroll', (pgroll) => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());

  migrationsContract(
    'pgroll on PostgreSQL',
    async () => {
      const dsn = await createOrdersDatabase(postgres);
      makeReady(pgroll, dsn);
      const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
      const options = { dsn, schemas: ['public'], target: 'shop-db', trial: { sampleRows: 0 }, ...limits };
      const tool = createTestPgroll(pgroll, limits);
      const port = createToolMigrations(options, tool);
      return { port, ...onRealRows, close: () => port.close() };
    },
    pgrollParts,
  );
});
