"""The jobs that read a setting: those whose results follow from it."""

from __future__ import annotations

__all__ = ["EVERY_JOB", "HEDGE", "HEDGE_AND_STRESS", "REBALANCE", "REBALANCE_AND_HEDGE", "STRESS"]

REBALANCE, HEDGE, STRESS = ("rebalance",), ("hedge",), ("stress",)
REBALANCE_AND_HEDGE, HEDGE_AND_STRESS = (*REBALANCE, *HEDGE), (*HEDGE, *STRESS)
EVERY_JOB = (*REBALANCE, *HEDGE, *STRESS)
