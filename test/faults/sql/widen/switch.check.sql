select 'view order_sizes does not go by total_wide'
where pg_catalog.pg_get_viewdef('public.order_sizes'::regclass) not like '%total_wide%';
