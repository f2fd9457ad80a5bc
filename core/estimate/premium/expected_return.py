"""Expected return of holding a perpetual: what the market pays for its beta, less the funding it costs.

A perpetual is bought with margin, not with cash, so what a long earns is an excess return:

    premium_i  = beta_i (market_return - risk_free)       CAPM (Sharpe 1964), or the analyst's own view
    expected_i = risk_free + premium_i - funding_i

The risk-free rate is what the collateral behind the position earns meanwhile; leaving it in makes the figure
comparable with that of a funded asset, and `expected_i - risk_free` is what one unit of notional adds to the book.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite, number
from ...records import dataclass

__all__ = ["ExpectedReturn", "expected_return"]


@dataclass(frozen=True)
class ExpectedReturn:
    """Expected returns a year of a long in each contract, `(N,)`: the premium, the funding and what is left."""

    premium: Array
    funding: Array
    total: Array


def expected_return(
    betas: ArrayLike, risk_free: float, market_return: float, funding: ArrayLike, views: ArrayLike | None = None
) -> ExpectedReturn:
    """Expected return of a long in each contract, net of expected funding.

    Args:
        betas: `(N,)` to the benchmark.
        risk_free: a year, decimal.
        market_return: expected return of the benchmark a year, decimal.
        funding: `(N,)` expected funding rates a year; positive = longs pay.
        views: `(N,)` own expected returns a year before funding; NaN = none, the CAPM answers.

    Raises:
        ArgumentError: lengths differ, or a rate is not a finite number.
        MissingDataError: a beta or a funding rate is missing.
    """
    betas = finite(as_vector(betas, "betas"), "betas")
    funding = finite(as_vector(funding, "funding", betas.size), "funding")
    risk_free = number(risk_free, "risk_free")
    premium = betas * (number(market_return, "market_return") - risk_free)
    if views is not None:
        views = as_vector(views, "views", betas.size)
        premium = np.where(np.isnan(views), premium, views - risk_free)
    return ExpectedReturn(premium, funding, risk_free + premium - funding)
