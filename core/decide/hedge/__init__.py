"""Hedges: the least costly trades that bring a book to its targets."""
