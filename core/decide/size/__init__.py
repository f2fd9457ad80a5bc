"""Sizes: how large a position, how much of the capital, which orders."""
