"""Funding: the rate that longs pay shorts (when positive) at each settlement.

Funding settles at instants, not over bars, and the interval changes: mostly 8 hours, but SOL settled every 2 hours
in November 2022. So settlements are summed into the bars they fall in, and a rate is never carried forward.

    annual, simple        mean(f) x settlements a day x 365
    annual, compounded    (1 + mean(f)) ** (settlements a day x 365) - 1
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, Times
from ..checks import as_matrix, as_vector, enough, number
from ..errors import ArgumentError, UndefinedError, say
from ..units import DAYS_PER_YEAR

__all__ = ["annualised_funding", "settle_into_bars"]


def annualised_funding(rates: ArrayLike, settlements_per_day: float = 3, compound: bool = False) -> Array:
    """Mean funding rate of each contract, annualised.

    Shapes: `rates` (T, N), one row a settlement -> (N,). Units: decimals per settlement -> decimals a year.
    NaN: a missing rate is left out of the mean; a contract without any rate is NaN and a DataWarning says so.
    Raises ArgumentError (settlements_per_day), MissingDataError (no rate at all) and UndefinedError (a mean that
    cannot be compounded: at or below -100 % a settlement, or too large).
    """
    settlements = as_matrix(rates, "rates")
    per_year = number(settlements_per_day, "settlements_per_day", above=0) * DAYS_PER_YEAR
    present = np.isfinite(settlements)
    counts = present.sum(axis=0)
    enough(int(counts.max()), 1, "rates")
    if not counts.all():
        empty = int(np.argmin(counts)) + 1
        say(f"rates: column {empty} holds no rate, so its funding is missing")

    sums = np.where(present, settlements, 0.0).sum(axis=0)
    mean = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return _compounded(mean, per_year) if compound else mean * per_year


def settle_into_bars(settled_at: Times, rates: ArrayLike, closes_at: Times) -> Array:
    """Sum of the rates settled in each bar, that is after the previous close and up to and including its own.

    Shapes: `settled_at` and `rates` (M,), in any order; `closes_at` (T,), strictly increasing -> (T,). Times are
    datetime64 in UTC. The first bar is as long as the shortest step between closes; settlements before it or after
    the last close belong to no bar and are left out.
    NaN: a bar in which nothing settled is NaN (blank, not a rate of zero); a settlement without a rate is left out.
    Raises ArgumentError (lengths, closes out of order, a settlement given twice) and MissingDataError (one close).
    """
    values = as_vector(rates, "rates") if np.size(rates) else np.empty(0)
    instants = np.asarray(settled_at, dtype="datetime64").reshape(-1)
    if len(instants) != len(values):
        raise ArgumentError(f"settled_at has {len(instants)} times and rates has {len(values)} values; give one each")
    closes = np.asarray(closes_at, dtype="datetime64").reshape(-1)
    enough(len(closes), 2, "closes_at")
    steps = np.diff(closes)
    if not (steps > np.timedelta64(0, "s")).all():
        raise ArgumentError("closes_at must increase from row to row; sort the rows and remove duplicates")
    _once_each(instants)

    opening = closes[0] - steps.min()
    counted = np.isfinite(values) & (instants > opening) & (instants <= closes[-1])
    bar = np.searchsorted(closes, instants[counted], side="left")
    settlements = np.bincount(bar, minlength=len(closes))
    sums = np.bincount(bar, weights=values[counted], minlength=len(closes))
    return np.where(settlements > 0, sums, np.nan)


def _compounded(mean: Array, per_year: float) -> Array:
    if (mean <= -1).any():
        raise UndefinedError("rates at or below -100 % a settlement do not compound; give them as decimals (0.0001)")
    with np.errstate(over="ignore"):
        # expm1 and log1p keep the digits that (1 + 1e-6) ** 1095 - 1 loses.
        annual = np.expm1(per_year * np.log1p(mean))
    if np.isinf(annual).any():
        raise UndefinedError("rates compound beyond any number in a year; give them as decimals (0.0001 = 0.01 %)")
    return np.asarray(annual)


def _once_each(instants: Times) -> None:
    ordered = np.sort(instants)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if repeated.size:
        raise ArgumentError(f"settled_at holds {repeated[0]} more than once; keep one settlement for each instant")
