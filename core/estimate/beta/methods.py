"""Beta: how much an asset moves when the market moves by one.

    beta = Cov(r, r_m) / Var(r_m)

    ols        every row counts the same
    ewma       a row counts half as much as one that is `halflife` rows younger
    downside   only the rows in which the market fell; `upside` only those in which it rose
    shrunk     ols, drawn toward the betas of the other assets as far as it is uncertain
    kalman     a beta that walks at random, where it stands after the last row
    huber      rows with a wild residual count less

Sources: Sharpe (1964), "Capital Asset Prices"; Ang, Chen and Xing (2006), "Downside Risk" (betas conditional on the
sign of the market); Vasicek (1973), "A Note on Using Cross-Sectional Information in Bayesian Estimation of Security
Betas". Those of a file of their own are told there: `ewma`, `rolling`, `kalman`, `robust`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, choice, numbers
from ...choices import BETA_METHODS
from ...errors import MissingDataError
from ..capm import capm
from ..regression import pair, quotient
from .ewma import ewma_beta, exponential_weights
from .huber import huber_beta

__all__ = [
    "downside_beta",
    "estimate_beta",
    "ewma_beta",
    "exponential_weights",
    "huber_beta",
    "ols_beta",
    "portfolio_beta",
    "shrunk_beta",
    "upside_beta",
]


FEWEST_PEERS = 3
"""Assets whose betas make a cross-section to shrink toward; the variance of fewer is mostly chance."""

PRIOR_BETA, PRIOR_SPREAD = 1.0, 0.5
"""Mean and standard deviation of betas where there is no cross-section: the market's own, and a wide berth."""


def estimate_beta(
    asset_returns: ArrayLike, market_returns: ArrayLike, method: str = "ols", halflife: float = 60
) -> Array:
    """Beta of each asset by one of BETA_METHODS; `halflife` (in rows) counts for "ewma" only.

    Shapes, gaps and errors as in `ols_beta`; "shrunk" needs three rows an asset and "kalman" ten. Raises ArgumentError
    for an unknown method or a halflife not above 0.
    """
    method = choice(method, "method", BETA_METHODS)
    if method == "ewma":
        return ewma_beta(asset_returns, market_returns, halflife)
    if method == "kalman":
        from .kalman import kalman_beta

        return kalman_beta(asset_returns, market_returns).state.beta
    estimators: dict[str, Callable[[ArrayLike, ArrayLike], Array]] = {
        "ols": ols_beta,
        "downside": downside_beta,
        "upside": upside_beta,
        "shrunk": shrunk_beta,
        "huber": huber_beta,
    }
    return estimators[method](asset_returns, market_returns)


def ols_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """Least-squares beta with an intercept, Cov(r, r_m) / Var(r_m).

    Shapes: (T, N) and (T,) -> (N,). Units: decimals per bar in, a pure number out.
    NaN: rows in which a pair is missing are dropped for that pair, with a DataWarning. An asset with fewer than two
    rows is NaN, with a DataWarning.
    Raises ArgumentError (shapes), MissingDataError (no asset has two rows), UndefinedError (constant market).
    """
    return pair(asset_returns, market_returns).centred().slope()


def downside_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """OLS beta over the rows in which the market fell. Shapes, gaps and errors as in `ols_beta`."""
    market = as_vector(market_returns, "market_returns")
    return _beta_over(~(market >= 0), "below", asset_returns, market)


def upside_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """OLS beta over the rows in which the market rose. Shapes, gaps and errors as in `ols_beta`."""
    market = as_vector(market_returns, "market_returns")
    return _beta_over(~(market <= 0), "above", asset_returns, market)


def shrunk_beta(asset_returns: ArrayLike, market_returns: ArrayLike) -> Array:
    """OLS beta drawn toward the mean of all assets' betas, each by its own uncertainty (Vasicek).

        beta = (b / se^2 + mean / spread^2) / (1 / se^2 + 1 / spread^2)

    b and se are an asset's OLS beta and its standard error, mean and spread those of the betas across the assets. With
    fewer than three assets there is no cross-section, and the prior is 1 with a standard deviation of 0.5.
    Shapes, units and gaps as in `ols_beta`. Raises as `ols_beta`, and MissingDataError when no asset has three rows.
    """
    fit = capm(asset_returns, market_returns)
    known = np.isfinite(fit.beta)
    mean, variance = PRIOR_BETA, PRIOR_SPREAD**2
    if known.sum() >= FEWEST_PEERS:
        mean, variance = float(fit.beta[known].mean()), float(fit.beta[known].var(ddof=1))
    # Weights as shares of the other's variance, so that a spread or an error of zero has all the weight.
    uncertainty = fit.beta_se**2
    trust = np.where(uncertainty > 0, quotient(np.full_like(uncertainty, variance), variance + uncertainty), 1.0)
    return np.where(known, mean + trust * (fit.beta - mean), np.nan)


def portfolio_beta(weights: ArrayLike, betas: ArrayLike) -> float:
    """Beta of a portfolio, sum w_i beta_i; an asset of weight zero needs no beta.

    Shapes: (N,) and (N,). Raises ArgumentError (lengths) and MissingDataError (a weight, or the beta of a held asset).
    """
    shares = numbers(weights, "weights")
    slopes = as_vector(betas, "betas")
    aligned(shares, "weights", slopes, "betas")
    return float(shares @ numbers(np.where(shares == 0, 0.0, slopes), "betas"))


def _beta_over(rows: NDArray[np.bool_], side: str, asset_returns: ArrayLike, market: Array) -> Array:
    """OLS beta over some rows; those with a missing market are among them, so that dropping them is said."""
    assets = as_matrix(asset_returns, "asset_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    if not rows.any():
        raise MissingDataError(f"market_returns are never {side} zero; select a longer history")
    return ols_beta(assets[rows], market[rows])
