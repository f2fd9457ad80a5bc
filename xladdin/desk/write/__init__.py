"""From what was found to the tables of the workbook."""
