"""What searches over the history found, as tables: sweeps and trainings."""
