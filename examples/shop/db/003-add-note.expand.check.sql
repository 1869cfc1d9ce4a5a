-- Returns what is missing: no row means the expand step is in place.
select 'column orders.note' as missing
where not exists (
  select from pg_attribute
  where attrelid = 'orders'::regclass and attname = 'note' and not attisdropped
);
