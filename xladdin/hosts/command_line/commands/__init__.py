"""The commands, a file for each family; `cli` gathers them."""
