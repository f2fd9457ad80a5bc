"""Rows of a series as they were read over time: what a venue revised is a later version of the same time.

A row is never changed. The series as it was known at an instant is, for each time, the last row that was seen by then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Mask
from core.records import dataclass

from ..feed import Times

__all__ = ["Versions"]


@dataclass(frozen=True, eq=False)
class Versions:
    """Rows in the order in which they were kept.

    times   (M,) datetime64[s], UTC: the open of a bar, the instant of a settlement
    values  (M, K), the columns of the series; NaN where the venue gave none
    seen    (M,) int64, milliseconds since 1970, UTC, at which each was read; never falls
    """

    times: Times
    values: Array
    seen: NDArray[np.int64]

    @classmethod
    def none(cls, columns: int) -> Versions:
        """No rows of so many columns."""
        return cls(np.empty(0, dtype="datetime64[s]"), np.empty((0, columns)), np.empty(0, dtype=np.int64))

    def joined(self, later: Versions) -> Versions:
        """These rows and then those that were kept later."""
        return Versions(
            np.concatenate([self.times, later.times]),
            np.concatenate([self.values, later.values]),
            np.concatenate([self.seen, later.seen]),
        )

    def only(self, chosen: Mask | NDArray[np.intp]) -> Versions:
        """The rows that are chosen."""
        return Versions(self.times[chosen], self.values[chosen], self.seen[chosen])

    def known(self, as_of: int | None = None) -> Versions:
        """The last version of each time, oldest time first; `as_of`: of what was seen by then, None: of all."""
        rows = self if as_of is None or not len(self.seen) or self.seen[-1] <= as_of else self.only(self.seen <= as_of)
        if (np.diff(rows.times) > np.timedelta64(0, "s")).all():
            return rows
        order = np.argsort(rows.times, kind="stable")
        times = rows.times[order]
        return rows.only(order[np.append(times[1:] != times[:-1], True)])

    def new_to(self, kept: Versions) -> Mask:
        """Which of these rows, each of another time, `kept` does not know, or knows with other values."""
        known = kept.known()
        if not len(known.times):
            return np.ones(len(self.times), dtype=np.bool_)
        place = np.minimum(np.searchsorted(known.times, self.times), len(known.times) - 1)
        there, own = known.values[place], self.values
        same = ((there == own) | (np.isnan(there) & np.isnan(own))).all(axis=1)
        return np.asarray((known.times[place] != self.times) | ~same)
