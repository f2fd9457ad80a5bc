"""Sweeps: many configurations of the desk over its backtest, on one machine or many."""
