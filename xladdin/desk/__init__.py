"""The desk: what the workbook holds and the jobs that fill it."""
