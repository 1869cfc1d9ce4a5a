select id from orders where total < 0;
