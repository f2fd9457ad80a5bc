"""The store as CSV files that anybody can read, PerpDesk among them: `perpdesk refresh BOOK --from FOLDER`.

BTCUSDT_bybit_1h.csv          time (the open, UTC), symbol, open, high, low, close, volume, quote_volume
funding_BTCUSDT_bybit.csv     funding_time, symbol, funding_rate
mark/BTCUSDT_bybit_1h.csv     the venue's own prices, in folders of their own
implied/BTC_deribit.csv       time, symbol, volatility: what options imply, a decimal a year
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np

from core.errors import FeedError

from .quote_volume import quote_volumes
from .store.key import SeriesKey
from .store.landing import land, store_written
from .store.store import Store
from .store.versions import Versions
from .venue.declared import VENUES

__all__ = ["export"]

MISSING = "n/a"


def export(
    store: Store, folder: Path, venue: str | None = None, symbols: Collection[str] = (), as_of: int | None = None
) -> list[Path]:
    """Write the series of a venue (None: all) and of these contracts (none: all) into a folder; returns the files.

    `as_of`, ms since 1970: as they were known then. Raises FeedError.
    """
    keys = [key for key in store.series() if venue in (None, key.venue) and (not symbols or key.symbol in symbols)]
    if not keys:
        raise FeedError(f"the store at {store.root} has no such series; perpdesk store status lists what it has")
    written = []
    for key in keys:
        rows = store.read(key, as_of)
        path = folder / _file(key, several=len({other.venue for other in keys}) > 1)
        with store_written(folder):
            land(path, _text(_lines(store, key, rows, as_of)).encode())
        written.append(path)
    return written


def _file(key: SeriesKey, *, several: bool) -> Path:
    """The name says contract, venue and length of the bars, as files are recognised by when they are read."""
    plain = f"{key.symbol.replace(':', '-').replace('/', '-')}_{key.venue}"
    name = f"funding_{plain}.csv" if key.kind == "funding" else f"{plain}{_length(key)}.csv"
    within = Path(key.venue) if several else Path()
    return within / name if key.kind in ("bars", "funding") else within / key.kind / name


def _length(key: SeriesKey) -> str:
    return f"_{key.hours:g}h" if key.hours else ""


def _lines(store: Store, key: SeriesKey, rows: Versions, as_of: int | None) -> Iterable[Sequence[str]]:
    times = np.datetime_as_string(rows.times, unit="s")
    if key.kind == "funding":
        yield "funding_time", "symbol", "funding_rate"
        for time, rate in zip(times, rows.values[:, 0].tolist(), strict=True):
            yield f"{time}Z", key.symbol, MISSING if math.isnan(rate) else repr(rate)
        return
    more = ["quote_volume"] if key.kind == "bars" else []
    values = rows.values
    if more:
        bare = Versions(rows.times, values[:, [3, 4]], rows.seen)
        quote = quote_volumes(store, VENUES[key.venue], key.symbol, bare, as_of)
        values = np.column_stack([values, quote])
    yield "time", "symbol", *key.columns, *more
    for time, numbers in zip(times, values.tolist(), strict=True):
        yield f"{time}Z", key.symbol, *("" if math.isnan(each) else repr(each) for each in numbers)


def _text(lines: Iterable[Sequence[str]]) -> str:
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows(lines)
    return content.getvalue()
