-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- One batch: run again and again until it changes no row.
update "public"."orders" set
  "given_name" = (split_part("customer_name", ' ', 1)),
  "family_name" = (substr("customer_name", length(split_part("customer_name", ' ', 1)) + 2))
where "id" in (
  select "id" from "public"."orders"
  where not ("given_name" is not null and "family_name" is not null)
  limit 1000
)
  and not ("given_name" is not null and "family_name" is not null);
