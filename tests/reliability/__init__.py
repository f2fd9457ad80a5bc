"""Campaigns against what PerpDesk must never do; `python -m tests.reliability [campaign ...] [--long] [--seed N]`."""
