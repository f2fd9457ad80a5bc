"""The capital asset pricing model: what an asset should earn for the market risk it carries, and what it did earn.

    required return    E[r] = Rf + beta (E[Rm] - Rf)
    regression         r - Rf = alpha + beta (r_m - Rf) + e
    Treynor            mean excess return / beta            reward per unit of market risk
    appraisal          alpha / volatility of e              reward per unit of the risk that is not the market's
    premium            E[r] - required return               what the asset offers beyond its market risk

Sources: Sharpe (1964); Jensen (1968), "The Performance of Mutual Funds" (alpha); Treynor (1965); Treynor and Black
(1973) (appraisal ratio). Standard errors are the classical ones of least squares, or Newey-West's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array
from ..checks import aligned, as_matrix, as_vector, choice, number, together, whole
from ..errors import ArgumentError
from ..records import dataclass
from ..tolerances import ROUNDING
from .newey_west import lag_rule, long_run_error
from .regression import Pairs, pair, quotient

__all__ = ["STANDARD_ERRORS", "CapmFit", "CapmPremium", "capm", "capm_premium", "capm_return"]

STANDARD_ERRORS = ("classical", "newey_west")


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
    standard_errors: str = "classical",
    lags: int | None = None,
) -> CapmFit:
    """CAPM regression of each asset on the market, in excess of the risk-free rate.

    Args:
        asset_returns: (T, N) decimals per bar.
        market_returns: (T,) decimals per bar.
        risk_free: one number or (T,), annual, earned at risk_free / periods_per_year a bar.
        periods_per_year: bars a year.
        intercept: False draws the line through the origin; R2 is the uncentred one then.
        standard_errors: one of STANDARD_ERRORS.
        lags: of "newey_west", in bars; None takes those of `newey_west.lag_rule`.

    Beta is a pure number, the rest is annual: alpha and means x periods_per_year, residual volatility x its root (T - 2
    degrees of freedom, T - 1 without intercept).
    NaN: rows in which a pair or the risk-free rate is missing are dropped for that pair, with a DataWarning.
    Raises ArgumentError (shapes, periods_per_year, standard_errors, lags), MissingDataError (too few rows) and
    UndefinedError (constant market).
    """
    assets = as_matrix(asset_returns, "asset_returns")
    market = as_vector(market_returns, "market_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    annual_rate = as_vector(risk_free, "risk_free", len(market))
    periods = number(periods_per_year, "periods_per_year", above=0)
    errors = choice(standard_errors, "standard_errors", STANDARD_ERRORS)
    rate = annual_rate / periods

    parameters = 2 if intercept else 1
    excess = pair(assets - rate[:, np.newaxis], market - rate, needed=parameters + 1)
    if errors == "classical":
        return _annual(excess, annual_rate, periods, parameters, None)
    chosen = (
        lag_rule(excess.observations)
        if lags is None
        else np.full(excess.observations.shape, whole(lags, "lags", at_least=0))
    )
    return _annual(excess, annual_rate, periods, parameters, chosen)


@dataclass(frozen=True, eq=False)
class CapmPremium:
    """Whether what an asset is expected to earn pays for its risk, each field (N,).

    `excess` is the expected less the required return; `sharpe` is NaN without a volatility; `pays` is 1 or 0.
    """

    required_return: Array
    excess: Array
    sharpe: Array
    pays: Array


def capm_premium(
    expected_return: ArrayLike,
    beta: ArrayLike,
    risk_free: ArrayLike,
    market_return: ArrayLike,
    volatility: ArrayLike | None = None,
    sharpe_hurdle: ArrayLike = 0.0,
) -> CapmPremium:
    """Does the premium pay for the risk: is it what the CAPM requires, and a Sharpe ratio of at least the hurdle?

    pays = excess >= 0, and, where a volatility is given, (expected - Rf) / volatility >= sharpe_hurdle.
    For a perpetual, `expected_return` is net of expected funding (`premium.expected_return`).
    Shapes: any that broadcast to (N,). Units: decimals a year. NaN: a missing figure leaves that asset's verdict open.
    Raises ArgumentError (text, shapes, a volatility not above zero, a hurdle without a volatility).
    """
    values = together(
        expected_return=expected_return,
        beta=beta,
        risk_free=risk_free,
        market_return=market_return,
        volatility=np.nan if volatility is None else volatility,
        sharpe_hurdle=sharpe_hurdle,
    )
    expected, slope, base, market, risk, hurdle = (np.atleast_1d(value) for value in values)
    if volatility is None and (hurdle != 0).any():
        raise ArgumentError("sharpe_hurdle is measured on volatility; give volatility too, or leave the hurdle at 0")
    if (risk <= 0).any():
        raise ArgumentError(f"volatility is {np.nanmin(risk):g}; it must be above 0")

    required = capm_return(slope, base, market)
    excess, sharpe = expected - required, (expected - base) / risk
    # Both must be there, so the smaller surplus decides.
    surplus = excess if volatility is None else np.minimum(excess, sharpe - hurdle)
    pays = np.where(np.isnan(surplus), np.nan, surplus >= -ROUNDING)
    return CapmPremium(required, excess, sharpe, pays)


def _annual(
    excess: Pairs, annual_rate: Array, periods: float, parameters: int, lags: NDArray[np.int64] | None
) -> CapmFit:
    """Fit the lines and bring every figure to a year."""
    with_intercept = parameters == 2
    line = excess.centred() if with_intercept else excess
    beta = line.slope()
    unexplained = np.where(np.isnan(beta), np.nan, line.unexplained(beta))
    residual_variance = unexplained / np.where(excess.usable, excess.observations - parameters, np.nan)

    mean_excess = excess.mean(excess.assets)
    mean_market = np.broadcast_to(excess.mean(excess.market), beta.shape)
    base = np.broadcast_to(excess.mean(np.nan_to_num(annual_rate)[:, np.newaxis]), beta.shape)
    premium = mean_market * periods
    volatility = np.sqrt(residual_variance * periods)

    if lags is None:
        beta_se, alpha_se = _classical_errors(line, residual_variance, mean_market)
    else:
        beta_se, alpha_se = _newey_west_errors(line, beta, unexplained, mean_market, lags)
    alpha_se = alpha_se * periods
    alpha = (mean_excess - beta * mean_market) * periods
    if not with_intercept:
        alpha = alpha_se = np.full_like(beta, np.nan)

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


def _classical_errors(line: Pairs, residual_variance: Array, mean_market: Array) -> tuple[Array, Array]:
    """Standard errors of slope and intercept, per bar, for residuals that are independent and alike."""
    variation = line.product(line.market, line.market)
    spread = 1 / np.maximum(line.observations, 1) + quotient(mean_market**2, variation)
    return np.sqrt(quotient(residual_variance, variation)), np.sqrt(residual_variance * spread)


def _newey_west_errors(
    line: Pairs, beta: Array, unexplained: Array, mean_market: Array, lags: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Standard errors of slope and intercept, per bar, from the influence of each row on them."""
    variation = line.product(line.market, line.market)
    residuals = line.weights * (line.assets - beta * line.market) * (unexplained > 0)
    on_slope = residuals * quotient(line.market, variation)
    on_intercept = residuals / np.maximum(line.observations, 1) - mean_market * on_slope
    return long_run_error(on_slope, lags), long_run_error(on_intercept, lags)
