"""Open positions from a file: which columns say what, which contract a name is, what is held."""
