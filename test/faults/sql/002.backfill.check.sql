select id from orders where first is null limit 1;
