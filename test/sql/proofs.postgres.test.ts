import { Client } from 'pg';
import { codesOf } from '../support/judge-migration';
import { createOrdersDatabase } from '../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

let postgres: TestPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new Client({ connectionString: await createOrdersDatabase(postgres) });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

/** Whether PostgreSQL says that it leaves the scan out; it says so at this level only. */
async function isProvedFor(before: string, statement: string): Promise<boolean> {
  const said: string[] = [];
  const listen = ({ message }: { readonly message?: string | undefined }) => void said.push(message ?? '');
  client.on('notice', listen);
  try {
    await client.query(`begin; ${before}`);
    await client.query('set local client_min_messages = debug1');
    await client.query(statement);
  } finally {
    await client.query('rollback');
    client.off('notice', listen);
  }
  return said.some((text) => /sufficient to prove|is implied by existing constraints/.test(text));
}

const notNull = 'alter table t alter a set not null';
const attach = (bounds: string) => `alter table parent attach partition t for values ${bounds}`;

describe.each([
  ['a is not null', 'a int, b int', '', notNull],
  ['b > 0 and not (a is null)', 'a int, b int', '', notNull],
  ['(a is not null and b > 1) or (a is not null and b < 0)', 'a int, b int', '', notNull],
  ['a > 0', 'a int, b int', '', notNull],
  ['a is not null or b is not null', 'a int, b int', '', notNull],
  ["a is not null and a in ('x', 'y')", 'a text', 'list (a)', attach("in ('y', 'x')")],
  ["a is not null and a = 'x'", 'a text', 'list (a)', attach("in ('x', 'y')")],
  ["a = 'x'", 'a text', 'list (a)', attach("in ('x')")],
  ['a is not null and a = any (array[1, -2])', 'a int', 'list (a)', attach('in (1, -2)')],
  [
    "a is not null and a >= '2026-01-01' and a < '2026-02-01'",
    'a date',
    'range (a)',
    attach("from ('2026-01-01') to ('2026-02-01')"),
  ],
  [
    "a is not null and a >= '2026-01-01' and a <= '2026-02-01'",
    'a date',
    'range (a)',
    attach("from ('2026-01-01') to ('2026-02-01')"),
  ],
  ['a is not null and a < 7', 'a int', 'range (a)', attach('from (minvalue) to (7)')],
])('check (%s)', (said, columns, key, statement) => {
  it(`is a proof for the judge only where it is one for PostgreSQL: ${statement}`, async () => {
    const tables = `create table t (${columns}); ${key === '' ? '' : `create table parent (${columns}) partition by ${key};`}`;
    const add = `alter table t add constraint c check (${said}) not valid`;
    const validate = 'alter table t validate constraint c';
    const codes = await codesOf('contract', { expand: add, contract: `${validate}; ${statement}` });
    expect(codes.length === 0).toBe(await isProvedFor(`${tables} ${add}; ${validate}`, statement));
  });
});
