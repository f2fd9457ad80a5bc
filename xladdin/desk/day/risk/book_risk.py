"""The risk of one book: volatility and losses, what each contract brings of them, and how much stands on few.

Losses are those of the window that the estimates look at, by PERP_VAR's own measures; volatility and shares of it are
of the covariance that the optimiser uses.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from core.arrays import Array
from core.decide.portfolio.risk_contribution import risk_contribution
from core.errors import DataWarning, PerpDeskError, UndefinedError
from core.records import dataclass
from core.verify.risk.concentration import Concentration, concentration
from core.verify.risk.value_at_risk import ValueAtRisk, value_at_risk

from ...layout.risk_tables import LOSSES

__all__ = ["BookRisk", "Sums", "risk_of"]


@dataclass(frozen=True)
class Sums:
    """Returns summed over a span of so many bars, one row for each bar that ends one, `(R, n)`; NaN beside a gap."""

    returns: Array
    bars: int


@dataclass(frozen=True)
class BookRisk:
    """The risk of a book of `weights` `(n,)`, notional / equity.

    volatility      a year
    shares          (n,) of the variance; NaN for a book without any
    marginal        (n,) change of the volatility for a unit more of a weight; NaN for a book without any
    losses          by their column; None where there are too few rows, or nothing is held
    stretches       by span: how many of those looked at do not overlap
    """

    weights: Array
    volatility: float
    beta: float
    shares: Array
    marginal: Array
    losses: Mapping[str, ValueAtRisk | None]
    stretches: Mapping[str, float]
    concentration: Concentration


def risk_of(weights: Array, covariance: Array, betas: Array, sums: Mapping[str, Sums]) -> BookRisk:
    """The risk of a book; `covariance` `(n, n)` a year, `sums` by span. Raises ArgumentError, MissingDataError."""
    if not weights.size:
        return _of_nothing(weights, sums)
    volatility = float(np.sqrt(max(float(weights @ covariance @ weights), 0.0)))
    try:
        shares = risk_contribution(weights, covariance)
        marginal = covariance @ weights / volatility
    except UndefinedError:
        shares = marginal = np.full(weights.size, np.nan)
    held = weights != 0
    complete = {span: int((~np.isnan(each.returns[:, held])).all(axis=1).sum()) for span, each in sums.items()}
    return BookRisk(
        weights=weights,
        volatility=volatility,
        beta=float(weights @ betas),
        shares=shares,
        marginal=marginal,
        losses={each.column: _loss(weights, sums[each.span], each.level, each.method) for each in LOSSES},
        stretches={span: count / sums[span].bars for span, count in complete.items()},
        concentration=concentration(weights, covariance),
    )


def _of_nothing(weights: Array, sums: Mapping[str, Sums]) -> BookRisk:
    """That of a desk on which nothing is held and nothing wanted."""
    nan = float("nan")
    return BookRisk(
        weights=weights,
        volatility=0.0,
        beta=0.0,
        shares=weights,
        marginal=weights,
        losses={each.column: None for each in LOSSES},
        stretches=dict.fromkeys(sums, 0.0),
        concentration=Concentration(nan, None, nan, nan),
    )


def _loss(weights: Array, sums: Sums, level: float, method: str) -> ValueAtRisk | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing is said in the desk's words
        try:
            return value_at_risk(weights, sums.returns, level, method)
        except PerpDeskError:  # nothing is held, or there are too few rows: a blank says so
            return None
