"""Portfolios: the weights that are best for an objective inside the limits."""
