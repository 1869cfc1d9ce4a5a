import { createDbmate } from '../../src/adapters/migrations/tools/dbmate';
import { createToolMigrations } from '../../src/adapters/migrations/tools/with-tool';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { dbmateCommand } from '../support/dbmate';
import { dbmatePart } from '../support/tool-parts';
import { migrationsContract, onRealRows } from './migrations';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

migrationsContract(
  'dbmate on PostgreSQL',
  async () => {
    const dsn = await createOrdersDatabase(postgres);
    const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
    const options = { dsn, schemas: ['public'], target: 'shop-db', trial: { sampleRows: 0 }, ...limits };
    const tool = createDbmate({
      command: dbmateCommand(),
      table: 'schema_migrations',
      environment: process.env,
      ...limits,
    });
    const port = createToolMigrations(options, tool);
    return { port, ...onRealRows, close: () => port.close() };
  },
  dbmatePart,
);
