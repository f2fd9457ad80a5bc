"""Implied volatility: Deribit's index of its options on BTC and on ETH (DVOL), read by the hour and kept in the store.

    index = VolatilityIndex(Client(venue_named(PUBLISHER), Line()), store)
    index.read(["BTC"], until, now)                 # the only step that goes on the line
    index.at("BTC", until)                          # the last one that was known by then

The index is what options of the next 30 days imply, in percent a year; it is kept as a decimal, at the end of its hour.
Source: Deribit, "DVOL - Deribit Implied Volatility Index", and public/get_volatility_index_data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from core.errors import FeedError, say
from core.records import dataclass

from ..feed import clock
from ..store.key import SeriesKey
from ..store.store import Store
from .bars import SETTLING
from .client import Client

__all__ = ["COINS", "Quote", "VolatilityIndex"]

COINS = ("BTC", "ETH")
"""Coins that have such an index."""

HOUR = 3600
BACK = 26
"""Hours before the last close that are read: one a day would do, and an hour may be missing."""

LOWEST, HIGHEST = 2.0, 1000.0
"""Percent a year beyond which a figure is not taken for one: Bitcoin's has been between 30 and 180."""

EXACT = 12
"""Significant digits that are kept."""


@dataclass(frozen=True)
class Quote:
    """An implied volatility, a decimal a year, and the instant (UTC) at which it was so."""

    volatility: float
    time: np.datetime64

    @property
    def at(self) -> datetime:
        """The same instant as a cell has it."""
        return datetime.fromisoformat(str(self.time))

    def __str__(self) -> str:
        return f"{self.volatility:.2%} of {clock(self.time)} UTC"


@dataclass(frozen=True)
class VolatilityIndex:
    """The index as the venue and the store have it; `as_of`, ms since 1970: as the store was then."""

    client: Client
    store: Store
    as_of: int | None = None

    def read(self, coins: Iterable[str], until: int, now: int) -> None:
        """Read the last hours before `until` (s) that the store lacks; `now` (ms) is when they count as seen.

        Raises UnreachableError, FeedError.
        """
        ended = (now // 1000 - SETTLING) // HOUR * HOUR
        last = min(until // HOUR * HOUR, ended)
        for coin in coins:
            for start, end in self.store.missing(self._key(coin), (last - BACK * HOUR, last)):
                answer = self.client.ask(
                    "public_get_get_volatility_index_data",
                    {
                        "currency": coin,
                        "start_timestamp": start * 1000,
                        "end_timestamp": end * 1000 - 1,
                        "resolution": str(HOUR),
                    },
                )
                rows = self._rows(coin, answer, start, end)
                times = np.array(sorted(rows), dtype=np.int64)
                values = np.array([[rows[time]] for time in times.tolist()]).reshape(len(rows), 1)
                self.store.append(self._key(coin), times.astype("datetime64[s]"), values, (start, end), now)

    def at(self, coin: str, until: np.datetime64) -> Quote | None:
        """The last of a coin that was known at `until`; None where there is none. Raises FeedError."""
        rows = self.store.read(self._key(coin), self.as_of)
        known = rows.times <= until
        if not known.any():
            return None
        return Quote(float(rows.values[known][-1, 0]), rows.times[known][-1])

    def _key(self, coin: str) -> SeriesKey:
        return SeriesKey(self.client.venue.name, coin, "implied")

    def _rows(self, coin: str, answer: Any, start: int, end: int) -> dict[int, float]:
        """By the end (s) of an hour, its last figure as a decimal; the hours of the span alone. Raises FeedError."""
        found: dict[int, float] = {}
        odd: list[float] = []
        for time, figure in self._candles(answer):
            if start <= time < end:
                if LOWEST <= figure <= HIGHEST:
                    found[time + HOUR] = float(f"{figure / 100:.{EXACT}g}")
                else:
                    odd.append(figure)
        if odd:
            say(
                f"{self.client.venue.title} has {len(odd)} figures of the volatility of {coin} that are no percent a "
                f"year, such as {odd[0]:g}; they were left out"
            )
        return found

    def _candles(self, answer: Any) -> Sequence[tuple[int, float]]:
        """The open (s) and the last figure of each. Raises FeedError where the answer has another shape."""
        try:
            return [(int(row[0]) // 1000, float(row[4])) for row in answer["result"]["data"]]
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise FeedError(
                f"{self.client.venue.title} answers for its volatility index in another form than is known; enter "
                "ImpliedVol by hand"
            ) from error
