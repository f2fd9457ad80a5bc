"""The workbook of examples, drawn from what is declared: contents, a sheet a category, the histories they read."""
