"""An objective solved over a feasible set, with what bends it: market impact in the return, a cap on the tail.

Without either the objective knows its own way. Market impact makes the return a curve: the optimum is then a portfolio
of the trade-off of return against risk, and a least return a point further along it. A cap on the tail comes around
both.
"""

from __future__ import annotations

import numpy as np

from ....errors import InfeasibleError
from ....tolerances import ACTIVE
from ...limits.feasible_set import FeasibleSet
from ..trade_off import Portfolio, TradeOff
from .objective import Answer, Best, Objective
from .tail import best_with_tail

__all__ = ["best_of", "trade_off_over"]


def best_of(objective: Objective, allowed: FeasibleSet) -> Answer:
    """The best weights `(N,)` in `allowed`, with the certified solution of the program that they come from.

    Raises ArgumentError, MissingDataError, InfeasibleError, UndefinedError, NotConvergedError.
    """
    sought = objective.on_the_trade_off or objective.pays_impact
    return best_with_tail(objective, _along_the_trade_off(objective) if sought else objective.best, allowed)


def _along_the_trade_off(objective: Objective) -> Best:
    """The way that seeks a portfolio, each time near the one that was found over the last set."""
    near: float | None = None

    def best(over: FeasibleSet) -> Answer:
        nonlocal near
        trade_off = trade_off_over(objective, over)
        portfolio = objective.portfolio(trade_off, near)
        if objective.pays_impact and objective.limits.target_return is not None:
            portfolio = _with_least_gain(objective, trade_off, portfolio)
        near = portfolio.p
        return portfolio.weights, portfolio.solution

    return best


def trade_off_over(objective: Objective, over: FeasibleSet) -> TradeOff:
    """Return against risk as the objective sees them, over a set; with market impact without its least return."""
    limits, contracts = objective.limits, objective.premium.size
    return TradeOff(
        allowed=over.without("target_return") if objective.pays_impact else over,
        risk=objective.risk,
        covariance=objective.covariance,
        gain=objective.gain(over),
        impact=limits.vector("market_impact", contracts),
        current=limits.vector("current_weights", contracts),
    )


def _with_least_gain(objective: Objective, trade_off: TradeOff, portfolio: Portfolio) -> Portfolio:
    """`portfolio`, or where it earns too little the one that earns just enough."""
    limits = objective.limits
    target = float(limits.target_return or 0.0)
    least = target - limits.risk_free
    size = max(abs(least), float(np.abs(trade_off.gain.coefficients).max()) * ACTIVE)
    if portfolio.gain >= least - ACTIVE * size:
        return portfolio
    found = trade_off.where(lambda portfolio: (portfolio.gain - least) / size)
    if found.gain < least - ACTIVE * size:
        raise InfeasibleError(
            f"target_return {target:g} is above {limits.risk_free + found.gain:.4g}, the most that the "
            "other limits allow net of cost and market impact; lower it or widen them"
        )
    if limits.target_volatility is not None and found.volatility > limits.target_volatility * (1 + ACTIVE):
        raise InfeasibleError(
            f"target_return {target:g} needs a volatility of {found.volatility:.4g}, above "
            f"target_volatility {limits.target_volatility:g}; move one of them"
        )
    return found
