insert into marks values ('003.expand');
alter table orders add column note text;
