"""What is traded of a contract a day, in quote currency, where its files say so.

    daily volume = sum of the quote volume of the last 30 days / the days that those bars cover

Venues give the volume in quote currency beside that in coin; where there is only the latter, it counts at the close.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.units import HOURS_PER_DAY

from ..symbols import read_symbol
from .feed import Times
from .folder import Folder
from .layouts import DataFile
from .tables.numbers import numbers
from .tables.times import times

__all__ = ["DAYS", "daily_volumes"]

DAYS = 30


def daily_volumes(folder: Folder, symbols: Sequence[str], until: np.datetime64, bar_hours: float) -> dict[str, float]:
    """The daily volume of each contract before `until`, UTC; a contract whose files say none is left out.

    Raises FeedError.
    """
    parts = folder.contracts()
    found = {symbol: _daily_volume(parts[read_symbol(symbol)], symbol, until, bar_hours) for symbol in symbols}
    return {symbol: volume for symbol, volume in found.items() if volume is not None}


def _daily_volume(files: Sequence[DataFile], symbol: str, until: np.datetime64, bar_hours: float) -> float | None:
    traded, bars = 0.0, 0
    for file in files:
        column, in_coin = file.volumes
        if column is None:
            continue
        rows = file.rows(symbol, column, file.closes(symbol))
        volumes = numbers(rows, column, f"the volume of {symbol}")
        if in_coin:
            volumes = volumes * numbers(rows, file.closes(symbol), f"the close of {symbol}")
        counted = _latest(times(rows, file.time), until) & (volumes >= 0)
        traded, bars = traded + float(volumes[counted].sum()), bars + int(counted.sum())
    return traded / (bars * bar_hours / HOURS_PER_DAY) if bars and traded else None


def _latest(stamps: Times, until: np.datetime64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((stamps < until) & (stamps >= until - np.timedelta64(DAYS, "D")))
