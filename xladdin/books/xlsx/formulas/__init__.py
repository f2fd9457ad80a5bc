"""Formulas of a workbook: found in the bytes of its sheets, what they read, and which of them a change can reach."""
