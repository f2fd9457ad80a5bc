"""What was read of one series in one go: rows tidied, what was repaired counted, handed on in portions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

import numpy as np

from core.arrays import Array
from core.records import dataclass

from ..feed import Times

__all__ = ["Keep", "Reading"]

Keep = Callable[[Times, Array, int, int], None]
"""Takes rows, times (M,) rising and values (M, K), and the span (s) that has now been read to the end with them."""

PORTION = 5000
"""Rows after which they are handed on: what a killed process loses at most."""


@dataclass
class Reading:
    """Rows that came, until they are handed to `keep`.

    columns       values in a row
    start, end    the span (s) that has been read to the end
    repeated      rows that came twice
    contradicted  times that came twice with different values, of which the last was taken
    """

    keep: Keep
    start: int
    columns: int
    end: int = 0
    repeated: int = 0
    contradicted: int = 0
    _rows: list[tuple[int, tuple[float, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.end = self.start

    def add(self, rows: list[tuple[int, tuple[float, ...]]], end: int) -> None:
        """More rows, times in seconds, with which the span has been read up to `end`."""
        self._rows += rows
        self.end = end
        if len(self._rows) >= PORTION:
            self.hand_on()

    def hand_on(self) -> None:
        """Give `keep` what there is."""
        if self.end <= self.start and not self._rows:
            return
        end = max(self.start, self.end)
        latest: dict[int, tuple[float, ...]] = {}
        for time, values in self._rows:
            before = latest.get(time)
            if before is not None:
                same = np.array_equal(before, values, equal_nan=True)
                self.repeated += same
                self.contradicted += not same
            latest[time] = values
        seconds = np.array(sorted(latest), dtype=np.int64)
        rows = np.array([latest[time] for time in seconds.tolist()], dtype=np.float64)
        self.keep(seconds.astype("datetime64[s]"), rows.reshape(len(latest), self.columns), self.start, end)
        self._rows.clear()
        self.start = end
