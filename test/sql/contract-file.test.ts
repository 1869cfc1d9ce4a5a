import { readContractFile } from '../../src/sql/contract-file';
import { parseSql } from '../../src/sql/parse';

const read = async (sql: string) => {
  const parsed = await parseSql({ path: 'a.sql', sql });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return readContractFile(parsed.value);
};

it('reads what a contract file removes, what it drops itself, and what no copy could bring back', async () => {
  const file = await read(`drop trigger if exists t on orders;
    drop function f(text);
    alter table orders drop constraint c, drop column customer;
    drop table shop.old_orders, lines;
    delete from orders;
    alter table orders alter total type bigint;
    drop view v cascade;`);
  expect(file.removals).toEqual([
    { table: 'orders', column: 'customer' },
    { schema: 'shop', table: 'old_orders' },
    { table: 'lines' },
  ]);
  expect(file.dropped).toEqual([
    { kind: 'trigger', name: 't', on: { name: 'orders' } },
    { kind: 'function', name: 'f', types: ['"text"'] },
    { kind: 'relation', schema: 'shop', name: 'old_orders' },
    { kind: 'relation', name: 'lines' },
    { kind: 'relation', name: 'v' },
    { kind: 'constraint', name: 'c', on: { name: 'orders' } },
  ]);
  expect(file.unkeepable.map(({ line }) => line)).toEqual([5, 6, 7]);
});

it('takes names as PostgreSQL does', async () => {
  const file = await read('alter table sales."Orders" drop Name, drop if exists "Old;"; drop table if exists Receipts');
  expect(file.removals).toEqual([
    { schema: 'sales', table: 'Orders', column: 'name' },
    { schema: 'sales', table: 'Orders', column: 'Old;' },
    { table: 'receipts' },
  ]);
});
