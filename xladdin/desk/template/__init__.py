"""The desk workbook, drawn from its declaration."""
