"""Objectives of least risk, each one quadratic program.

    min_variance     least w'S w
    target_return    least w'S w with rf + e(w) >= target_return
    semivariance     least a w'S w + (1 - a) sum w_i^2 D_ii  (semivariance_full: w'D w),
                     D_ij = mean of min(return_i - threshold, 0) min(return_j - threshold, 0)

Sources: Markowitz, Journal of Finance 7 (1952); Estrada, Journal of Applied Finance 18 (2008) for the downside part.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ....arrays import Array
from ....choices import NEEDS
from ....errors import say
from ...limits.feasible_set import FeasibleSet, minimum
from ..trade_off import Portfolio, TradeOff
from .objective import Answer, Objective

__all__ = ["MinVariance", "Semivariance", "TargetReturn"]

SAME_UNITS = 4.0
"""Ratio of variances up to which covariance and returns are taken to be measured over the same period."""


class MinVariance(Objective):
    """The least variance."""

    name = "min_variance"
    in_a_plain_book = "risk"

    def best(self, over: FeasibleSet) -> Answer:
        """The minimum of the risk, one quadratic program."""
        solution = minimum(over, self.risk, np.zeros(over.lower.size))
        return solution.x[: self.premium.size], solution

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The end of no gain: risk is all that counts, until a least gain is asked for."""
        return trade_off.portfolio(0.0)


class TargetReturn(MinVariance):
    """The least variance that earns the target; the target itself is a limit."""

    name = "target_return"
    needs = NEEDS[name]


class Semivariance(MinVariance):
    """The least blend of variance and downside variance."""

    name = "semivariance"
    needs_returns = True

    @cached_property
    def risk(self) -> Array:
        """The blend of both matrices."""
        share = self.limits.semivariance_alpha
        downside = self._downside()
        part = downside if self.limits.semivariance_full else np.diag(np.diag(downside))
        return np.asarray(share * self.covariance + (1 - share) * part)

    def _downside(self) -> Array:
        """Mean product of the shortfalls of two contracts `(N, N)`, in the units of the covariance."""
        shortfalls = np.minimum(self.past - self.limits.downside_threshold, 0.0)
        downside = shortfalls.T @ shortfalls / len(self.past)
        variance = float(self.past.var(axis=0).sum())
        ratio = float(np.trace(self.covariance)) / variance if variance > 0 else 1.0
        if 1 / SAME_UNITS <= ratio <= SAME_UNITS or ratio == 0:
            return np.asarray(downside)
        say(
            f"covariance is {ratio:.4g} times that of returns, as over another period; the semivariance was scaled "
            "to it"
        )
        return np.asarray(downside * ratio)
