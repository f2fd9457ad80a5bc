"""Leverage that leans with what is forecast: less where risk has risen, more where it is better paid.

    by volatility, each contract    w_i x min(usual_i / forecast_i, max_scale)
    by volatility, the book         w x min(target / sqrt(w'S w), max_leverage / sum |w_i|)
    by premium                      w_i x clip(pay_i / reference, least, most)

Pay is the premium a contract promises, or the premium for each unit of its volatility where volatilities are given
(Merton: what is held grows with the reward). A contract that promises nothing is held at `least`, by default not at
all; premia of shorts are told from the side that is held.

Sources: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017); Merton, Review of Economics and
Statistics 51 (1969).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_covariance, number, numbers
from ...records import dataclass

__all__ = ["BookLeverage", "book_at_volatility", "scaled_by_premium", "tilted_by_volatility"]


@dataclass(frozen=True)
class BookLeverage:
    """Weights `(N,)` of a book held at a volatility target, the common `scale` that led there, and its volatility."""

    weights: Array
    scale: float
    volatility: float


def tilted_by_volatility(
    weights: ArrayLike, forecast_volatility: ArrayLike, usual_volatility: ArrayLike, max_scale: float = 1.5
) -> Array:
    """Each weight scaled by usual over forecast volatility, at most `max_scale`.

    Shapes: `(N,)`; volatilities `(N,)` or one for all, of one period, above zero. Twice the usual volatility halves a
    weight. Raises ArgumentError, MissingDataError.
    """
    held = numbers(weights, "weights")
    forecast = numbers(forecast_volatility, "forecast_volatility", held.size, above=0)
    usual = numbers(usual_volatility, "usual_volatility", held.size, above=0)
    return held * np.minimum(usual / forecast, number(max_scale, "max_scale", above=0))


def book_at_volatility(
    weights: ArrayLike, covariance: ArrayLike, target_volatility: float, max_leverage: float = 3.0
) -> BookLeverage:
    """The book scaled as a whole to `target_volatility`, its gross at most `max_leverage`.

    Shapes: `(N,)` and `(N, N)`, units of one period. A book without risk is held at `max_leverage`; one without weights
    stays without. Raises ArgumentError, MissingDataError.
    """
    held = numbers(weights, "weights")
    risk = as_covariance(covariance, held.size)
    target = number(target_volatility, "target_volatility", at_least=0)
    most = number(max_leverage, "max_leverage", above=0)
    gross = float(np.abs(held).sum())
    volatility = float(np.sqrt(np.maximum(held @ risk @ held, 0.0)))
    if gross == 0:
        return BookLeverage(held, 1.0, 0.0)
    scale = min(target / volatility, most / gross) if volatility > 0 else most / gross
    return BookLeverage(scale * held, scale, scale * volatility)


def scaled_by_premium(
    weights: ArrayLike,
    premium: ArrayLike,
    reference: float,
    volatility: ArrayLike | None = None,
    least: float = 0.0,
    most: float = 1.5,
) -> Array:
    """Each weight scaled by its premium, or its premium over volatility, relative to `reference`, in least..most.

    Shapes: `(N,)`; `premium` a year, of the side that is held, from `capm_premium` or `expected_return`; `reference` in
    the same unit (a premium, or a Sharpe ratio with `volatility`), above zero. Raises ArgumentError, MissingDataError.
    """
    held = numbers(weights, "weights")
    pay = numbers(premium, "premium", held.size)
    usual = number(reference, "reference", above=0)
    floor = number(least, "least", at_least=0)
    ceiling = number(most, "most", at_least=floor)
    if volatility is not None:
        pay = pay / numbers(volatility, "volatility", held.size, above=0)
    return held * np.clip(pay / usual, floor, ceiling)
