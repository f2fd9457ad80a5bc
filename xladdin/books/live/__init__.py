"""An open workbook, asked and changed through xlwings in few wide calls: tables, names, modes, refusals."""
