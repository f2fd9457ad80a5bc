"""Pages on what is declared: functions, limits, settings."""
