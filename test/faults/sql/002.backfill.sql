update orders
set first = split_part(name, ' ', 1), last = split_part(name, ' ', 2), filled = filled + 1
where id in (select id from orders where first is null order by id limit 200);
