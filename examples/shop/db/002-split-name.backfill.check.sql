-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Returns rows that are not filled, or whose forms disagree: no row means that backfill is complete.
select "id"
from "public"."orders"
where not (
  "given_name" is not null and "family_name" is not null
  and (
    ("given_name" is not distinct from (split_part("customer_name", ' ', 1))
      and "family_name" is not distinct from (substr("customer_name", length(split_part("customer_name", ' ', 1)) + 2)))
    or "customer_name" is not distinct from (rtrim("given_name" || ' ' || "family_name"))
  )
)
limit 20;
