"""Hedges beside the contracts of Universe: what they are worth, what scenarios make of them, and which is traded."""
