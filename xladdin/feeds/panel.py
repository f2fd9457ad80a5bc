"""Histories of several contracts joined on one clock, cut to the window asked for; nothing invented, nothing filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.errors import FeedError, PerpDeskError, listed
from core.market.funding import settle_into_bars
from core.market.panel import Panel

from .feed import Feed, History, Times, clock

__all__ = ["End", "collect", "day_begun", "instant", "join", "latest_close"]

LONGEST_INTERVAL = np.timedelta64(24, "h")
"""No venue waits longer from one settlement to the next."""

End = str | date | datetime | np.datetime64


def collect(
    feed: Feed, symbols: Sequence[str] | None = None, end: End | None = None, bars: int | None = None
) -> tuple[Panel, tuple[str, ...]]:
    """The contracts of a feed on one clock, and in words what is missing or was dropped.

    `symbols`: all when None. `end`: a date means through the end of that day in UTC, a time means closes up to it.
    `bars`: that many returns, so bars + 1 rows, the last ones before `end`. A row in which a contract has no price
    stays NaN. Raises FeedError.
    """
    wanted = feed.symbols() if symbols is None else tuple(symbols)
    if not wanted:
        raise FeedError(f"no symbols were asked for; {feed.name} has: {listed(feed.symbols())}")
    histories = [feed.history(symbol) for symbol in wanted]
    names = [history.symbol for history in histories]
    for name in names:
        if names.count(name) > 1:
            raise FeedError(f"{name} was asked for twice; name each symbol once")
    return join(histories, end, bars)


def join(
    histories: Sequence[History], end: End | None = None, bars: int | None = None
) -> tuple[Panel, tuple[str, ...]]:
    """Histories on the union of their clocks, cut to `end` and `bars`, with notes. Raises FeedError."""
    bar_hours = _common_bar(histories)
    rows = _window(np.unique(np.concatenate([history.times for history in histories])), end, bars)
    prices = np.full((len(rows), len(histories)), np.nan)
    funding = np.full_like(prices, np.nan)
    unread = np.zeros(prices.shape, dtype=np.bool_)
    remarks: list[tuple[str, str]] = []
    for column, history in enumerate(histories):
        inside = (history.times >= rows[0]) & (history.times <= rows[-1])
        own = history.times[inside]
        prices[np.searchsorted(rows, own), column] = history.close[inside]
        if np.isnan(prices[:, column]).all():
            raise FeedError(
                f"{history.symbol} has no price between {clock(rows[0])} and {clock(rows[-1])}; "
                "leave it out or move the end"
            )
        funding[:, column] = settle_into_bars(history.funding_times, history.funding_rates, rows)
        missing = np.unique(history.funding_unread)
        unread[:, column] = np.isfinite(settle_into_bars(missing, np.ones(len(missing)), rows))
        found = (*history.notes, *_gaps(own, history.close[inside], rows), *_unfunded(history, own))
        remarks += [(text, history.symbol) for text in found]
    notes = (*_gathered(remarks), *_holes(rows, bar_hours))
    try:
        return Panel(rows, tuple(h.symbol for h in histories), prices, funding, bar_hours, unread), notes
    except PerpDeskError as error:
        raise FeedError(f"the histories do not share a clock: {error}") from error


def _window(times: Times, end: End | None, bars: int | None) -> Times:
    """The closes up to `end`, the last bars + 1 of them. Raises FeedError when there are not so many."""
    if end is not None:
        latest = latest_close(end)
        if latest < times[0]:
            raise FeedError(
                f"the end {end} lies before the first close of the data, {clock(times[0])}; choose a later end"
            )
        times = times[times <= latest]
    needed = 2 if bars is None else bars + 1
    if bars is not None and bars < 1:
        raise FeedError(f"bars is {bars}; ask for at least 1")
    if len(times) < needed:
        raise FeedError(
            f"there are {len(times) - 1} bars up to {clock(times[-1])} and {needed - 1} were asked for; "
            "ask for fewer or load a longer history"
        )
    return times if bars is None else times[-needed:]


def day_begun(text: str) -> np.datetime64:
    """The first instant of a day, or the time itself, as `End` is written. Raises FeedError."""
    found = _parsed(text, "day")
    if isinstance(found, datetime) and found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(found, "s")


def instant(text: str) -> int:
    """A time as milliseconds since 1970, UTC where it names no zone; a date through its end. Raises FeedError."""
    found = _parsed(text, "time")
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day) + timedelta(days=1)
    return round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1000)


def latest_close(end: End) -> np.datetime64:
    """The last close that `end` lets in: the midnight after a date, or the time itself."""
    if isinstance(end, np.datetime64):
        whole_day = np.datetime_data(end.dtype)[0] in ("Y", "M", "W", "D")
        end = end.astype("datetime64[D]" if whole_day else "datetime64[s]").item()
    if isinstance(end, str):
        end = _parsed(end)
    assert isinstance(end, date), "an end is a date or a time"
    if not isinstance(end, datetime):
        end = datetime(end.year, end.month, end.day) + timedelta(days=1)
    if end.tzinfo is not None:
        end = end.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(end, "s")


def _parsed(text: str, what: str = "end") -> date | datetime:
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text.strip())
        except ValueError:
            continue
    raise FeedError(f"the {what} '{text}' is no date; write it as 2024-06-30 or 2024-06-30T16:00")


def _common_bar(histories: Sequence[History]) -> float:
    first = histories[0]
    for other in histories[1:]:
        if other.bar_hours != first.bar_hours:
            raise FeedError(
                f"{first.symbol} has bars of {first.bar_hours:g} h and {other.symbol} of {other.bar_hours:g} h; "
                "load contracts with equal bars"
            )
    return first.bar_hours


def _gathered(remarks: Sequence[tuple[str, str]]) -> list[str]:
    """One sentence for each remark, headed by all the contracts it is true of."""
    about: dict[str, list[str]] = {}
    for text, symbol in remarks:
        about.setdefault(text, []).append(symbol)
    return [f"{listed(symbols)}: {text}" for text, symbols in about.items()]


def _gaps(own: Times, close: NDArray[np.float64], rows: Times) -> list[str]:
    """What a contract lacks in the window: prices, bars, a start or an end as early or late as that of the others."""
    notes = []
    blank = int(np.isnan(close).sum())
    if blank:
        notes.append(f"{blank} of {len(own)} bars have no price")
    before, after = int((rows < own[0]).sum()), int((rows > own[-1]).sum())
    if before:
        notes.append(f"first bar closes {clock(own[0])}, {before} bars after the window begins")
    if after:
        notes.append(f"last bar closes {clock(own[-1])}, {after} bars before the window ends")
    absent = len(rows) - before - after - len(own)
    if absent:
        notes.append(f"{absent} bars are absent between its first and last")
    return notes


def _unfunded(history: History, own: Times) -> list[str]:
    """Where the funding of a contract begins later, or ends earlier, than its prices in the window by over a day."""
    settled = history.funding_times
    if not len(settled):
        return []
    opening = own[0] - np.timedelta64(round(history.bar_hours * 3600), "s")
    inside = settled[(settled > opening) & (settled <= own[-1])]
    if not len(inside):
        given = f"{clock(settled[0])} to {clock(settled[-1])}"
        return [f"none of its {len(settled)} funding rates, {given}, settled in the window; taken as none"]
    notes = []
    if inside[0] - own[0] > LONGEST_INTERVAL:
        notes.append(f"its funding begins {clock(inside[0])} and its prices {clock(own[0])}")
    if own[-1] - inside[-1] > LONGEST_INTERVAL:
        notes.append(f"its funding ends {clock(inside[-1])} and its prices {clock(own[-1])}")
    return notes


def _holes(rows: Times, bar_hours: float) -> list[str]:
    """Bars that no contract has: the clock jumps over them and no return is formed across."""
    steps = np.diff(rows).astype("timedelta64[s]").astype(np.int64)
    lacking = int((steps // round(bar_hours * 3600) - 1).sum())
    return [f"all contracts: {lacking} bars are absent from the data"] if lacking else []
