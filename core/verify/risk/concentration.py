"""How much of a book stands on few contracts.

    effective contracts     (sum |w_i|)^2 / sum w_i^2                  as many equal positions are as concentrated
    largest position        max |w_i| / sum |w_i|
    diversification         sum |w_i| v_i / sqrt(w'S w)                1: nothing offsets anything; v_i volatilities

The first is the inverse of the Herfindahl index of the shares of gross. N contracts that do not move together and
swing alike, held alike, have a diversification of sqrt(N).

Sources: Herfindahl (1950); Choueifaty and Coignard, Journal of Portfolio Management 35 (2008).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_covariance, numbers
from ...decide.portfolio.risk_contribution import RISKLESS
from ...records import dataclass

__all__ = ["Concentration", "concentration", "correlations"]


@dataclass(frozen=True)
class Concentration:
    """`largest` is the place of the largest position, None for an empty book, whose figures are NaN.

    `diversification` is NaN for a book without risk.
    """

    effective_contracts: float
    largest: int | None
    largest_share: float
    diversification: float


def concentration(weights: ArrayLike, covariance: ArrayLike) -> Concentration:
    """The figures of a book of `weights` `(N,)`, notional / equity, and `covariance` `(N, N)` of any period.

    Raises ArgumentError (lengths, no covariance) and MissingDataError (gaps).
    """
    sizes = np.abs(numbers(weights, "weights"))
    risk = as_covariance(covariance, sizes.size)
    gross, squares = float(sizes.sum()), float(sizes @ sizes)
    if not gross > 0:
        return Concentration(math.nan, None, math.nan, math.nan)
    held = numbers(weights, "weights")
    alone, variance = float(sizes @ np.sqrt(np.diag(risk))), float(held @ risk @ held)
    largest = int(sizes.argmax())
    return Concentration(
        effective_contracts=gross**2 / squares,
        largest=largest,
        largest_share=float(sizes[largest]) / gross,
        diversification=alone / math.sqrt(variance) if variance > RISKLESS * alone**2 else math.nan,
    )


def correlations(covariance: ArrayLike) -> Array:
    """S_ij / sqrt(S_ii S_jj), `(N, N)`; NaN in the row and column of a contract that does not move.

    Raises ArgumentError (no covariance), MissingDataError (gaps).
    """
    risk = as_covariance(covariance)
    swings = np.sqrt(np.where(np.diag(risk) > 0, np.diag(risk), np.nan))
    found = np.clip(risk / np.outer(swings, swings), -1.0, 1.0)
    moves = ~np.isnan(swings)
    found[moves, moves] = 1.0
    return np.asarray(found)
