insert into marks values ('002.contract');
drop trigger orders_names on orders;
drop function keep_names_together();
alter table orders drop column name;
