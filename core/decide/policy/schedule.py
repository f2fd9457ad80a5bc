"""How often to rebalance, as the market moves: sooner when it is volatile, or later.

    drift    T = base_hours (usual volatility / volatility now)^2
    calm     T = base_hours (volatility now / usual volatility)^2

held between `shortest` and `longest`. Why sooner: over a time T the weights drift with a variance in proportion to
sigma^2 T. Holding that drift at what it is over `base_hours` in usual times gives the first, so twice the volatility
asks for four times as many rebalances. Why later: spreads widen in a spike, and what is traded there is often traded
back. Measured on a hedge of altcoins, neither cut its risk; a no-trade band cost less than both.

Source: the drift of a Brownian motion; Leland (1999), "Optimal Portfolio Management with Transactions Costs and
Capital Gains Taxes", has the same trade of drift against cost.
"""

from __future__ import annotations

import math

from ...checks import choice, number

__all__ = ["LEANS", "LONGEST_HOURS", "SHORTEST_HOURS", "USUAL_HOURS", "rebalance_interval"]

LEANS = ("drift", "calm")
"""Sooner when volatile, or later."""

USUAL_HOURS, SHORTEST_HOURS, LONGEST_HOURS = 24.0, 4.0, 168.0


def rebalance_interval(
    volatility_now: float,
    usual_volatility: float,
    base_hours: float = USUAL_HOURS,
    shortest: float = SHORTEST_HOURS,
    longest: float = LONGEST_HOURS,
    lean: str = "drift",
) -> float:
    """Hours until the next rebalance, from two volatilities of the same unit, by one of LEANS.

    A market that does not move now asks for the longest interval by drift, for the shortest by calm. Raises
    ArgumentError (a volatility or an interval that is negative or not finite, a usual volatility of zero, lean).
    """
    now = number(volatility_now, "volatility_now", at_least=0)
    usual = number(usual_volatility, "usual_volatility", above=0)
    least = number(shortest, "shortest", above=0)
    most = number(longest, "longest", at_least=least)
    base = number(base_hours, "base_hours", above=0)
    above, below = (now, usual) if choice(lean, "lean", LEANS) == "calm" else (usual, now)
    ratio = above / below if below > 0 else math.inf
    hours = base * ratio * ratio  # not a power, which overflows in an error
    return min(max(hours, least), most)
