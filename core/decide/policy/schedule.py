"""How often to rebalance: the more the market moves, the sooner the weights have drifted.

Over a time T the weights drift with a variance in proportion to sigma^2 T. Holding that drift at what it is over
`base_hours` in usual times gives

    T = base_hours (usual volatility / volatility now)^2        held between `shortest` and `longest`

so twice the volatility asks for four times as many rebalances.

Source: the drift of a Brownian motion; Leland (1999), "Optimal Portfolio Management with Transactions Costs and
Capital Gains Taxes", has the same trade of drift against cost.
"""

from __future__ import annotations

from ...checks import number

__all__ = ["rebalance_interval"]

USUAL_HOURS, SHORTEST_HOURS, LONGEST_HOURS = 24.0, 4.0, 168.0


def rebalance_interval(
    volatility_now: float,
    usual_volatility: float,
    base_hours: float = USUAL_HOURS,
    shortest: float = SHORTEST_HOURS,
    longest: float = LONGEST_HOURS,
) -> float:
    """Hours until the next rebalance, from two volatilities of the same unit.

    A market that does not move now asks for the longest interval. Raises ArgumentError (a volatility or an interval
    that is negative or not finite, a usual volatility of zero).
    """
    now = number(volatility_now, "volatility_now", at_least=0)
    usual = number(usual_volatility, "usual_volatility", above=0)
    least = number(shortest, "shortest", above=0)
    most = number(longest, "longest", at_least=least)
    hours = number(base_hours, "base_hours", above=0) * (usual / now) ** 2 if now > 0 else most
    return min(max(hours, least), most)
