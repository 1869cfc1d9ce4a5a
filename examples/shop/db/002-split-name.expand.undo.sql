-- Nothing is lost: the trigger kept customer_name filled while it was there.
drop trigger if exists orders_names on orders;
drop function if exists keep_names_together();
alter table orders drop constraint if exists orders_names_present;
alter table orders
  drop column if exists given_name,
  drop column if exists family_name;
drop function if exists given_name_of(text);
drop function if exists family_name_of(text);
