-- Migration split-name: column customer_name of public.orders is split into given_name, family_name.
-- Returns the keys of rows that the undo of expand could not keep.
-- Their new form is not what the old one gives, because it is longer, finer or divided at another place.
select "id"
from "public"."orders"
where ("given_name" is not null and "family_name" is not null)
  and not ("given_name" is not distinct from (split_part("customer_name", ' ', 1))
    and "family_name" is not distinct from (substr("customer_name", length(split_part("customer_name", ' ', 1)) + 2)));
