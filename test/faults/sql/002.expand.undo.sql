delete from marks where ctid = (select ctid from marks where part = '002.expand' limit 1);
drop trigger orders_names on orders;
drop function keep_names_together();
-- spillway: allow set-not-null-scan because the table of this world holds a few hundred rows
alter table orders
  drop column first,
  drop column last,
  drop column filled,
  alter column name set not null;
