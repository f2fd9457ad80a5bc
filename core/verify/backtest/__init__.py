"""Backtest: what a policy would have made of a history, and which contract and source brought it."""
