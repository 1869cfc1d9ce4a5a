-- The rows are read under a lock that lets reads and writes go on; the strong lock below only changes the catalogue.
alter table orders validate constraint orders_names_present;
drop trigger if exists orders_names on orders;
alter table orders
  alter column given_name set not null,
  alter column family_name set not null;
alter table orders
  drop constraint orders_names_present,
  drop column customer_name;
drop function if exists keep_names_together();
drop function if exists given_name_of(text);
drop function if exists family_name_of(text);
