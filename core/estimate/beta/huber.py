"""Beta that a few wild bars cannot bend: Huber's regression.

    minimise sum rho(e / s)        rho(z) = z^2 / 2 where |z| <= k, else k |z| - k^2 / 2        s = median |e| / 0.6745

A residual within k = 1.345 scales counts as in least squares, one beyond counts with weight k s / |e|. At k = 1.345 the
estimate keeps 95 % of the efficiency of least squares when the errors are normal after all. The scale s is the median
absolute residual, brought to the size of a standard deviation; it is found anew in each round.

A wild bar of the market itself (a bad tick in its price, not in the asset's) still has leverage; no weight on residuals
helps against that.

Sources: Huber (1964), "Robust Estimation of a Location Parameter"; Holland and Welsch (1977) for the iteration.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...errors import NotConvergedError
from ...tolerances import ROUNDING
from ..regression import Pairs, pair

__all__ = ["huber_beta"]

TUNING = 1.345
"""Scales beyond which a residual counts less: 95 % efficiency at the normal distribution."""

NORMAL_MEDIAN = 0.6744897501960817
"""Median of |z| for a standard normal z."""

LAST_DIGITS = 4 * np.finfo(np.float64).eps
"""What a fitted value moves by, relative to it, where all that changes are the last digits of the line."""

ROUNDS = 1000


def huber_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """Slope of Huber's robust regression with an intercept, by iteratively reweighted least squares.

    Shapes, units, gaps and errors as in `ols_beta`. Where half of an asset's residuals are zero the line is exact
    for them, and is the answer. Raises NotConvergedError when the weights do not settle in 1000 rounds.
    """
    pairs = pair(asset_returns, market_returns)
    present = np.broadcast_to(pairs.weights > 0, pairs.assets.shape)
    smallest = ROUNDING * np.sqrt(pairs.product(pairs.assets, pairs.assets) / np.maximum(pairs.observations, 1))
    pairs = pairs.centred()  # however far from zero the market is, slope and intercept then move by themselves
    size = np.where(present, np.abs(pairs.market), 0.0).max(axis=0)

    slope, intercept = _line(pairs)
    for _ in range(ROUNDS):
        residuals = pairs.assets - intercept - slope * pairs.market
        sizes = np.abs(residuals)
        scale = _median(sizes, present) / NORMAL_MEDIAN
        exact = ~(scale > smallest)
        bound = TUNING * scale
        shares = np.divide(bound, sizes, out=np.ones_like(sizes), where=sizes > bound)
        weights = pairs.weights * np.where(exact, 1.0, shares)
        # The line through the residuals is what the line still lacks. Where they are small so is its rounding, which
        # that of a line through the returns themselves is not, for an asset that all but equals the market.
        lacking = _line(replace(pairs, assets=residuals, weights=weights))
        steps = [np.where(exact, 0.0, each) for each in lacking]
        slope, intercept = slope + steps[0], intercept + steps[1]
        moved, fitted = (np.abs(each[0]) * size + np.abs(each[1]) for each in (steps, (slope, intercept)))
        if not (moved > np.maximum(ROUNDING * scale, LAST_DIGITS * fitted))[~exact].any():  # no fitted value moves
            return slope
    raise NotConvergedError(
        f"the Huber weights of asset_returns do not settle in {ROUNDS} rounds; use method 'ols' or a longer history"
    )


def _line(pairs: Pairs) -> tuple[Array, Array]:
    """Slope and intercept of weighted least squares, (N,) each."""
    slope = pairs.centred().slope()
    return slope, pairs.mean(pairs.assets) - slope * pairs.mean(pairs.market)


def _median(values: Array, present: NDArray[np.bool_]) -> Array:
    """Median of each column over its present rows, (N,); NaN of a column that has none."""
    counts = present.sum(axis=0)
    ranked = np.sort(np.where(present, values, np.inf), axis=0)
    columns = np.arange(values.shape[1])
    middle = ranked[np.maximum(counts - 1, 0) // 2, columns] + ranked[np.minimum(counts // 2, len(values) - 1), columns]
    return np.where(counts > 0, middle / 2, np.nan)
