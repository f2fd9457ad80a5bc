"""What backs each position that is stressed, and what closes it."""
