-- Returns orders whose two forms of the name are not both there and the same: no row means the back-fill is complete.
select id
from orders
where given_name is null
  or family_name is null
  or rtrim(given_name || ' ' || family_name) is distinct from rtrim(customer_name)
order by id
limit 20;
