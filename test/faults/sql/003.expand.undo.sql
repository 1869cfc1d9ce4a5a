delete from marks where ctid = (select ctid from marks where part = '003.expand' limit 1);
alter table orders drop column note;
