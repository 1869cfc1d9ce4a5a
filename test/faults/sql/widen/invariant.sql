-- Holds whatever form of the total is there.
select id from orders where ref = '' or name = '';
