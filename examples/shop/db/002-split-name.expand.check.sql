-- Returns what is missing: no row means the expand step is in place.
select 'column orders.' || wanted.name as missing
from (values ('customer_name'), ('given_name'), ('family_name')) as wanted (name)
where not exists (
  select from pg_attribute
  where attrelid = 'orders'::regclass and attname = wanted.name and not attisdropped
)
union all
select 'trigger orders_names'
where not exists (
  select from pg_trigger
  where tgrelid = 'orders'::regclass and tgname = 'orders_names' and tgenabled = 'O'
)
union all
select 'constraint orders_names_present'
where not exists (
  select from pg_constraint
  where conrelid = 'orders'::regclass and conname = 'orders_names_present'
);
