-- One batch: run again and again until it changes no row. It may stop anywhere and go on later.
update orders
set given_name = given_name_of(customer_name),
    family_name = family_name_of(customer_name)
where id in (
  select id from orders
  where given_name is null or family_name is null
  order by id
  limit 1000
);
