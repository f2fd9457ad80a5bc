"""The past as the desk asks it: each decision of a backtest, and its hedge."""
