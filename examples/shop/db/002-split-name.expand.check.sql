-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Returns what is missing: no row means that expand is in place.
select 'column customer_name of public.orders' as missing
where not exists (
  select from pg_catalog.pg_attribute
  where attrelid = pg_catalog.to_regclass('"public"."orders"') and attname = 'customer_name' and not attisdropped
)
union all
select 'column given_name of public.orders' as missing
where not exists (
  select from pg_catalog.pg_attribute
  where attrelid = pg_catalog.to_regclass('"public"."orders"') and attname = 'given_name' and not attisdropped
)
union all
select 'column family_name of public.orders' as missing
where not exists (
  select from pg_catalog.pg_attribute
  where attrelid = pg_catalog.to_regclass('"public"."orders"') and attname = 'family_name' and not attisdropped
)
union all
select 'trigger zz_orders_split_name_insert of public.orders'
where not exists (
  select from pg_catalog.pg_trigger
  where tgrelid = pg_catalog.to_regclass('"public"."orders"') and tgname = 'zz_orders_split_name_insert' and tgenabled = 'A'
)
union all
select 'trigger zz_orders_split_name_update of public.orders'
where not exists (
  select from pg_catalog.pg_trigger
  where tgrelid = pg_catalog.to_regclass('"public"."orders"') and tgname = 'zz_orders_split_name_update' and tgenabled = 'A'
)
union all
select 'constraint orders_split_name_filled of public.orders'
where not exists (
  select from pg_catalog.pg_constraint
  where conrelid = pg_catalog.to_regclass('"public"."orders"') and conname = 'orders_split_name_filled'
);
