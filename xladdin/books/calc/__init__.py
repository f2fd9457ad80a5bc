"""The document that is open in LibreOffice Calc, in the words in which every open workbook is read and changed."""
