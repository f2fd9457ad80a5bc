"""Excel: formulas in cells and buttons on the ribbon, through xlwings, from an add-in that is built from text."""
