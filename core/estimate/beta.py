"""Beta: how much an asset moves when the market moves by one.

    beta = Cov(r, r_m) / Var(r_m)

    ols        every row counts the same
    ewma       a row counts half as much as one that is `halflife` rows younger
    downside   only the rows in which the market fell; `upside` only those in which it rose

Sources: Sharpe (1964), "Capital Asset Prices"; Ang, Chen and Xing (2006), "Downside Risk" (betas conditional on the
sign of the market); J.P. Morgan (1996), "RiskMetrics Technical Document" (exponential weights).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Array, aligned, as_matrix, as_vector, choice, number, numbers
from ..errors import MissingDataError
from .regression import pair

__all__ = [
    "METHODS",
    "downside_beta",
    "estimate_beta",
    "ewma_beta",
    "exponential_weights",
    "ols_beta",
    "portfolio_beta",
    "upside_beta",
]

METHODS = ("ols", "ewma", "downside", "upside")


def estimate_beta(
    asset_returns: ArrayLike, market_returns: ArrayLike, method: str = "ols", halflife: float = 60
) -> Array:
    """Beta of each asset by one of METHODS; `halflife` (in rows) counts for "ewma" only.

    Shapes, gaps and errors as in `ols_beta`. Raises ArgumentError for an unknown method or a halflife not above 0.
    """
    method = choice(method, "method", METHODS)
    if method == "ewma":
        return ewma_beta(asset_returns, market_returns, halflife)
    estimator = {"ols": ols_beta, "downside": downside_beta, "upside": upside_beta}[method]
    return estimator(asset_returns, market_returns)


def ols_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """Least-squares beta with an intercept, Cov(r, r_m) / Var(r_m).

    Shapes: (T, N) and (T,) -> (N,). Units: decimals per bar in, a pure number out.
    NaN: rows in which a pair is missing are dropped for that pair, with a DataWarning. An asset with fewer than two
    rows is NaN, with a DataWarning.
    Raises ArgumentError (shapes), MissingDataError (no asset has two rows), UndefinedError (constant market).
    """
    return pair(asset_returns, market_returns).centred().slope()


def ewma_beta(asset_returns: ArrayLike, market_returns: ArrayLike, halflife: float = 60) -> Array:
    """Exponentially weighted beta, about weighted means; a row `halflife` rows older counts half as much.

    A missing row still ages those before it. Shapes, gaps and errors as in `ols_beta`; ArgumentError when `halflife`
    is not above 0.
    """
    market = as_vector(market_returns, "market_returns")
    weights = exponential_weights(len(market), halflife)
    return pair(asset_returns, market, weights).centred().slope()


def downside_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """OLS beta over the rows in which the market fell. Shapes, gaps and errors as in `ols_beta`."""
    market = as_vector(market_returns, "market_returns")
    return _beta_over(~(market >= 0), "below", asset_returns, market)


def upside_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """OLS beta over the rows in which the market rose. Shapes, gaps and errors as in `ols_beta`."""
    market = as_vector(market_returns, "market_returns")
    return _beta_over(~(market <= 0), "above", asset_returns, market)


def portfolio_beta(weights: ArrayLike, betas: ArrayLike) -> float:
    """Beta of a portfolio, sum w_i beta_i; an asset of weight zero needs no beta.

    Shapes: (N,) and (N,). Raises ArgumentError (lengths) and MissingDataError (a weight, or the beta of a held asset).
    """
    shares = numbers(weights, "weights")
    slopes = as_vector(betas, "betas")
    aligned(shares, "weights", slopes, "betas")
    return float(shares @ numbers(np.where(shares == 0, 0.0, slopes), "betas"))


def exponential_weights(rows: int, halflife: float) -> Array:
    """Weight of each of `rows` rows, oldest first: 0.5 ** (age / halflife), 1 for the last row."""
    return np.asarray(0.5 ** (np.arange(rows - 1, -1, -1) / number(halflife, "halflife", above=0)))


def _beta_over(rows: NDArray[np.bool_], side: str, asset_returns: ArrayLike, market: Array) -> Array:
    """OLS beta over some rows; those with a missing market are among them, so that dropping them is said."""
    assets = as_matrix(asset_returns, "asset_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    if not rows.any():
        raise MissingDataError(f"market_returns are never {side} zero; select a longer history")
    return ols_beta(assets[rows], market[rows])
