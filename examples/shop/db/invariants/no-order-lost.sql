-- Returns orders that were taken and are gone, changed in value or without a customer: no row means none was lost.
-- The row is read as JSON because the name has other columns before, during and after its migration.
select receipts.order_id
from receipts
left join orders on orders.id = receipts.order_id
where orders.id is null
  or orders.total_cents <> receipts.total_cents
  or coalesce(
    nullif(to_jsonb(orders) ->> 'customer_name', ''),
    nullif(to_jsonb(orders) ->> 'given_name', '')
  ) is null
order by receipts.order_id
limit 20;
