"""Market impact: what a trade costs because of its own size, beyond fees and spread.

    cost = sum k_i |w_i - current_i|^(3/2)          slope 3/2 k sqrt(|d|) sign(d),  curvature 3/4 k / sqrt(|d|)

The price moves with the square root of the size traded (sigma sqrt(size / daily volume)), and is paid on that size.
The first unit costs nothing and each further one more, so impact alone never stops a trade, it only makes it smaller.

Sources: Almgren, Thum, Hauptmann and Li, Direct Estimation of Equity Market Impact, Risk 18 (2005); Boyd et al.,
Multi-Period Trading via Convex Optimization (2017), section 2.3.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ..limits.costs import Costs

__all__ = ["SMALLEST_TRADE", "curvature", "impact_cost", "slope", "trading_cost"]

SMALLEST_TRADE = 1e-9
"""Trade below which the cost is continued as a parabola: the curvature of the formula has no bound at zero."""


def impact_cost(coefficients: Array, trades: Array) -> float:
    """The impact of `trades` `(N,)`, in the units of the expected returns."""
    return float(coefficients @ np.abs(trades) ** 1.5)


def slope(coefficients: Array, trades: Array) -> Array:
    """What the next unit of each trade costs `(N,)`."""
    return np.asarray(1.5 * coefficients * trades / np.sqrt(np.maximum(np.abs(trades), SMALLEST_TRADE)))


def curvature(coefficients: Array, trades: Array) -> Array:
    """By how much the slope grows with each trade `(N,)`."""
    size = np.abs(trades)
    return np.where(size > SMALLEST_TRADE, 0.75, 1.5) * coefficients / np.sqrt(np.maximum(size, SMALLEST_TRADE))


def trading_cost(costs: Costs, weights: Array) -> float:
    """What it costs to trade from the current weights to `weights` `(N,)`: turnover cost and market impact."""
    if not (costs.states("turnover_cost") or costs.states("market_impact")):
        return 0.0
    per_trade = costs.vector("turnover_cost", weights.size)
    impact = costs.vector("market_impact", weights.size)
    if not (per_trade.any() or impact.any()):
        return 0.0
    trades = weights - costs.vector("current_weights", weights.size)
    return float(per_trade @ np.abs(trades)) + impact_cost(impact, trades)
