"""Betas by their definitions, one contract at a time: scipy's regression over the rows that both have."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from ..tables import Series

__all__ = ["NOT_STATED", "beta_of", "line_of", "shrunk"]

NOT_STATED = {
    "kalman": "a beta that walks at random has its likelihood maximised; it is not stated a second time",
    "learned": "what a model learns from all rows is not stated a second time",
}
"""Methods without a second statement, and why."""

HUBER = 1.345
NORMAL_QUARTILE = 0.6744897501960817
FEWEST_PEERS = 3

EXACT = 1e-12
"""A line that half of the rows stand on is theirs."""


def line_of(asset: Series, market: Series) -> Any:
    """The least-squares line of asset on market: slope, intercept, rvalue, stderr; NaN where market stands still."""
    import numpy as np
    from scipy.stats import linregress

    x, y = market.to_numpy(), asset.to_numpy()
    both = ~(np.isnan(x) | np.isnan(y))
    if not both.any() or np.ptp(x[both]) == 0:
        return SimpleNamespace(slope=math.nan, intercept=math.nan, rvalue=math.nan, stderr=math.nan)
    x, y = x[both], y[both]
    line = linregress(x, y)
    if len(x) > 2:
        # linregress takes its error of 1 - r^2, which has lost all digits where the line is all but exact.
        left = y - line.intercept - line.slope * x
        error = math.sqrt(float(left @ left) / (len(x) - 2) / float(np.sum((x - x.mean()) ** 2)))
        line = SimpleNamespace(slope=line.slope, intercept=line.intercept, rvalue=line.rvalue, stderr=error)
    return line


def beta_of(asset: Series, market: Series, method: str, halflife: float) -> float:
    """The beta of one contract; method shrunk begins with that of ols."""
    if method == "ewma":
        return _weighted(asset, market, halflife)
    if method == "downside":
        return float(line_of(asset[market < 0], market[market < 0]).slope)
    if method == "upside":
        return float(line_of(asset[market > 0], market[market > 0]).slope)
    if method == "huber":
        return _huber(asset, market)
    return float(line_of(asset, market).slope)


def shrunk(betas: Series, errors: Series) -> Series:
    """Each beta drawn to the mean of all, by its error against their spread; fewer than three are drawn to 1."""
    mean, spread = (betas.mean(), betas.var(ddof=1)) if len(betas) >= FEWEST_PEERS else (1.0, 0.25)
    return (betas * spread + mean * errors**2) / (spread + errors**2)


def _weighted(asset: Series, market: Series, halflife: float) -> float:
    import numpy as np

    weights = 0.5 ** (np.arange(len(market))[::-1] / halflife)
    both = (asset.notna() & market.notna()).to_numpy()
    table = np.cov(market[both], asset[both], aweights=weights[both], ddof=0)
    return float(table[0, 1] / table[0, 0])


def _huber(asset: Series, market: Series) -> float:
    """The line of least Huber loss at a scale that is the median of its own residuals."""
    import numpy as np
    from scipy.optimize import least_squares

    both = asset.notna() & market.notna()
    unit = float(asset[both].std())
    y, x = asset[both].to_numpy() / unit, market[both].to_numpy() / unit
    start = line_of(asset, market)
    line = np.array([start.intercept / unit, start.slope])
    for _ in range(200):
        scale = float(np.median(np.abs(y - line[0] - line[1] * x))) / NORMAL_QUARTILE
        if scale < EXACT:
            break
        fit = least_squares(
            lambda at: y - at[0] - at[1] * x,
            line,
            jac=lambda at: np.column_stack([-np.ones_like(x), -x]),
            loss="huber",
            f_scale=HUBER * scale,
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        )
        moved, line = float(np.abs(fit.x - line).max()), fit.x
        if moved < 1e-13:
            break
    return float(line[1])
