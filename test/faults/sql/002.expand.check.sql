select 'orders.first is missing'
where not exists (select from information_schema.columns where table_name = 'orders' and column_name = 'first');
