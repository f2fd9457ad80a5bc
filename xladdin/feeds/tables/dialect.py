"""How a text is a table: which lines stand before it, what separates its columns, whether its first line has headings.

Found from the first lines: `sep=;` and lines with an address or a # before the table are passed over; the separator
is the one that splits all lines into equally many fields. A first line that begins with a time or a number is data,
and its columns are those of the venue that publishes such files.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from core.errors import FeedError
from core.records import dataclass

from ...symbols import printable
from .unpack import stem

__all__ = ["Dialect", "dialect_of"]

SEPARATORS = (";", "\t", "|", ",")
"""The comma last: it may be a decimal comma where another separates."""

LOOKED_AT = 50
"""Lines from which a separator is found."""

KLINES = (
    *("open_time", "open", "high", "low", "close", "volume", "close_time"),
    *("quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
WITHOUT_HEADINGS = {12: KLINES, 6: KLINES[:6], 7: (*KLINES[:6], "turnover")}
"""By number of columns: Binance; Bybit for MetaTrader and ccxt; Bybit's interface."""

FUNDING_WITHOUT_HEADINGS = {3: ("calc_time", "funding_interval_hours", "last_funding_rate")}

DATA = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}")
METATRADER = re.compile(r"\d{4}\.\d{2}\.\d{2}")
ADDRESS = re.compile(r"(https?://|www\.)\S*$", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """separator; headings (those of the venue where the file has none); lines before the first row of data.

    `metatrader`: without headings and with dates such as 2024.01.01, whose time zone nobody says.
    """

    separator: str
    names: tuple[str, ...]
    lines_before: int
    metatrader: bool = False


def dialect_of(head: str, path: Path) -> Dialect:
    """The dialect of the table that begins with `head`. Raises FeedError that says what was found and is needed."""
    lines = head.splitlines()
    before, declared = 0, None
    for text in (line.strip().strip('"') for line in lines):
        if text.lower().startswith("sep=") and len(text) > 4:
            declared = text[4]
        elif text and text[0] != "#" and not ADDRESS.match(text.rstrip(",;\t")):
            break
        before += 1
    table = [line for line in lines[before:] if line.strip()][:LOOKED_AT]
    if not table:
        raise FeedError(f"{path.name} is empty; give it a line of headings and rows under it")
    separator = declared or _separator(table)
    if separator is None:
        raise FeedError(
            f"{path.name}: no separator was found in its line {before + 1}, '{printable(table[0])}'; "
            "separate the columns by comma, semicolon or tab"
        )
    first = [field.strip() for field in next(csv.reader(table[:1], delimiter=separator))]
    if not DATA.match(first[0]):
        return Dialect(separator, _numbered(first), before + 1)
    return Dialect(separator, _known_names(table, separator, path), before, bool(METATRADER.match(first[0])))


def _separator(table: Sequence[str]) -> str | None:
    """The first separator that splits all lines alike, else the one most frequent in the first line."""
    for separator in SEPARATORS:
        counts = {len(row) for row in csv.reader(table, delimiter=separator)}
        if len(counts) == 1 and counts != {1}:
            return separator
    most = max(SEPARATORS, key=table[0].count)
    return most if most in table[0] else None


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Headings; one that is blank is told by its place, as pandas does; blank ones at the end are none."""
    while names and not names[-1]:
        names = names[:-1]
    return tuple(name or f"Unnamed: {place}" for place, name in enumerate(names))


def _known_names(table: Sequence[str], separator: str, path: Path) -> tuple[str, ...]:
    rows = [[field.strip() for field in row] for row in csv.reader(table, delimiter=separator)]
    width = len(rows[0]) - (not rows[0][-1])
    known = FUNDING_WITHOUT_HEADINGS if "funding" in stem(path).lower() else WITHOUT_HEADINGS
    if width not in known or (known is WITHOUT_HEADINGS and not all(_is_candle(row) for row in rows)):
        raise FeedError(
            f"{path.name} has no headings and its {width} columns are no layout that is known; its first line is "
            f"'{printable(table[0])}': put a line of headings above it: time, close"
        )
    return known[width]


def _is_candle(row: Sequence[str]) -> bool:
    """Whether a row is a time, then open, high, low, close."""
    try:
        first, high, low, close = (float(field.replace(",", ".")) for field in row[1:5])
    except ValueError:
        return False
    return low <= min(first, close) and max(first, close) <= high
