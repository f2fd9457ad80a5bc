"""What a source of market data answers: which contracts it has, and the history of one of them as it came."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.records import dataclass

__all__ = ["Feed", "History", "Times", "clock"]

Times = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class History:
    """One contract's closes and funding settlements, before they meet a common clock.

    times          (T,) datetime64[s], UTC CLOSES of the bars, strictly increasing
    close          (T,) prices in the quote currency; NaN where the source has the bar without a price
    funding_times  (M,) datetime64[s], UTC instants at which funding settled, strictly increasing
    funding_rates  (M,) decimals, positive = longs pay
    bar_hours      length of a bar
    funding_unread (U,) datetime64[s], UTC instants whose rate the source says is missing
    notes          what was dropped or is missing, one remark each, the symbol left out
    """

    symbol: str
    times: Times
    close: NDArray[np.float64]
    funding_times: Times
    funding_rates: NDArray[np.float64]
    bar_hours: float
    notes: tuple[str, ...] = ()
    funding_unread: Times = field(default_factory=lambda: np.empty(0, dtype="datetime64[s]"))


class Feed(Protocol):
    """A source of market data."""

    @property
    def name(self) -> str:
        """What people call it: the folder, the file or the exchange."""

    def symbols(self) -> tuple[str, ...]:
        """The contracts it has."""

    def history(self, symbol: str) -> History:
        """Everything it has of one contract. Raises FeedError."""


def clock(instant: np.datetime64) -> str:
    """A time as people read it: 2024-06-30 23:00."""
    return str(np.datetime_as_string(instant, unit="m")).replace("T", " ")
