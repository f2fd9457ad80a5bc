"""The budget of risk as an objective: risk_budget, the share of each contract in the variance is its budget.

Sources and method: see `portfolio.risk_budget`.
"""

from __future__ import annotations

from ...limits.feasible_set import FeasibleSet
from ..risk_budget import risk_budget
from .objective import Answer, Objective

__all__ = ["RiskBudget"]


class RiskBudget(Objective):
    """Shares of risk as they were budgeted."""

    name = "risk_budget"

    def best(self, over: FeasibleSet) -> Answer:
        """The optimum, by Newton's method over the cone of the limits."""
        return risk_budget(over, self.covariance, self.limits)
