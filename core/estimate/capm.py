"""The capital asset pricing model: what an asset should earn for the market risk it carries, and what it did earn.

    required return    E[r] = Rf + beta (E[Rm] - Rf)
    regression         r - Rf = alpha + beta (r_m - Rf) + e
    Treynor            mean excess return / beta            reward per unit of market risk
    appraisal          alpha / volatility of e              reward per unit of the risk that is not the market's

Sources: Sharpe (1964); Jensen (1968), "The Performance of Mutual Funds" (alpha); Treynor (1965); Treynor and Black
(1973) (appraisal ratio). Standard errors are the classical ones of least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Array, aligned, as_matrix, as_vector, number, together
from .regression import Pairs, pair, quotient

__all__ = ["CapmFit", "capm", "capm_return"]


@dataclass(frozen=True, eq=False)
class CapmFit:
    """One CAPM regression an asset, each field (N,). Returns, alpha and volatility are annualised.

    NaN is a figure that does not exist: the t of a perfect fit, the R2 of a constant asset, alpha and appraisal of
    a regression through the origin, everything of an asset with too few rows (but its count).
    """

    beta: Array
    beta_se: Array
    beta_t: Array
    alpha: Array
    alpha_se: Array
    alpha_t: Array
    r_squared: Array
    residual_volatility: Array
    expected_return: Array
    realised_return: Array
    market_premium: Array
    treynor: Array
    appraisal: Array
    observations: NDArray[np.int64]


def capm_return(beta: ArrayLike, risk_free: ArrayLike, market_return: ArrayLike) -> Array:
    """Return the CAPM requires, Rf + beta (Rm - Rf), element by element.

    Shapes: any that broadcast. Units: decimals a year. NaN passes through. Raises ArgumentError (text, shapes).
    """
    slope, base, market = together(beta=beta, risk_free=risk_free, market_return=market_return)
    return np.asarray(base + slope * (market - base))


def capm(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    risk_free: ArrayLike = 0.0,
    periods_per_year: float = 365,
    intercept: bool = True,
) -> CapmFit:
    """CAPM regression of each asset on the market, in excess of the risk-free rate.

    Shapes: (T, N) and (T,); `risk_free` one number or (T,), annual, earned at risk_free / periods_per_year a bar.
    Units: decimals per bar in; beta a pure number, the rest annual: alpha and means x periods_per_year, residual
    volatility x its root (T - 2 degrees of freedom, T - 1 without intercept).
    Without an intercept the line passes through the origin and R2 is the uncentred one.
    NaN: rows in which a pair or the risk-free rate is missing are dropped for that pair, with a DataWarning.
    Raises ArgumentError (shapes, periods_per_year), MissingDataError (too few rows), UndefinedError (constant market).
    """
    assets = as_matrix(asset_returns, "asset_returns")
    market = as_vector(market_returns, "market_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    annual_rate = as_vector(risk_free, "risk_free", len(market))
    periods = number(periods_per_year, "periods_per_year", above=0)
    rate = annual_rate / periods

    parameters = 2 if intercept else 1
    excess = pair(assets - rate[:, np.newaxis], market - rate, needed=parameters + 1)
    return _annual(excess, annual_rate, periods, parameters)


def _annual(excess: Pairs, annual_rate: Array, periods: float, parameters: int) -> CapmFit:
    """Fit the lines and bring every figure to a year."""
    with_intercept = parameters == 2
    line = excess.centred() if with_intercept else excess
    beta = line.slope()
    variation = line.product(line.market, line.market)
    unexplained = np.where(np.isnan(beta), np.nan, line.unexplained(beta))
    residual_variance = unexplained / np.where(excess.usable, excess.observations - parameters, np.nan)
    beta_se = np.sqrt(quotient(residual_variance, variation))

    mean_excess = excess.mean(excess.assets)
    mean_market = np.broadcast_to(excess.mean(excess.market), beta.shape)
    base = np.broadcast_to(excess.mean(np.nan_to_num(annual_rate)[:, np.newaxis]), beta.shape)
    premium = mean_market * periods
    volatility = np.sqrt(residual_variance * periods)

    alpha = alpha_se = np.full_like(beta, np.nan)
    if with_intercept:
        alpha = (mean_excess - beta * mean_market) * periods
        spread = 1 / np.maximum(excess.observations, 1) + quotient(mean_market**2, variation)
        alpha_se = np.sqrt(residual_variance * spread) * periods

    return CapmFit(
        beta=beta,
        beta_se=beta_se,
        beta_t=quotient(beta, beta_se),
        alpha=alpha,
        alpha_se=alpha_se,
        alpha_t=quotient(alpha, alpha_se),
        r_squared=1 - quotient(unexplained, line.product(line.assets, line.assets)),
        residual_volatility=volatility,
        expected_return=capm_return(beta, base, base + premium),
        realised_return=mean_excess * periods + base,
        market_premium=premium,
        treynor=quotient(mean_excess * periods, beta),
        appraisal=quotient(alpha, volatility),
        observations=excess.observations,
    )
