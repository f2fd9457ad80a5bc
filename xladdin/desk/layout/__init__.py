"""The desk workbook, declared once."""
