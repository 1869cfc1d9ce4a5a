-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Undo of expand: the old form holds what either version wrote.
-- The rows that it cannot hold are those of the losses query.
drop trigger if exists "zz_orders_split_name_insert" on "public"."orders";
drop trigger if exists "zz_orders_split_name_update" on "public"."orders";
drop function if exists "public"."orders_split_name_sync"();
alter table "public"."orders"
  drop constraint if exists "orders_split_name_filled",
  drop column if exists "given_name",
  drop column if exists "family_name";
