"""From the workbook to what the core understands."""
