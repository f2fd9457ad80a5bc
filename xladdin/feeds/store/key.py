"""What a series in the store is of: venue, contract, kind and length of the bars; and the folder that says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

from core.errors import FeedError

__all__ = ["COLUMNS", "Kind", "SeriesKey"]

Kind = Literal["bars", "mark", "index", "funding", "implied"]

CANDLE = ("open", "high", "low", "close")
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "bars": (*CANDLE, "volume"),
    "mark": CANDLE,
    "index": CANDLE,
    "funding": ("rate",),
    "implied": ("volatility",),
}
"""What a row of each kind holds beside its time: prices in quote currency, volume as the venue counts it, decimals."""

AT_INSTANTS: tuple[Kind, ...] = ("funding", "implied")
"""Kinds that have no bars."""


@dataclass(frozen=True, order=True)
class SeriesKey:
    """One series: `bars` are trades, `mark` and `index` the venue's own prices, `funding` what settled.

    `implied` is what options on a coin imply of its volatility, a decimal a year; the coin stands for a symbol.
    `hours` is the length of a bar; 0 for funding and implied volatility.
    """

    venue: str
    symbol: str
    kind: Kind
    hours: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings of its values."""
        return COLUMNS[self.kind]

    @property
    def name(self) -> str:
        """As people read it: bybit BTCUSDT bars 1h."""
        return f"{self.venue} {self.symbol} {self._series.replace('-', ' ')}"

    @property
    def folder(self) -> Path:
        """Where it lies in the store, in a form that every file system takes."""
        return Path(self.venue, quote(self.symbol, safe="-_."), self._series)

    @classmethod
    def of(cls, folder: Path) -> SeriesKey:
        """The key whose `folder` this is, of which the last three parts count. Raises FeedError for another folder."""
        venue, symbol, series = folder.parts[-3:]
        kind, _, length = series.partition("-")
        for known in COLUMNS:
            if kind == known:
                try:
                    return cls(venue, unquote(symbol), known, float(length.removesuffix("h") or 0))
                except ValueError:
                    break
        raise FeedError(f"{folder} is no series of the store; move it elsewhere")

    @property
    def _series(self) -> str:
        return self.kind if self.kind in AT_INSTANTS else f"{self.kind}-{self.hours:g}h"
