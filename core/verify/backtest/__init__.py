"""Backtest: what a policy would have made of a history, where it came from, and how far to believe it."""
