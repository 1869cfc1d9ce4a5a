-- Both forms of the name live side by side: a trigger fills whichever one a version does not write.
alter table orders
  add column if not exists given_name text,
  add column if not exists family_name text;

create or replace function given_name_of(name text) returns text language sql immutable
return split_part(name, ' ', 1);

create or replace function family_name_of(name text) returns text language sql immutable
return substr(name, length(split_part(name, ' ', 1)) + 2);

create or replace function keep_names_together() returns trigger language plpgsql as $$
declare
  old_form_written boolean := new.customer_name is not null;
  new_form_written boolean := new.given_name is not null or new.family_name is not null;
begin
  if tg_op = 'UPDATE' then
    old_form_written := new.customer_name is distinct from old.customer_name;
    new_form_written := new.given_name is distinct from old.given_name
      or new.family_name is distinct from old.family_name;
  end if;

  if new_form_written then
    new.given_name := coalesce(new.given_name, given_name_of(new.customer_name), '');
    new.family_name := coalesce(new.family_name, family_name_of(new.customer_name), '');
    -- A back-filled row already says the same in the old form, which stays letter by letter as it was.
    if new.customer_name is null
      or new.given_name is distinct from given_name_of(new.customer_name)
      or new.family_name is distinct from family_name_of(new.customer_name) then
      new.customer_name := rtrim(new.given_name || ' ' || new.family_name);
    end if;
  elsif old_form_written or new.given_name is null or new.family_name is null then
    new.given_name := given_name_of(new.customer_name);
    new.family_name := family_name_of(new.customer_name);
  end if;
  return new;
end
$$;

drop trigger if exists orders_names on orders;
create trigger orders_names before insert or update on orders
for each row execute function keep_names_together();

-- Not valid now, so that no row is read under the lock; contract validates it before it needs a strong lock.
alter table orders drop constraint if exists orders_names_present;
alter table orders add constraint orders_names_present
  check (given_name is not null and family_name is not null) not valid;
