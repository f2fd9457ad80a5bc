"""What a series of returns was worth for its risk.

    Sharpe      mean of (r - rf) / standard deviation of (r - rf) x sqrt(periods per year)
    Sortino     mean of (r - rf) / sqrt(mean of min(r - rf, 0)^2) x sqrt(periods per year)
    growth      (product of (1 + r)) ^ (periods per year / bars) - 1

The Sharpe ratio divides by the sample deviation (one degree of freedom less), the Sortino ratio by the downside of all
bars, those without a loss included.

Sources: Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21 (1994); Sortino and Price, "Performance
Measurement in a Downside Risk Framework", Journal of Investing 3 (1994).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_matrix, as_vector, enough, number
from ...errors import UndefinedError, say
from ...estimate.regression import quotient
from ...tolerances import ROUNDING_OF_SQUARES

__all__ = ["annual_growth", "annual_volatility", "sharpe_ratio", "sortino_ratio"]


def sharpe_ratio(returns: ArrayLike, risk_free: ArrayLike = 0.0, periods_per_year: float = 365) -> Array:
    """Annualised Sharpe ratio of each column, `(T, N)` -> `(N,)`.

    `risk_free` a year, one number or `(T,)`. NaN: a missing return is left out of its column, and that is said; the
    ratio of a column that does not vary, or has one return, is missing.
    Raises ArgumentError (shapes, periods_per_year), MissingDataError (fewer than 2 returns) and UndefinedError (no
    column varies).
    """
    excess, present = _excess(returns, risk_free, periods_per_year)
    counts, mean = present.sum(axis=0), _mean(excess, present)
    squares = np.where(present, (excess - mean) ** 2, 0.0).sum(axis=0)
    flat = squares <= ROUNDING_OF_SQUARES * np.where(present, excess**2, 0.0).sum(axis=0)
    deviation = np.sqrt(quotient(np.where(flat, np.nan, squares), np.where(counts > 1, counts - 1, 0)))
    if np.isnan(deviation).all():
        raise UndefinedError("returns do not vary, so no Sharpe ratio exists; select returns that move")
    return np.asarray(mean / deviation * np.sqrt(periods_per_year))


def sortino_ratio(returns: ArrayLike, risk_free: ArrayLike = 0.0, periods_per_year: float = 365) -> Array:
    """Annualised Sortino ratio of each column, `(T, N)` -> `(N,)`; missing where there is no loss. See `sharpe_ratio`.

    Raises ArgumentError (shapes, periods_per_year) and MissingDataError (fewer than 2 returns).
    """
    excess, present = _excess(returns, risk_free, periods_per_year)
    losses = np.where(present, np.minimum(excess, 0.0), 0.0)
    downside = np.sqrt((losses**2).sum(axis=0) / np.maximum(present.sum(axis=0), 1))
    return quotient(_mean(excess, present) * np.sqrt(periods_per_year), downside)


def annual_growth(returns: ArrayLike, periods_per_year: float = 365) -> float:
    """Return a year at which a series `(T,)` without gaps compounds; -1 once everything is lost.

    Raises ArgumentError (periods_per_year, an answer beyond any number stays infinite).
    """
    series = as_vector(returns, "returns")
    periods = number(periods_per_year, "periods_per_year", above=0)
    with np.errstate(divide="ignore", over="ignore"):
        return float(np.expm1(np.log1p(series).sum() * periods / series.size))


def annual_volatility(returns: ArrayLike, periods_per_year: float = 365) -> float:
    """Standard deviation of a series `(T,)` without gaps a year; NaN for one return. Raises ArgumentError."""
    series = as_vector(returns, "returns")
    periods = number(periods_per_year, "periods_per_year", above=0)
    return float(np.std(series, ddof=1) * np.sqrt(periods)) if series.size > 1 else float("nan")


def _excess(returns: ArrayLike, risk_free: ArrayLike, periods_per_year: float) -> tuple[Array, Mask]:
    """Returns less the risk-free rate of a bar, `(T, N)`, and which are there. What is missing is said."""
    block = as_matrix(returns, "returns")
    annual = as_vector(risk_free, "risk_free", len(block), each="row of returns")
    excess = block - (annual / number(periods_per_year, "periods_per_year", above=0))[:, np.newaxis]
    present = np.isfinite(excess)
    enough(int(present.sum(axis=0).max()), 2, "returns")
    missing = (~present).sum(axis=0)
    if missing.any():
        say(f"returns: up to {missing.max()} of {len(block)} left out because a value is missing")
    return excess, present


def _mean(values: Array, present: Mask) -> Array:
    return quotient(np.where(present, values, 0.0).sum(axis=0), present.sum(axis=0))
