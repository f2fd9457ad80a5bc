"""Refresh: history from a feed onto the desk's sheets; what the analyst entered stays as it is."""
