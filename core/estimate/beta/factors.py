"""Betas on several factors at once: the crypto benchmark beside equities, commodities and currencies.

    r = alpha + beta_1 f_1 + ... + beta_K f_K + e        weights w = 0.5 ^ (age / halflife), or all equal

    b = (X'WX)^-1 X'W r = G r          Cov(b) = s^2 G G'          s^2 = e'We / (sum w - trace(X G W))

The weights say how much a row is to count, not how noisy it was, so the errors are those of a weighted mean of equally
noisy rows; with equal weights they are the classical ones of least squares.

Sources: Ross (1976), "The Arbitrage Theory of Capital Asset Pricing"; Greene (2018), "Econometric Analysis", ch. 9
(covariance of a weighted estimate). For factors on calendars of their own, see `calendars`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, enough
from ...errors import UndefinedError
from ...records import dataclass
from ...tolerances import RANK, ROUNDING_OF_SQUARES
from ..regression import quotient, say_what_is_missing
from .ewma import exponential_weights

__all__ = ["FactorFit", "factor_betas"]


@dataclass(frozen=True, eq=False)
class FactorFit:
    """One regression an asset. Returns and volatility are per period; NaN for an asset with too few rows."""

    alpha: Array
    """(N,)"""
    beta: Array
    """(K, N), one row a factor."""
    t_alpha: Array
    """(N,); NaN for a perfect fit."""
    t: Array
    """(K, N), of the betas."""
    r_squared: Array
    """(N,); NaN for an asset that never moves."""
    residual_volatility: Array
    """(N,), standard deviation of what the factors leave, degrees of freedom taken off."""


def factor_betas(asset_returns: ArrayLike, factor_returns: ArrayLike, halflife: float | None = None) -> FactorFit:
    """Regression of each asset on all factors, with an intercept; newer rows count more where `halflife` is given.

    Shapes: (T, N) and (T, K); `halflife` in rows. Units: decimals per period in; alpha and the residual volatility are
    per period, betas and t pure numbers.
    NaN: a row counts for an asset when its return and all factors are there; others are dropped, with a DataWarning,
    and still age those before them.
    Raises ArgumentError (shapes, halflife not above 0), MissingDataError (no asset has K + 2 complete rows) and
    UndefinedError (a factor that is constant, or a combination of those before it).
    """
    assets = as_matrix(asset_returns, "asset_returns")
    factors = as_matrix(factor_returns, "factor_returns")
    aligned(assets, "asset_returns", factors, "factor_returns")
    rows, count = factors.shape
    weights = np.ones(rows) if halflife is None else exponential_weights(rows, halflife)

    present = np.isfinite(assets) & np.isfinite(factors).all(axis=1, keepdims=True)
    observations = present.sum(axis=0)
    enough(int(observations.max()), count + 2, "asset_returns")
    if not present.all():
        say_what_is_missing(observations, rows, count + 2)

    columns = assets.shape[1]
    fit = FactorFit(*(np.full(shape, np.nan) for shape in (columns, (count, columns)) * 2 + (columns, columns)))
    for together in _alike(present):
        if observations[together[0]] >= count + 2:
            seen = present[:, together[0]]
            _fill(fit, together, assets[seen][:, together], factors[seen], weights[seen])
    return fit


def _alike(present: NDArray[np.bool_]) -> list[list[int]]:
    """The columns, those with the same rows together: they share one decomposition."""
    groups: dict[bytes, list[int]] = {}
    for column in range(present.shape[1]):
        groups.setdefault(present[:, column].tobytes(), []).append(column)
    return list(groups.values())


def _fill(fit: FactorFit, columns: list[int], assets: Array, factors: Array, weights: Array) -> None:
    """Fit the assets of some columns on rows without a gap."""
    total = weights.sum()
    root = np.sqrt(weights)[:, np.newaxis]
    factor_mean, asset_mean = weights @ factors / total, weights @ assets / total
    x, y = root * (factors - factor_mean), root * (assets - asset_mean)
    size = np.sqrt(weights @ factors**2)
    orthogonal, triangle = np.linalg.qr(x / np.where(size > 0, size, 1.0))
    _check_independent(triangle)

    # G of the betas, and of alpha = mean r - mean f' beta; each row of G times r is one coefficient.
    slopes = np.linalg.solve(triangle, orthogonal.T) * root.T / size[:, np.newaxis]
    intercept = weights / total - factor_mean @ slopes
    beta = slopes @ (assets - asset_mean)
    residuals = y - x @ beta
    left, moved = (residuals**2).sum(axis=0), (y**2).sum(axis=0)
    left[left <= ROUNDING_OF_SQUARES * (weights @ assets**2)] = 0.0
    moved[moved <= ROUNDING_OF_SQUARES * (weights @ assets**2)] = 0.0

    # trace(X G W): each row's own weight in its fitted value, times its weight.
    used = weights @ (weights / total + (orthogonal**2).sum(axis=1))
    variance = left / (total - used)
    alpha = asset_mean - factor_mean @ beta
    fit.alpha[columns], fit.beta[:, columns] = alpha, beta
    fit.t_alpha[columns] = quotient(alpha, np.sqrt(variance * (intercept @ intercept)))
    fit.t[:, columns] = quotient(beta, np.sqrt(np.outer((slopes**2).sum(axis=1), variance)))
    fit.r_squared[columns] = 1 - quotient(left, moved)
    fit.residual_volatility[columns] = np.sqrt(variance)


def _check_independent(triangle: Array) -> None:
    unexplained = np.abs(np.diag(triangle))
    for column in np.flatnonzero(unexplained <= RANK):
        raise UndefinedError(
            f"factor_returns: column {column + 1} is constant, or a combination of the columns before it; leave it out"
        )
