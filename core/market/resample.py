"""Longer bars from shorter ones: 8-hour closes from hourly ones, daily funding from settlements.

A row's time is when it became known: the close of its bar, or the instant of its settlement. A longer bar takes the
rows after the previous close and up to and including its own, and is labelled by its close. Closes lie on the UTC
clock: the multiples of the interval since midnight, or of whole days since 1970-01-01.

    last   the last value in the bar           prices
    sum    the sum of the values               funding settled, volume
    mean   their mean                          rates, spreads
    ohlc   first, highest, lowest, last        four columns a column

A bar without any row is left out, not invented. A bar in which rows are missing is kept and said.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array, Rows, Times
from ..checks import aligned, as_matrix, choice
from ..errors import ArgumentError, say

__all__ = ["AGGREGATIONS", "interval_seconds", "resample", "resample_candles"]

AGGREGATIONS = ("last", "sum", "mean", "ohlc")

CANDLE = 4
"""Columns of a candle: open, high, low, close."""

_INTERVAL = re.compile(r"([1-9][0-9]{0,5}) ?([mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}


def resample(times: Times, values: ArrayLike, interval: str, how: str = "last") -> tuple[Times, Array]:
    """Values brought to bars of `interval`, and the closes of those bars.

    Shapes: `times` (T,) datetime64 in UTC, strictly increasing; `values` (T, N) -> (B,) and (B, N), or (B, 4 N) for
    "ohlc": open, high, low, close of the first column, then of the second. `interval` like "15m", "8h", "1d".
    NaN: a missing value is left out of its bar; a column without any value in a bar is NaN there. A DataWarning says
    how many bars lack rows (those at the ends among them), and when the rows are further apart than the interval.
    Raises ArgumentError (times missing, unsorted or repeated; shapes; an interval that cannot be read or does not
    divide a day; an unknown `how`).
    """
    how = choice(how, "how", AGGREGATIONS)
    instants, block = _rows(times, values, "values")
    closes, first = _bars(instants, interval)
    if how == "last":
        return closes, _last(block, first)
    if how == "sum":
        return closes, _sum(block, first)
    if how == "mean":
        return closes, _sum(block, first) / np.maximum(_counts(block, first), 1)
    return closes, _candles(block, block, block, block, first)


def resample_candles(times: Times, candles: ArrayLike, interval: str) -> tuple[Times, Array]:
    """Candles of `interval` from shorter candles: first open, highest high, lowest low, last close.

    Shapes: `candles` (T, 4 N), open, high, low, close of each contract -> (B,) and (B, 4 N). Else as `resample`.
    """
    instants, block = _rows(times, candles, "candles")
    if block.shape[1] % CANDLE:
        raise ArgumentError(f"candles has {block.shape[1]} columns; give open, high, low and close of each contract")
    closes, first = _bars(instants, interval)
    opens, highs, lows, lasts = (block[:, part::CANDLE] for part in range(CANDLE))
    return closes, _candles(opens, highs, lows, lasts, first)


def interval_seconds(interval: str) -> int:
    """Length of an interval like "15m", "8h" or "1d" in seconds. Raises ArgumentError that shows how to write one."""
    written = _INTERVAL.fullmatch(str(interval).strip().lower())
    if written is None:
        raise ArgumentError(f"interval '{interval}' is not understood; write a whole number and m, h or d: 15m, 8h, 1d")
    seconds = int(written[1]) * _SECONDS[written[2]]
    day = _SECONDS["d"]
    if seconds % day and day % seconds:
        raise ArgumentError(f"interval '{interval}' does not divide a day, so its closes would wander; try 8h or 1d")
    return seconds


def _rows(times: Times, values: ArrayLike, name: str) -> tuple[NDArray[np.int64], Array]:
    """Seconds since 1970 and the block beside them. Raises ArgumentError."""
    stamps = np.asarray(times)
    if stamps.dtype.kind != "M":
        raise ArgumentError("times must be dates with their time of day, one a row")
    stamps = stamps.reshape(-1)
    block = as_matrix(values, name)
    aligned(stamps, "times", block, name)
    unknown = np.flatnonzero(np.isnat(stamps))
    if unknown.size:
        raise ArgumentError(f"times has no date in row {unknown[0] + 1}; give each row its time")
    seconds = stamps.astype("datetime64[s]").astype(np.int64)
    steps = np.diff(seconds)
    bad = np.flatnonzero(steps <= 0)
    if bad.size:
        row = bad[0] + 2
        trouble = "repeats the time above it" if steps[row - 2] == 0 else "lies before the row above it"
        raise ArgumentError(f"times: row {row} {trouble}; sort the rows oldest first and remove duplicates")
    return seconds, block


def _bars(instants: NDArray[np.int64], interval: str) -> tuple[Times, Rows]:
    """The closes of the bars that hold a row, and the first row of each. Raises ArgumentError."""
    length = interval_seconds(interval)
    close_of_row = -(-instants // length) * length
    closes, first = np.unique(close_of_row, return_index=True)
    usual = _usual_step(instants)
    if usual > length:
        message = (
            f"interval is {interval} and the rows of times are {_duration(usual)} apart, so each keeps a bar of its own"
        )
        say(message)
    _say_what_is_partial(instants, closes, first, length, usual)
    return closes.astype("datetime64[s]"), first


def _last(block: Array, first: Rows) -> Array:
    """The last value of each bar that is not missing."""
    row = np.where(np.isfinite(block), np.arange(len(block))[:, np.newaxis], -1)
    latest = np.maximum.reduceat(row, first, axis=0)
    return np.where(latest >= 0, np.take_along_axis(block, np.maximum(latest, 0), axis=0), np.nan)


def _first(block: Array, first: Rows) -> Array:
    """The first value of each bar that is not missing."""
    row = np.where(np.isfinite(block), np.arange(len(block))[:, np.newaxis], len(block))
    earliest = np.minimum.reduceat(row, first, axis=0)
    found = np.take_along_axis(block, np.minimum(earliest, len(block) - 1), axis=0)
    return np.where(earliest < len(block), found, np.nan)


def _sum(block: Array, first: Rows) -> Array:
    totals = np.add.reduceat(np.nan_to_num(block), first, axis=0)
    return np.where(_counts(block, first) > 0, totals, np.nan)


def _counts(block: Array, first: Rows) -> NDArray[np.int64]:
    return np.add.reduceat(np.isfinite(block).astype(np.int64), first, axis=0)


def _candles(opens: Array, highs: Array, lows: Array, closes: Array, first: Rows) -> Array:
    """Open, high, low and close side by side, contract by contract; fmax and fmin pass over what is missing."""
    parts = (
        _first(opens, first),
        np.fmax.reduceat(highs, first, axis=0),
        np.fmin.reduceat(lows, first, axis=0),
        _last(closes, first),
    )
    return np.stack(parts, axis=2).reshape(len(first), -1)


def _say_what_is_partial(
    instants: NDArray[np.int64], closes: NDArray[np.int64], first: Rows, length: int, usual: int
) -> None:
    """A bar is partial when one more row, the usual step away from one that is there, would lie in it."""
    if not usual:
        return
    last = np.append(first[1:], len(instants)) - 1
    lacks_start = instants[first] - usual > closes - length
    lacks_end = instants[last] + usual <= closes
    # A step that leads into the first row of a bar is judged at the ends of the two bars, not here.
    widest = np.maximum.reduceat(
        np.where(np.isin(np.arange(len(instants)), first), 0, np.diff(instants, prepend=0)), first
    )
    partial = lacks_start | lacks_end | (widest > usual)
    if partial.any():
        example = np.datetime_as_string(closes[partial].astype("datetime64[s]"), unit="m")[0].replace("T", " ")
        message = (
            f"times: {int(partial.sum())} of {len(closes)} bars are partial, rows {_duration(usual)} apart are missing "
            f"in them (the first closes {example})"
        )
        say(message)


def _usual_step(instants: NDArray[np.int64]) -> int:
    """The most frequent step between rows, in seconds, the shorter of two as frequent; 0 when there is one row."""
    lengths, counts = np.unique(np.diff(instants), return_counts=True)
    return int(lengths[counts.argmax()]) if counts.size else 0


def _duration(seconds: int) -> str:
    unit = next((unit for unit in ("d", "h", "m") if seconds % _SECONDS[unit] == 0), None)
    return f"{seconds} s" if unit is None else f"{seconds // _SECONDS[unit]}{unit}"
