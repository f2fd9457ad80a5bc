"""Settlements on a clock: how long each one stands for, and so what funding costs a year where it is known.

    a year      8760 x sum of the rates / hours covered
    coverage    hours covered / hours from the first price to the last

A settlement stands for the time since the one before. Time in which nothing is known of funding is not time without
funding: no venue settles more rarely than once a day, so after a longer silence, or one in which a rate could not be
read, a settlement stands for the usual time only; before the first settlement and after the last it is no other, but
a time no longer than the longest interval is one whose settlement is still to come, and counts.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array, Mask, Times
from ..numeric.median import median
from ..records import dataclass
from ..units import HOURS_PER_DAY, HOURS_PER_YEAR

__all__ = ["Settlements", "settlements"]

LONGEST_SILENCE = HOURS_PER_DAY


@dataclass(frozen=True, eq=False)
class Settlements:
    """The settlements of N contracts while each was priced.

    hours     (T, N) that each settlement stands for; NaN in a bar in which none settled
    covered   (N,) hours of which the funding is known
    priced    (N,) hours from the first price to the last; NaN with fewer than two prices
    rates     (N,) sum of the rates
    """

    hours: Array
    covered: Array
    priced: Array
    rates: Array

    @property
    def annual(self) -> Array:
        """Funding a year over the hours covered, (N,); 0 for a contract without settlements, NaN without prices."""
        annual = np.where(np.isnan(self.priced), np.nan, 0.0)
        return np.asarray(np.divide(self.rates * HOURS_PER_YEAR, self.covered, out=annual, where=self.covered > 0))

    @property
    def coverage(self) -> Array:
        """Share of the priced time of which the funding is known, (N,), 0 to 1; NaN without prices."""
        return self.covered / self.priced


def settlements(times: Times, prices: Array, funding: Array, unknown: Mask, bar_hours: float) -> Settlements:
    """What settled on the clock `times` (T,) with `prices` and `funding` (T, N), where not `unknown` (T, N)."""
    clock = (times - times[0]) / np.timedelta64(1, "h")
    silence = max(LONGEST_SILENCE, bar_hours)
    settled, hours = np.zeros(funding.shape, dtype=np.bool_), np.full(funding.shape, np.nan)
    covered, priced_hours = np.zeros(funding.shape[1]), np.full(funding.shape[1], np.nan)
    for column in range(funding.shape[1]):
        priced = np.flatnonzero(np.isfinite(prices[:, column]))
        if len(priced) < 2:
            continue
        first, last = priced[0], priced[-1]
        priced_hours[column] = clock[last] - clock[first]
        # The first price's own bar ended with it: what settled there was paid before.
        rows = first + 1 + np.flatnonzero(np.isfinite(funding[first + 1 : last + 1, column]))
        if len(rows):
            unread = np.diff(np.cumsum(unknown[:, column])[rows]) > 0
            settled[rows, column] = True
            hours[rows, column], covered[column] = _stands_for(clock[rows], clock[first], clock[last], unread, silence)
    return Settlements(hours, covered, priced_hours, np.where(settled, funding, 0.0).sum(axis=0))


def _stands_for(at: Array, first: float, last: float, unread: Mask, silence: float) -> tuple[Array, float]:
    """Hours that each settlement of one contract, `at` hours, stands for; and how many from first to last are known."""
    gaps = np.diff(at)
    known = (gaps <= silence) & ~unread
    usual = median(gaps[known]) if known.any() else silence
    longest = float(gaps[known].max()) if known.any() else silence
    since_the_last_one = np.where(known, gaps, usual)
    head, tail = at[0] - first, last - at[-1]
    ends = (head if head <= longest else usual) + (tail if tail <= longest else 0.0)
    return np.concatenate([[usual], since_the_last_one]), float(ends + since_the_last_one.sum())
