"""The rows of a sheet as bytes: found once, parsed one by one where a cell is wanted, copied where none is written."""
