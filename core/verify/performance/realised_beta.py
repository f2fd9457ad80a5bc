"""The beta that a book turned out to have, period by period, with a band: did the hedge do its work?

    r = alpha + beta_1 f_1 + ... + beta_K f_K + e          by least squares over the bars of one period
    band    beta -+ z se,   se by Newey-West               z = 1.96 for 95 %

The errors allow for bars that are autocorrelated and of changing variance; they are large-sample ones, so a period of
few bars has too narrow a band, and one of fewer than K + 2 + 10 bars has none.

Source: Newey and West (1987), see `estimate.newey_west`.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, complete_rows, number
from ...errors import ArgumentError
from ...estimate.newey_west import lag_rule, long_run_error
from ...estimate.regression import quotient
from ...records import dataclass
from ...tolerances import RANK

__all__ = ["RealisedBeta", "realised_beta"]

FEWEST_SPARE = 10
"""Bars beyond the K + 2 that a fit needs, before a large-sample band means anything."""


@dataclass(frozen=True, eq=False)
class RealisedBeta:
    """M periods of K factors; NaN where a period has too few bars, or its factors do not vary apart.

    periods (M,)                  as they were named
    beta, lower, upper, t (M, K)  t of beta against 0
    bars (M,)                     complete ones
    """

    periods: NDArray[np.generic]
    beta: Array
    lower: Array
    upper: Array
    t: Array
    bars: NDArray[np.int64]


def realised_beta(
    returns: ArrayLike, factor_returns: ArrayLike, periods: NDArray[np.generic], level: float = 0.95
) -> RealisedBeta:
    """Betas of returns `(T,)` on factors `(T, K)` within each period; `periods` `(T,)` says in which each bar lies.

    NaN: a bar with a gap is left out, and that is said. Raises ArgumentError (shapes, level).
    """
    series, factors = as_vector(returns, "returns"), as_matrix(factor_returns, "factor_returns")
    aligned(series, "returns", factors, "factor_returns")
    if len(periods) != series.size:
        raise ArgumentError(f"periods has {len(periods)} values where {series.size} are needed, one for each bar")
    quantile = NormalDist().inv_cdf((1 + number(level, "level", above=0, below=1)) / 2)
    names, where = np.unique(periods, return_inverse=True)
    whole = complete_rows(np.column_stack([series, factors]), "returns, factor_returns")
    beta, error = np.full((2, names.size, factors.shape[1]), np.nan)
    bars = np.bincount(where[whole], minlength=names.size)
    for period in range(names.size):
        inside = whole & (where == period)
        if bars[period] >= factors.shape[1] + 2 + FEWEST_SPARE:
            beta[period], error[period] = _line(series[inside], factors[inside])
    band = quantile * error
    return RealisedBeta(names, beta, beta - band, beta + band, quotient(beta, error), bars)


def _line(series: Array, factors: Array) -> tuple[Array, Array]:
    """Slopes and their Newey-West errors, `(K,)` each; NaN where the factors are no independent ones."""
    centred = factors - factors.mean(axis=0)
    size = np.sqrt((factors**2).sum(axis=0))
    orthogonal, triangle = np.linalg.qr(centred / np.where(size > 0, size, 1.0))
    if (np.abs(np.diag(triangle)) <= RANK).any():
        return np.full(size.size, np.nan), np.full(size.size, np.nan)
    slopes = np.linalg.solve(triangle, orthogonal.T) / size[:, np.newaxis]
    beta = slopes @ series
    residual = series - series.mean() - centred @ beta
    return beta, long_run_error(slopes.T * residual[:, np.newaxis], np.full(size.size, lag_rule(series.size)))
