-- Returns what is not as it should be: no row means the contract step is complete.
select 'column orders.customer_name is still there' as problem
where exists (
  select from pg_attribute
  where attrelid = 'orders'::regclass and attname = 'customer_name' and not attisdropped
)
union all
select 'column orders.' || wanted.name || ' is missing or may be null'
from (values ('given_name'), ('family_name')) as wanted (name)
where not exists (
  select from pg_attribute
  where attrelid = 'orders'::regclass and attname = wanted.name and attnotnull and not attisdropped
)
union all
select 'trigger orders_names is still there'
where exists (select from pg_trigger where tgrelid = 'orders'::regclass and tgname = 'orders_names');
