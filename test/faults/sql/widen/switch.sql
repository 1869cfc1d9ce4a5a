insert into public.marks values ('widen-total.switch');
-- Reports go by the new form from here on.
create or replace view public.order_sizes as select id, total_wide > 1000 as is_large from public.orders;
