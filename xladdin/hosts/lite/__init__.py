"""PerpDesk in xlwings Lite, the free add-in that brings Python into Excel: functions, scripts, and a workbook."""
