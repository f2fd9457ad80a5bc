"""Volatility regimes: stretches in which returns swing alike, and the bars at which that changed.

The returns are normal about zero with one variance a stretch. The cut into stretches of at least `min_size` bars that
makes minus twice the log-likelihood plus `penalty` a stretch least is found exactly (PELT).

    penalty    3 ln T x max(1, (kurtosis - 1) / 2)

3 ln T is the modified BIC's price of a change: one more variance and one more place, which counts twice. It is right
for normal returns. The log-likelihood a change gains by chance grows with the variance of r^2, which is
(kurtosis - 1) / 2 times the normal one, so fat tails raise the price by as much. The kurtosis is taken inside the
stretches of a first cut at 3 ln T, so that a change of regime does not pass for a fat tail; it is their median, each
weighted by its rows, so that one bad tick does not raise the price everywhere. The returns are about zero for the same
reason: the mean of a bar is tiny beside its volatility, and a bad tick in a common mean would shift every stretch.

Sources: Killick, Fearnhead and Eckley (2012) (PELT); Zhang and Siegmund (2007) (modified BIC); Inclan and Tiao (1994)
and Sanso, Arago and Carrion (2004), "Testing for Changes in the Unconditional Variance" (correction for kurtosis).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Rows
from ...checks import as_vector, complete_rows, enough, number, whole
from ...errors import UndefinedError
from ...numeric.median import median
from ...records import dataclass
from ...tolerances import ROUNDING
from .regime_loops import variance_starts

__all__ = ["Regimes", "variance_regimes"]


@dataclass(frozen=True, eq=False)
class Regimes:
    """One regime an entry, `(K,)`, oldest first; the last one is the current one.

    start_row, end_row  first and last row, counted from 1
    volatility          root mean square of its returns, per bar
    """

    start_row: Rows
    end_row: Rows
    volatility: Array
    penalty: float
    """The price of a change that was used."""


def variance_regimes(returns: ArrayLike, min_size: int = 48, penalty: float | None = None) -> Regimes:
    """The volatility regimes of one contract.

    Shapes: `returns` (T,). Units: decimals per bar. `min_size` in rows, at least 2; `penalty` in units of minus twice
    the log-likelihood, None for the rule above.
    NaN: a missing return is left out, with a DataWarning; rows are still counted in the series as it was given.
    Raises ArgumentError (shape, min_size, penalty), MissingDataError (fewer than `min_size` returns) and UndefinedError
    (all returns are zero).
    """
    series = as_vector(returns, "returns")
    least = whole(min_size, "min_size", at_least=2)
    price = None if penalty is None else number(penalty, "penalty", at_least=0)
    rows = np.flatnonzero(complete_rows(series[:, np.newaxis], "returns"))
    enough(rows.size, least, "returns")
    squares = series[rows] ** 2
    if not squares.any():
        raise UndefinedError("returns are all zero, so there are no regimes; choose a contract that trades")
    unit = median(squares[squares > 0])
    squares = squares / unit
    if price is None:
        price = _price(squares, least)
    starts = variance_starts(squares, least, price, ROUNDING)
    ends = np.append(starts[1:], rows.size)
    volatility = np.sqrt(_means(squares, starts) * unit)
    return Regimes(rows[starts] + 1, rows[ends - 1] + 1, volatility, price)


def _price(squares: Array, min_size: int) -> float:
    normal = 3 * math.log(squares.size)
    starts = variance_starts(squares, min_size, normal, ROUNDING)
    kurtosis = _means(squares**2, starts) / np.maximum(_means(squares, starts), ROUNDING) ** 2
    order = np.argsort(kurtosis)
    rows = np.cumsum(np.diff(np.append(starts, squares.size))[order])
    median = float(kurtosis[order][np.searchsorted(rows, squares.size / 2)])
    return normal * max(1.0, (median - 1) / 2)


def _means(squares: Array, starts: Rows) -> Array:
    """Mean of each stretch."""
    return np.asarray(np.add.reduceat(squares, starts) / np.diff(np.append(starts, squares.size)))
