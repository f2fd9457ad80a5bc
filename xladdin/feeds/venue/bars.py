"""Bars of a contract, page by page, oldest first; one that has not ended is never taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.errors import FeedError

from ..feed import clock
from ..store.key import COLUMNS, Kind
from ..store.spans import Span
from .client import Client
from .contracts import Contract
from .reading import Keep, Reading

__all__ = ["SETTLING", "bar_word", "read_bars"]

SETTLING = 10
"""Seconds after its end until a bar is taken: the last trades may still be counted in."""

SURELY = 100
"""Bars among which a contract that trades has one; where none comes, the answer is not what ccxt takes it for."""

DAY = 86_400
LONGEST_BAR = 24.0
"""Hours; weeks and months begin elsewhere at each venue."""


def bar_word(client: Client, hours: float) -> str:
    """ccxt's word for bars of so many hours. Raises FeedError that lists what the venue has."""
    words = client.bar_words()
    days = {word: length for word, length in words.items() if length <= LONGEST_BAR}
    for word, length in days.items():
        if math.isclose(length, hours):
            return word
    known = ", ".join(days)
    raise FeedError(f"{client.venue.title} has no bars of {hours:g} h; it has: {known}")


def read_bars(client: Client, contract: Contract, kind: Kind, hours: float, span: Span, keep: Keep) -> Reading:
    """Read all bars that open in a span of time and have ended; what came is kept on any error too.

    Args:
        client: the venue.
        contract: whose bars.
        kind: bars (trades), mark or index.
        hours: length of a bar.
        span: (s) since 1970, from the first open to the one after the last.
        keep: takes the rows: open, high, low, close, and for `bars` the volume; NaN where the venue gives none.

    Raises UnreachableError, FeedError.
    """
    word, bar = bar_word(client, hours), round(hours * 3600)
    page = client.venue.pages[0 if kind == "bars" else 1]
    if client.venue.longest is not None:
        page = min(page, max(1, int(client.venue.longest * DAY // bar)))
    ended = (client.now() // 1000 - SETTLING) // bar * bar
    first, last = -(-span[0] // bar) * bar, min(span[1], ended)
    reading, seen = Reading(keep, span[0], len(COLUMNS[kind])), 0
    try:
        began = first = _first_open(client, contract, kind, word, bar, first, last)
        while first < last:
            until = min(first + page * bar, last)
            count = (until - first) // bar
            answer = _asked(client, contract, kind, word, first, until, count)
            rows = [_row(each, kind) for each in answer]
            _refuse_between(rows, bar, client, contract)
            inside = [row for row in rows if first <= row[0] < until]
            if len(answer) >= count and inside and inside[-1][0] + bar < until:
                until = inside[-1][0] + bar  # rows that came twice have pushed the last ones out of the page
            seen += len(inside)
            if until == ended and not seen and contract.trades and (until - began) // bar >= SURELY:
                raise FeedError(
                    f"{client.venue.title} gives no bar of {contract.symbol} since {clock(np.datetime64(began, 's'))} "
                    "although it trades, so nothing was kept; update ccxt, or leave the contract out"
                )
            reading.add(inside, until)
            first = until
        reading.end = max(reading.end, last)
    finally:
        reading.hand_on()
    return reading


def _first_open(client: Client, contract: Contract, kind: Kind, word: str, bar: int, first: int, last: int) -> int:
    """Where to begin: at the listing, unless the venue has a bar before it, as of a contract that got a new name."""
    listed = first if contract.listed_at is None else min(last, contract.listed_at // bar * bar)
    if listed - bar < first:
        return first
    before = _asked(client, contract, kind, word, listed - bar, listed, 1)
    return first if any(listed - bar <= int(each[0]) // 1000 < listed for each in before) else listed


def _asked(
    client: Client, contract: Contract, kind: Kind, word: str, first: int, until: int, count: int
) -> list[list[Any]]:
    """The bars that open from `first` to before `until` (s), in one answer."""
    more: dict[str, Any] = {} if kind == "bars" else {"price": kind}
    if client.venue.bars_until:
        more["until"] = until * 1000 - 1
    answer: list[list[Any]] = client.ask("fetch_ohlcv", contract.unified, word, first * 1000, count, more)
    client.charge(len(answer), 0)
    return answer


def _row(candle: list[Any], kind: Kind) -> tuple[int, tuple[float, ...]]:
    """Time (s) and values; a price that is none, and so a bar without trades, is NaN."""
    values = [math.nan if each is None else float(each) for each in candle[1:6]]
    prices = [price if price > 0 else math.nan for price in values[:4]]
    return int(candle[0]) // 1000, tuple(prices if kind != "bars" else [*prices, values[4]])


def _refuse_between(rows: list[tuple[int, tuple[float, ...]]], bar: int, client: Client, contract: Contract) -> None:
    """Raises FeedError where a bar does not open at a multiple of its length, UTC."""
    wrong = next((time for time, _ in rows if time % bar), None)
    if wrong is not None:
        at = clock(np.datetime64(wrong, "s"))
        raise FeedError(
            f"{client.venue.title} has a bar of {contract.symbol} that opens at {at} UTC, between bars of "
            f"{bar / 3600:g} h; ask for bars of another length"
        )
