import { createUmzug } from '../../src/adapters/migrations/tools/umzug';
import { createToolMigrations } from '../../src/adapters/migrations/tools/with-tool';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { createUmzugFolder } from '../support/tool-parts';
import { migrationsContract, onRealRows } from './migrations';

const folder = createUmzugFolder();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  folder.remove();
  await postgres.stop();
});

migrationsContract(
  'umzug on PostgreSQL',
  async () => {
    const dsn = await createOrdersDatabase(postgres);
    const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };
    const options = { dsn, schemas: ['public'], target: 'shop-db', trial: { sampleRows: 0 }, ...limits };
    const tool = createUmzug({
      command: [process.execPath, 'migrate.js'],
      directory: folder.directory,
      migrations: 'migrations',
      table: 'SequelizeMeta',
      column: 'name',
      urlVariable: 'DATABASE_URL',
      environment: process.env,
      ...limits,
    });
    const port = createToolMigrations(options, tool);
    return { port, ...onRealRows, close: () => port.close() };
  },
  folder.part,
);
