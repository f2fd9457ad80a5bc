"""The zip archive that a workbook file is: what is refused unread, members unpacked when asked for, members copied."""
