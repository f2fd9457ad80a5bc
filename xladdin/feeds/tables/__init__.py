"""Files as columns: unpacked within bounds, split as they are separated, times in UTC and numbers by file and line."""
