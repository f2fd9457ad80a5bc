"""Funding of a contract as it settled: each settlement at its own time, whatever the interval was then.

Venues answer with the newest or with the oldest rows of the time asked for. So time is asked in windows that a page
holds at the interval of today; a page that comes back full is asked again for what of its window it does not reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.errors import FeedError

from ..store.spans import Span
from .client import Client
from .contracts import Contract
from .reading import Keep, Reading

__all__ = ["PUBLISHED", "read_settlements"]

PUBLISHED = 600
"""Seconds after which a settlement is surely published; until then its time counts as unread."""

MINUTE = 60

LARGEST_RATE = 1.0


def read_settlements(
    client: Client,
    contract: Contract,
    span: Span,
    keep: Keep,
    hours: float | None = None,
    begins: int | None = None,
) -> Reading:
    """Read all settlements of a span of time; what came is kept on any error too.

    Args:
        client: the venue.
        contract: whose funding.
        span: (s) since 1970, from the first instant to the one after the last.
        keep: takes the rows: the rate as a decimal, positive = longs pay.
        hours: between two of the contract's latest settlements; None: as is usual at the venue.
        begins: (s) before which the contract had no bar, and so paid nothing; None: nobody knows.

    Raises UnreachableError, FeedError.
    """
    page = client.venue.pages[2]
    first, last = span[0] // MINUTE * MINUTE, min(span[1], client.now() // 1000 + MINUTE) // MINUTE * MINUTE
    reading = Reading(keep, span[0], 1)
    if begins is not None:
        first = max(first, min(last, begins // MINUTE * MINUTE))
    step = last - first if page == 0 else round((page - 1) * (hours or client.venue.usual_hours) * 3600)
    surely = client.now() // 1000 - PUBLISHED
    try:
        while first < last:
            until = min(first + step, last)
            reading.add(_window(client, contract, first, until), min(until, surely))
            first = until
        reading.end = max(reading.end, min(last, surely))
    finally:
        reading.hand_on()
    return reading


def _window(client: Client, contract: Contract, first: int, until: int) -> list[tuple[int, tuple[float, ...]]]:
    """The settlements from `first` up to before `until` (s), however many there are."""
    page, venue = client.venue.pages[2], client.venue
    start, end = (1000 * (instant - MINUTE // 2) for instant in (first, until))  # a stamp there rounds to the minute
    asked = {} if venue.until is None else {venue.until: end if venue.until == "after" else end - 1}
    answer = client.ask("fetch_funding_rate_history", contract.unified, start, page or None, asked)
    client.charge(len(answer), 1)
    rows = [_row(each, client, contract) for each in answer]
    inside = [row for row in rows if first <= row[0] < until]
    if not page or len(answer) < page or not inside:
        return inside
    oldest, newest = min(row[0] for row in inside), max(row[0] for row in inside)
    before = _window(client, contract, first, oldest) if oldest > first else []
    after = _window(client, contract, newest + MINUTE, until) if newest + MINUTE < until else []
    return [*before, *inside, *after]


def _row(each: Mapping[str, Any], client: Client, contract: Contract) -> tuple[int, tuple[float, ...]]:
    """The instant, to the minute, since venues stamp it some milliseconds late; and the rate that was paid."""
    field = client.venue.rate
    rate = each["fundingRate"] if field is None else each["info"].get(field)
    try:
        paid = float(rate)
    except (TypeError, ValueError):
        paid = math.nan
    if abs(paid) >= LARGEST_RATE:
        raise FeedError(
            f"{client.venue.title} says that {contract.symbol} paid {paid:.0%} in one settlement, which is none; "
            "leave the contract out"
        )
    return (int(each["timestamp"]) // 1000 + MINUTE // 2) // MINUTE * MINUTE, (paid,)
