"""The greatest Sharpe ratio: max_sharpe, greatest e(w) / sqrt(w'S w).

It is made a quadratic program by y = k w, k > 0 (Schaible): minimise y'S y with e(y, k) >= 1, every limit a'w <= b
turned into a'y <= b k; then w = y / k. With many absolute values that program is large, and the ratio is sought on the
pieces between them instead, if need be from where the critical line comes nearest. Where net is free and no cost fixes
the size, every multiple of w has the same Sharpe ratio: the answer is the largest one that the limits allow.

Sources: Schaible, Management Science 22 (1976); for the pieces see `numeric.quadratic.piecewise`.
"""

from __future__ import annotations

import numpy as np

from ....errors import InfeasibleError, NotConvergedError, UndefinedError
from ....numeric.critical_line.line import critical_line
from ....numeric.quadratic.ratio import greatest_ratio, ratio_from_near
from ....numeric.quadratic.solve import QpSolution, QuadraticProgram, solve
from ....tolerances import ACTIVE
from ...limits.feasible_set import Expression, FeasibleSet, lifted, minimum
from ..homogeneous import cone, largest_multiple
from ..tangency import line_program, tangency_of
from ..trade_off import Portfolio, TradeOff
from .objective import Answer, Objective

__all__ = ["MaxSharpe"]

MANY_FOLDS = 8
"""Absolute values beyond which the search on the pieces between them beats Schaible's program."""

BOUNDLESS = 1e9
"""Weights that earn one at the least risk, from which on nothing is earned at all."""


class MaxSharpe(Objective):
    """The greatest expected excess return for a unit of volatility."""

    name = "max_sharpe"
    earns = True
    in_a_plain_book = "ratio"

    def best(self, over: FeasibleSet) -> Answer:
        """The optimum, by Schaible's program or, with many absolute values, on the pieces between them."""
        if not self._may_earn(over):
            raise InfeasibleError("no weight that the limits allow earns anything over risk-free")
        excess = self.gain(over)
        if over.kink_at.size > MANY_FOLDS and not over.others:
            solution = self._on_the_pieces(over, excess)
            if solution is not None:
                weights = solution.x[: self.premium.size]
                return (largest_multiple(over, weights) if self._scale_is_free else weights), solution
        solution = solve(self._homogenised(over, excess))
        inflated, scale = solution.x[: self.premium.size], float(solution.x[-1])
        if np.abs(inflated).max() > BOUNDLESS:
            raise self._no_premium(over)
        if self._scale_is_free:
            return largest_multiple(over, inflated), solution
        if not scale > 0:
            raise NotConvergedError("the Sharpe ratio grows without end under these limits; limit the weights")
        return inflated / scale, solution

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The portfolio at which p e(w) = w'S w."""
        portfolio = trade_off.where(_left_of_ratio, near)
        left = _left_of_ratio(portfolio)
        if abs(left) <= ACTIVE:
            return portfolio
        if left > 0:
            raise UndefinedError(
                "max_sharpe with market_impact: the smaller the position the better its ratio, so there is no best "
                "one; state net or net_min, or use utility"
            )
        raise UndefinedError(
            f"no positive premium: net of cost and market impact the best portfolio these limits allow earns "
            f"{portfolio.gain:.4g} over risk-free; use min_variance or change the expected returns"
        )

    def undefined(self, allowed: FeasibleSet) -> UndefinedError | None:
        """That nothing inside the limits earns more than risk-free."""
        if self.limits.cvar_max is None:
            return self._no_premium(allowed)
        return UndefinedError(
            f"no positive premium: no portfolio that keeps cvar_max {self.limits.cvar_max:g} and the other limits "
            "earns more than risk-free; raise cvar_max or use min_variance"
        )

    @property
    def _scale_is_free(self) -> bool:
        """Whether every multiple of a portfolio that the limits allow has the same Sharpe ratio."""
        low, high = self.limits.net_range()
        start = self.limits.vector("current_weights", self.premium.size)
        cost = self.limits.vector("turnover_cost", self.premium.size)
        return low < high and not (cost.any() and start.any())

    def _may_earn(self, over: FeasibleSet) -> bool:
        """Whether some weight inside its bounds earns anything; without one no program needs to be solved."""
        lower, upper = over.lower[: over.contracts], over.upper[: over.contracts]
        return bool((((self.premium > 0) & (upper > 0)) | ((self.premium < 0) & (lower < 0))).any())

    def _on_the_pieces(self, over: FeasibleSet, excess: Expression) -> QpSolution | None:
        """The optimum; None where it is found neither as it stands nor from the tangency of the critical line."""
        program = QuadraticProgram.over(over, self.covariance, -excess.coefficients, over.kink_contract)
        solution = greatest_ratio(program, excess.constant)
        if solution is not None:
            return solution
        try:
            line = critical_line(line_program(self.covariance, over, excess))
        except (InfeasibleError, NotConvergedError):
            return None
        safest = line.weights[0]
        tangency = tangency_of(line, excess.constant, float(safest @ self.covariance @ safest))
        return None if np.isnan(tangency).any() else ratio_from_near(program, excess.constant, lifted(over, tangency))

    def _homogenised(self, over: FeasibleSet, excess: Expression) -> QuadraticProgram:
        """Schaible's program in (y, k)."""
        within = cone(over)
        size = over.lower.size
        earned = np.append(excess.coefficients, excess.constant)
        earned = earned / (np.abs(earned).max() or 1.0)
        variance = np.zeros((size + 1, size + 1))
        variance[: over.contracts, : over.contracts] = self.covariance
        earning = within.with_rows(earned[np.newaxis], np.ones(1), np.array([np.inf]))
        return QuadraticProgram.over(earning, variance, np.zeros(size + 1))

    def _no_premium(self, over: FeasibleSet) -> UndefinedError:
        premium, contracts = self.premium, self.premium.size
        long = np.where(over.upper[:contracts] > 0, premium, -np.inf)
        short = np.where(over.lower[:contracts] < 0, -premium, -np.inf)
        net = np.maximum(long, short) - self.limits.vector("turnover_cost", contracts)
        best = int(np.argmax(net))
        if not np.isfinite(net[best]):
            return UndefinedError(
                "no positive premium: the limits allow no position at all; widen min_weight or max_weight"
            )
        if net[best] <= 0:
            return UndefinedError(
                f"no positive premium: the best, contract {best + 1}, has a net premium of {net[best]:.4g} over "
                "risk-free and cost; use min_variance or change the expected returns"
            )
        excess = self.gain(over)
        value = excess.coefficients @ minimum(over, None, -excess.coefficients).x + excess.constant
        return UndefinedError(
            f"no positive premium under these limits: the best portfolio they allow earns {value:.4g} over risk-free, "
            f"although contract {best + 1} has a net premium of {net[best]:.4g}; widen the limits or use min_variance"
        )


def _left_of_ratio(portfolio: Portfolio) -> float:
    variance = portfolio.volatility**2
    return portfolio.p * portfolio.gain / variance - 1 if variance > 0 else float(np.copysign(np.inf, portfolio.gain))
