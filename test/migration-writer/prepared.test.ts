import { readPage } from '../docs/pages';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { changes, connectTo, ordersTable, sqlOf } from './written';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

test('a statement prepared with `*` fails after expand as the how-to says, and one that names its columns does not', async () => {
  const client = await connectTo(await postgres.createDatabase('prepared_before_expand'));
  const every = { name: 'every', text: 'select * from public.orders' };
  const named = { name: 'named', text: 'select id, total from public.orders' };
  try {
    await client.query(ordersTable);
    await client.query(every);
    await client.query(named);
    await client.query(sqlOf(changes.retype, 'expand'));
    await client.query(named);
    const error: unknown = await client.query(every).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '0A000', message: 'cached plan must not change result type' });
  } finally {
    await client.end();
  }
  expect(readPage('docs/how-to/write-migrations.md')).toContain('`0A000`, _cached plan must not change result type_');
});
