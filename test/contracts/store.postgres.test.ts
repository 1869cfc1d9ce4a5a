import { randomUUID } from 'node:crypto';
import { createPostgresStore } from '../../src/adapters/store/postgres';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { storeContract } from './store';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

storeContract('PostgreSQL', async () => {
  const dsn = await postgres.createDatabase(`store_${randomUUID().replaceAll('-', '')}`);
  const port = createPostgresStore({ dsn });
  return { port, close: () => port.close() };
});
