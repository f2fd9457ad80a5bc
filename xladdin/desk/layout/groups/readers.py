"""The jobs that read a setting: those whose results follow from it."""

from __future__ import annotations

__all__ = [
    "BACKTEST",
    "EVERY_JOB",
    "HEDGE",
    "HEDGE_AND_BACKTEST",
    "HEDGE_AND_STRESS",
    "REBALANCE",
    "REBALANCE_AND_HEDGE",
    "STRESS",
    "STRESS_AND_BACKTEST",
    "TODAY",
    "TODAY_AND_HEDGE",
]

BACKTEST, HEDGE, STRESS = ("backtest",), ("hedge",), ("stress",)
TODAY = ("rebalance",)
"""Of what only speaks of today a backtest has its own past."""
REBALANCE = (*TODAY, *BACKTEST)
"""A backtest asks the policy that Rebalance asks."""
REBALANCE_AND_HEDGE, HEDGE_AND_STRESS = (*REBALANCE, *HEDGE), (*HEDGE, *STRESS)
HEDGE_AND_BACKTEST = (*HEDGE, *BACKTEST)
"""A backtest hedges as Hedge does, where HedgeInPast says so."""
TODAY_AND_HEDGE = (*TODAY, *HEDGE)
STRESS_AND_BACKTEST = (*STRESS, *BACKTEST)
EVERY_JOB = (*REBALANCE, *HEDGE, *STRESS)
