"""The backtest a second time: a slow ledger over the tables, and what became of it, by plain loops."""
