"""Market data from outside: what a feed answers, files that answer it, and histories joined on one clock."""
