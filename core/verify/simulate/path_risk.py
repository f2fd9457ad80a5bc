"""Figures of risk over S simulated paths, and how sure they are.

With the losses in order, L_1 <= ... <= L_S, and k = (1 - level) S,

    VaR   the smallest L with at most k paths beyond it                      ES = VaR + 1/k sum max(L_s - VaR, 0)

Both are positive for a loss, and negative where even that path gains. The capital of a level is the VaR of the equity
that each path needs. On the paths drawn the figures are exact; how far they would move with other paths is told by

    quantile       sqrt(S level (1 - level)), the error of its rank, x the distance from one L_s to the next about there
    ES             sd(max(L - VaR, 0)) / ((1 - level) sqrt S)
    probability    sqrt(p (1 - p) / S)

None of them says how far history is a guide.

Sources: Rockafellar and Uryasev (2002) (ES of a sample); McNeil, Frey and Embrechts, Quantitative Risk Management
(2015), 2.3 and 9.2; Wilks (1962), Mathematical Statistics, 8.7 (order statistics).
"""

from __future__ import annotations

import math

import numpy as np

from ...arrays import Array, Mask
from ...records import dataclass

__all__ = ["PathRisk", "path_risk", "path_risk_errors"]


@dataclass(frozen=True)
class PathRisk:
    """The figures, money in quote; or their standard errors, NaN where there are too few paths for one."""

    var_95: float
    var_99: float
    es_95: float
    es_99: float
    probability_of_liquidation: float
    capital_for_99: float


def path_risk(losses: Array, capital: Array, liquidated: Mask) -> PathRisk:
    """The figures of S paths: their losses, the equity each needs, and whether each is liquidated, `(S,)`."""
    return PathRisk(
        var_95=_quantile(losses, 20),
        var_99=_quantile(losses, 100),
        es_95=_shortfall(losses, 20),
        es_99=_shortfall(losses, 100),
        probability_of_liquidation=float(liquidated.mean()),
        capital_for_99=_quantile(capital, 100),
    )


def path_risk_errors(losses: Array, capital: Array, liquidated: Mask) -> PathRisk:
    """Standard errors of the same figures."""
    share = float(liquidated.mean())
    return PathRisk(
        var_95=_quantile_error(losses, 20),
        var_99=_quantile_error(losses, 100),
        es_95=_shortfall_error(losses, 20),
        es_99=_shortfall_error(losses, 100),
        probability_of_liquidation=math.sqrt(share * (1 - share) / liquidated.size),
        capital_for_99=_quantile_error(capital, 100),
    )


def _quantile(values: Array, part: int) -> float:
    """The smallest value with at most one in `part` beyond it."""
    rank = values.size - 1 - values.size // part
    return float(np.partition(values, rank)[rank])


def _shortfall(losses: Array, part: int) -> float:
    """Mean of the worst one in `part`, the path at the edge by the share of it that belongs there."""
    quantile = _quantile(losses, part)
    return quantile + part * float(np.maximum(losses - quantile, 0).mean())


def _quantile_error(values: Array, part: int) -> float:
    """Standard error of the rank times the distance of one rank to the next about there; NaN beyond the ends."""
    count = values.size
    error = math.sqrt(count * (part - 1)) / part
    rank, step = count - 1 - count // part, math.ceil(error)
    low, high = rank - step, rank + step
    if low < 0 or high >= count:
        return math.nan
    ordered = np.partition(values, (low, high))
    return error * float(ordered[high] - ordered[low]) / (2 * step)


def _shortfall_error(losses: Array, part: int) -> float:
    if losses.size < 2:
        return math.nan
    beyond = np.maximum(losses - _quantile(losses, part), 0)
    return part * float(beyond.std(ddof=1)) / math.sqrt(losses.size)
