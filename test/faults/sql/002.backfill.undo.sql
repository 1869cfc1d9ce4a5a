update orders set first = null, last = null, filled = filled - 1 where filled > 0;
