delete from public.marks where ctid = (select ctid from public.marks where part = 'widen-total.switch' limit 1);
create or replace view public.order_sizes as select id, total > 1000 as is_large from public.orders;
