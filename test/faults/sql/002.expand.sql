insert into marks values ('002.expand');
-- spillway: allow drop-not-null because every reader of this world takes a missing name
alter table orders
  add column first text,
  add column last text,
  add column filled integer not null default 0,
  alter column name drop not null;
create function keep_names_together() returns trigger language plpgsql as $$
begin
  if new.name is null then
    new.name := new.first || ' ' || new.last;
  else
    new.first := split_part(new.name, ' ', 1);
    new.last := split_part(new.name, ' ', 2);
  end if;
  return new;
end
$$;
create trigger orders_names before insert on orders for each row execute function keep_names_together();
