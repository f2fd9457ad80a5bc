"""The past as the desk asks it: each decision of a backtest, its hedge, and what is learned from it."""
