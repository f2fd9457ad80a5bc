"""Refresh, the terms: what a source says of the contracts onto Universe and Tiers, never over what was typed.

A cell is filled when it is blank, when it holds what was filled last, or when its term is only assumed. What else
stands there was typed: it stays, the sheet Terms names it, and a difference is told until the cell is blanked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import listed
from core.records import dataclass

from ....books.workbook import CellValue, Workbook
from ....cells import is_blank
from ....symbols import as_cell_text, printable
from ...layout.fields import Column
from ...layout.sheets import TABLES
from ...read.headings import refuse_other_columns
from ...read.older import kept_tables
from .filling_tiers import TIERS, TierTable

if TYPE_CHECKING:
    from ....feeds.venue.listing import TierRow

__all__ = ["Offer", "Row", "fill"]

Row = dict[str, CellValue]
"""Cells of one contract by heading."""

IMPLIED = "ImpliedVol"

MOVING = ("DailyVolume", IMPLIED)
"""Columns of Universe that are other figures with each refresh: that they change is no news."""

NEEDED = ("Lot", "TakerFeeBps", "MaxLeverage", "MaintenanceRate")
"""Terms that mark a contract as assumed while nobody has said them."""

FILLED = ("Lot", "Tick", "TakerFeeBps", "DailyVolume", "MaxLeverage", "MaintenanceRate", IMPLIED)
"""Columns of Universe that a source may fill."""

IMPLIED_AT = "ImpliedVolTime"
AT_DERIBIT = " at Deribit"
"""Whose index it is, whatever venue the terms are of."""

STALE = timedelta(days=1)
"""Of an implied volatility before the last close: a longer time is told."""

ROUNDED = 1e-12
"""Relative difference of what is one value still: LibreOffice stores 15 digits."""


@dataclass(frozen=True)
class Offer:
    """What a source says of contracts.

    source   its name, as Runs and the sheets have it
    title    as a sentence says it
    as_of    when it was said, UTC
    figures  by symbol and column of Universe
    settled  of a contract linear or inverse, where the source says
    tiers    by symbol, smallest notional first; none where the source shows none
    last_close  of the history that came with it, UTC
    implied_at  by symbol, when its implied volatility was so, UTC
    """

    source: str
    title: str
    as_of: datetime
    last_close: datetime
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    settled: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, Sequence[TierRow]] = field(default_factory=dict)
    implied_at: Mapping[str, datetime] = field(default_factory=dict)


def fill(book: Workbook, rows: Sequence[Row], offer: Offer, assumed: Mapping[str, Sequence[Row]]) -> list[str]:
    """Fill the rows of Universe in place, stage Tiers and Terms; returns what the analyst should know.

    Args:
        book: the desk.
        rows: Universe as it will be written.
        offer: what the source says.
        assumed: of each contract with assumed terms, rows of values that nobody has typed.

    Raises BookError where Terms has other columns.
    """
    block, tiers, told = book.table("Terms"), TierTable(book), _Told()
    refuse_other_columns(block.header, TABLES["Terms"])
    before = {str(row[0]): dict(zip(block.header, row, strict=True)) for row in block.rows}
    remembers = bool(kept_tables(book, ("Terms",)))
    after = []
    for row in rows:
        symbol = str(row["Symbol"])
        known = before.get(symbol, {})
        if symbol in offer.figures:
            contract = _Contract(symbol, row, known, assumed.get(symbol, ()), told, remembers=remembers)
            known = contract.filled(offer, tiers)
        if known:
            after.append([known.get(name) for name in block.header])
    tiers.write(book)
    book.write_table("Terms", after)
    return list(told.notes(offer.title))


class _Contract:
    """One contract: its row of Universe, what was filled into it before, and what of it was typed."""

    def __init__(
        self, symbol: str, row: Row, known: Row, assumed: Sequence[Row], told: _Told, *, remembers: bool
    ) -> None:
        self.symbol, self.row, self.known, self.told = symbol, row, known, told
        self._assumed, self._remembers = assumed, remembers
        self._typed = {name for name in str(known.get("Typed") or "").split(", ") if name}

    def filled(self, offer: Offer, tiers: TierTable) -> Row:
        """Fill it; returns its row of Terms."""
        offered = {name: value for name, value in offer.figures[self.symbol].items() if self._may_stand(name, value)}
        for name, value in offered.items():
            self._fill(name, value)
        implied_at = offer.implied_at.get(self.symbol, self.known.get(IMPLIED_AT))
        self._doubt_implied(offered.get(IMPLIED, self.known.get(IMPLIED)), implied_at, offer.last_close)
        moved = self.known.get("Source") not in (None, _named(offer))
        mark = self._fill_tiers(tiers, offer.tiers.get(self.symbol, ()), moved=moved)
        typed = [name for name in (*FILLED, TIERS) if name in self._typed]
        named: Row = {"Symbol": self.symbol, IMPLIED_AT: implied_at, TIERS: mark, "Typed": ", ".join(typed) or None}
        said = {**self.known, **offered, **named}
        if not offered.keys() <= set(MOVING):  # files say volumes alone
            self._judge(offered, moved=moved)
            return {**said, "Source": _named(offer), "AsOf": offer.as_of}
        return {"Source": _named(offer), "AsOf": offer.as_of, **said}

    def _may_stand(self, name: str, value: float) -> bool:
        """Whether the column takes the value; one beyond its bounds is told."""
        column = TABLES["Universe"].column(name)
        within = _within(column, value)
        if not within:
            self.told.beyond.append(f"{self.symbol} {name} {_shown(value)}")
        return within

    def _fill(self, name: str, value: float) -> None:
        """One cell, unless it was typed."""
        cell = self.row[name]
        if is_blank(cell):
            self._typed.discard(name)
        elif name in self._typed or not (self._is_nobody_s(name) or _same(cell, value)):
            self._typed.add(name)
            if not _same(cell, value):
                other = f"{_shown(value)}{AT_DERIBIT if name == IMPLIED else ''}"
                self.told.typed.append(f"{self.symbol} {name} {_shown(cell)} ({other})")
            return
        if name not in MOVING and not _same(cell, value):
            if _same(cell, self.known.get(name)):
                self.told.changed.append(f"{self.symbol} {name} {_shown(cell)} -> {_shown(value)}")
            else:
                self.told.filled.setdefault(name, []).append(self.symbol)
        self.row[name] = value

    def _is_nobody_s(self, name: str) -> bool:
        """Whether what stands in a cell was filled or assumed; on a desk without Terms volumes are from Refresh."""
        if name in MOVING and not self._remembers:
            return True
        return self._is_assumed(name) or _same(self.row[name], self.known.get(name))

    def _is_assumed(self, name: str) -> bool:
        return any(_same(self.row[name], each.get(name)) for each in self._assumed)

    def _fill_tiers(self, tiers: TierTable, wanted: Sequence[TierRow], *, moved: bool) -> CellValue:
        """Its rows of Tiers, unless they were typed; returns the mark of what the source says."""
        before = self.known.get(TIERS)
        if not wanted:
            if moved and before is not None and tiers.mark(self.symbol) == before:
                self.told.left.setdefault(TIERS, []).append(self.symbol)
            return before
        if not all(_within(*pair) for row in wanted for pair in zip(tiers.columns, row, strict=True)):
            self.told.beyond.append(f"{self.symbol} {TIERS}")
            return before
        there, mark = tiers.mark(self.symbol), tiers.mark_of(self.symbol, wanted)
        if there is None:
            self._typed.discard(TIERS)
            self.told.filled.setdefault(TIERS, []).append(self.symbol)
        elif TIERS in self._typed or there not in (before, mark):
            self._typed.add(TIERS)
            if there != mark:
                self.told.typed.append(f"{self.symbol} {TIERS} (others)")
            return mark
        elif tiers.charge_otherwise(self.symbol, wanted):
            self.told.changed.append(f"{self.symbol} {TIERS}")
        if there != mark:
            tiers.put(self.symbol, wanted)
        return mark

    def _doubt_implied(self, value: CellValue, time: CellValue, last_close: datetime) -> None:
        """Tell an implied volatility that was filled and is older than the history."""
        if isinstance(time, datetime) and last_close - time > STALE and _same(self.row[IMPLIED], value):
            self.told.stale.append(f"{self.symbol} of {time:%Y-%m-%d %H:%M}")

    def _judge(self, offered: Mapping[str, float], *, moved: bool) -> None:
        """Whether its terms are assumed still: nobody said them, or a source did that is no longer the desk's."""
        silent = [name for name in FILLED if name not in (*MOVING, *offered, *self._typed)]
        for name in silent:
            if moved and _same(self.row[name], self.known.get(name)):
                self.told.left.setdefault(name, []).append(self.symbol)
                self.row["Assumed"] = "Y" if name in NEEDED else self.row["Assumed"]
        if self.row["Assumed"] != "Y":
            return
        lacking = [name for name in silent if name in NEEDED and self._is_nobody_s(name)]
        self.row["Assumed"] = "Y" if lacking else "N"
        for name in lacking:
            if self._is_assumed(name):
                self.told.assumed.setdefault(name, []).append(self.symbol)


@dataclass
class _Told:
    """What the analyst should know of a filling."""

    filled: dict[str, list[str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    assumed: dict[str, list[str]] = field(default_factory=dict)

    def notes(self, title: str) -> Iterator[str]:
        """One sentence a kind."""
        if self.filled:
            fees = "; fees are before any discount of yours" if "TakerFeeBps" in self.filled else ""
            yield f"filled as {title} has it: {_by_column(self.filled)}{fees}"
        if self.changed:
            yield f"{title} has other terms than were filled before, taken: {listed(self.changed)}"
        if self.typed:
            yield f"typed and kept, in brackets what {title} says: {listed(self.typed)}"
        if self.beyond:
            yield f"{title} says what the desk does not take: {listed(self.beyond)}"
        if self.stale:
            yield f"ImpliedVol is older than the prices by over a day, refresh it or clear it: {listed(self.stale)}"
        if self.left:
            yield f"{title} does not say, and what the source before said stands: {_by_column(self.left)}"
        if self.assumed:
            yield f"{title} does not say without a key, please enter: {_by_column(self.assumed)}"


def _by_column(found: Mapping[str, Sequence[str]]) -> str:
    """Columns in the order of the sheet, and the contracts they are of."""
    columns = [name for name in (*FILLED, TIERS) if name in found]
    return f"{listed(columns)} of {listed(dict.fromkeys(symbol for names in found.values() for symbol in names))}"


def _named(offer: Offer) -> str:
    return as_cell_text(printable(offer.source))


def _within(column: Column, value: float) -> bool:
    """Whether a value lies in the bounds of its column; one that is unknown does."""
    low, high = column.minimum, column.maximum
    return not ((low is not None and value < low) or (high is not None and value > high))


def _same(cell: CellValue, value: CellValue) -> bool:
    """Whether two cells hold one value, up to what a spreadsheet rounds off."""
    if isinstance(cell, float) and isinstance(value, float):
        return abs(cell - value) <= ROUNDED * abs(value)
    return not is_blank(cell) and cell == value


def _shown(value: CellValue) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else f"'{printable(value)}'"
