"""Volatility: how far returns swing, now and in the long run."""
