import { knownFunctions } from '../../src/sql/known-functions';
import { createOrdersDatabase, runSql } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

/** They give another value each time, move a sequence, seed this session's numbers, or speak to who listens. */
const notSteady = [
  'clock_timestamp',
  'currval',
  'gen_random_uuid',
  'lastval',
  'nextval',
  'pg_notify',
  'random',
  'setseed',
  'setval',
  'uuidv4',
  'uuidv7',
];

test('takes no function for known that is not of PostgreSQL, or that may change something', async () => {
  const rows = await runSql(
    await createOrdersDatabase(postgres),
    `select name, count(p.oid)::int as found, count(p.oid) filter (where p.provolatile = 'v')::int as volatile
       from unnest('{${[...knownFunctions].join(',')}}'::text[]) name
       left join pg_proc p on p.proname = name and p.pronamespace = 'pg_catalog'::regnamespace
      group by name order by name collate "C"`,
  );
  expect(rows.filter(({ found }) => found === 0)).toEqual([]);
  expect(rows.filter(({ volatile }) => volatile !== 0).map(({ name }) => name)).toEqual(notSteady);
});
