-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Backfill of the keys above $1 up to $2.
update "public"."orders" set
  "given_name" = (split_part("customer_name", ' ', 1)),
  "family_name" = (substr("customer_name", length(split_part("customer_name", ' ', 1)) + 2))
where "id" > $1 and "id" <= $2
  and not ("given_name" is not null and "family_name" is not null);
