import { loadModule, parseSync } from 'libpg-query';
import { seemsToTouch, touches } from '../../src/sql/touches';

beforeAll(loadModule);
const column = { schema: 'public', table: 'orders', column: 'customer' };

it.each([
  ['select customer from orders', true],
  ['select o.customer from orders o', true],
  ['select * from orders', true],
  ['select o.* from orders o join lines l on l.order_id = o.id', true],
  ['select l.* from orders o join lines l on l.order_id = o.id', false],
  ['select l.customer, o.id from orders o join lines l on l.order_id = o.id', false],
  ['select id from orders where customer = $1', true],
  ['select id from orders order by customer', true],
  ['select count(*) from orders', false],
  ['select id, total from orders', false],
  ['select row_to_json(o) from orders o', true],
  ['select * from lines where order_id in (select id from orders)', false],
  ['select * from (select id from orders) s', false],
  ['select id from public.orders where public.orders.customer is null', true],
  ['select customer from other.orders', false],
  ['select customer from people', false],
  ['insert into orders values ($1, $2)', true],
  ['insert into orders (id, total) values ($1, $2)', false],
  ['insert into orders (id, customer) values ($1, $2)', true],
  ['insert into orders (id) values ($1) returning *', true],
  ['insert into orders (id) values ($1) on conflict (customer) do nothing', true],
  ['insert into orders (id) select id from lines returning id', false],
  ['update orders set customer = $1 where id = $2', true],
  ['update orders set total = $1 where id = $2', false],
  ['update orders set total = 1 returning *', true],
  ['delete from orders where customer = $1', true],
  ['delete from orders where id = $1', false],
  ['with o as (select * from orders) select id from o', true],
  ['copy orders to stdout', true],
  ['copy orders (id) to stdout', false],
  ['copy orders (id, customer) to stdout', true],
  ['merge into orders o using lines l on o.id = l.id when matched then update set customer = $1', true],
  ['select id from orders join people using (customer)', true],
  ['select l.id from orders o join lines l using (id)', false],
  ['select id from orders natural join people', true],
  ['select l.id from lines l natural join people', false],
  ["do $$ begin execute format('select %I from orders', 'cust' || 'omer'); end $$", true],
  ['do $$ begin perform 1 from lines; end $$', false],
  ['alter table orders drop column customer', false],
])('%s: %s', (sql, isSo) => {
  expect(touches(parseSync(sql), column)).toBe(isSo);
});

it('a table is touched by any statement on its rows', () => {
  const table = { table: 'old_orders' };
  expect(touches(parseSync('select 1 from old_orders'), table)).toBe(true);
  expect(touches(parseSync('select 1 from orders'), table)).toBe(false);
});

it('judges a text that the parser does not read by its words', () => {
  expect(seemsToTouch('select interval $1 from Orders where CUSTOMER', column)).toBe(true);
  expect(seemsToTouch('select interval $1 from orders', column)).toBe(false);
  expect(seemsToTouch('select * from orders', column)).toBe(true);
  expect(seemsToTouch('select customer from people', column)).toBe(false);
});
