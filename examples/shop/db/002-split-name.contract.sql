-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Contract: the old form goes.
-- Rows are read under a lock that lets reads and writes go on; it fails while a row is not filled.
alter table "public"."orders" validate constraint "orders_split_name_filled";

drop trigger if exists "zz_orders_split_name_insert" on "public"."orders";
drop trigger if exists "zz_orders_split_name_update" on "public"."orders";
-- The constraint has proved it, so no row is read under the strong lock.
alter table "public"."orders"
  alter column "given_name" set not null,
  alter column "family_name" set not null;
alter table "public"."orders"
  drop constraint "orders_split_name_filled",
  drop column "customer_name";
drop function if exists "public"."orders_split_name_sync"();
