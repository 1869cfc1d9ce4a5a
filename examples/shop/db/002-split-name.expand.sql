-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Expand: the new form beside the old one.
-- Until the end of the transaction names mean the same here as in the function.
set local search_path = pg_catalog, pg_temp;

-- Without a default: null in the new form means that nobody wrote it.
alter table "public"."orders"
  add column "given_name" text,
  add column "family_name" text;

-- Called only for a row whose two forms disagree (see the triggers), so a backfilled row costs one comparison.
-- The search path is fixed: no caller's function or operator can take the place of PostgreSQL's.
create function "public"."orders_split_name_sync"() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $sync$
begin
  if tg_op = 'INSERT' then
    -- Only the new version fills the new form; what stands in the old one then may be no more than its default.
    if new."given_name" is not null or new."family_name" is not null then
      new."customer_name" := (rtrim(new."given_name" || ' ' || new."family_name"));
    else
      new."given_name" := (split_part(new."customer_name", ' ', 1));
      new."family_name" := (substr(new."customer_name", length(split_part(new."customer_name", ' ', 1)) + 2));
    end if;
  -- Whoever changes the new form knows it, so it wins over an old form that is written in the same statement.
  elsif new."given_name" is distinct from old."given_name"
    or new."family_name" is distinct from old."family_name" then
    if not (old."given_name" is not null and old."family_name" is not null) then
      -- The backfill has not reached the row: what the statement leaves out comes from the old form.
      new."given_name" := coalesce(new."given_name", (split_part(old."customer_name", ' ', 1)));
      new."family_name" := coalesce(new."family_name", (substr(old."customer_name", length(split_part(old."customer_name", ' ', 1)) + 2)));
    end if;
    new."customer_name" := (rtrim(new."given_name" || ' ' || new."family_name"));
  elsif new."customer_name" is distinct from old."customer_name"
    -- A touched row that the backfill has not reached is filled on the way.
    or not (new."given_name" is not null and new."family_name" is not null) then
    new."given_name" := (split_part(new."customer_name", ' ', 1));
    new."family_name" := (substr(new."customer_name", length(split_part(new."customer_name", ' ', 1)) + 2));
  end if;
  return new;
end
$sync$;

create trigger "zz_orders_split_name_insert"
before insert on "public"."orders"
for each row when (not (
  new."given_name" is not null and new."family_name" is not null
  and (
    (new."given_name" is not distinct from (split_part(new."customer_name", ' ', 1))
      and new."family_name" is not distinct from (substr(new."customer_name", length(split_part(new."customer_name", ' ', 1)) + 2)))
    or new."customer_name" is not distinct from (rtrim(new."given_name" || ' ' || new."family_name"))
  )
))
execute function "public"."orders_split_name_sync"();

create trigger "zz_orders_split_name_update"
before update on "public"."orders"
for each row when (not (
  new."given_name" is not null and new."family_name" is not null
  and (
    (new."given_name" is not distinct from (split_part(new."customer_name", ' ', 1))
      and new."family_name" is not distinct from (substr(new."customer_name", length(split_part(new."customer_name", ' ', 1)) + 2)))
    or new."customer_name" is not distinct from (rtrim(new."given_name" || ' ' || new."family_name"))
  )
))
execute function "public"."orders_split_name_sync"();

-- Also for rows that replication applies: where both forms arrive they agree, and nothing is called.
alter table "public"."orders"
  enable always trigger "zz_orders_split_name_insert",
  enable always trigger "zz_orders_split_name_update";

comment on function "public"."orders_split_name_sync"() is
  'Migration split-name: column customer_name of public.orders is split into given_name, family_name';

-- Not valid now, so that no row is read under the lock; contract validates it before it needs a strong lock.
alter table "public"."orders" add constraint "orders_split_name_filled"
  check ("given_name" is not null and "family_name" is not null) not valid;
