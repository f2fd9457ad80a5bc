"""The account onto the desk: what is held onto Universe, what it is worth onto Settings, and what differs told."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.errors import AccountError, BookError, listed
from core.records import dataclass
from core.verify.risk.open_positions import open_profit

from ....books.workbook import Block, CellValue, Workbook
from ....cells import is_blank
from ....feeds.account.positions import Account, Position, Side, net
from ...layout.sample_universe import SAMPLE_SOURCE
from ...read.cells import symbol_in
from .loaded import BASE_URL_VARIABLE

__all__ = ["AccountSource", "Taken", "held_in_file", "write_account", "write_positions"]

CENT = 0.01

SAME_PROFIT = 1e-3
"""Of notional: open profit at the venue's own price that differs by less is the same, but for its rounding."""

LEAST_EQUITY = 1.0

MOST_LEVERAGE = 125.0
"""Of an account: no venue lends more on all of it."""

FAR_ENTRY = 10.0
"""An entry that is so many times the price, or so small a part of it, is told: it may count in another unit."""

Row = dict[str, CellValue]


@dataclass(frozen=True)
class AccountSource:
    """Where an account is read.

    Args:
        file: an export of its positions; None: the venue is asked, with a key.
        venue: its name; None: the setting Venue. Of a file: whose contracts it counts, None: nobody's.
        store: folder of what was read of venues before; None: that of the environment, or the user's own.
        base_url: scheme and host asked instead of the venue's; None: that of PERPDESK_BASE_URL, or the venue's own.
        proxy: URL of a proxy; None: that of the environment or the system.
    """

    file: Path | None = None
    venue: str | None = None
    store: Path | None = None
    base_url: str | None = None
    proxy: str | None = None

    def read(self, book: Workbook) -> Account:
        """What the account holds. Raises UnreachableError, FeedError, BookError; none of them shows a key."""
        if self.file is not None:
            return held_in_file(book, self.file, self._sizes())
        from ....feeds.account.key import key_of
        from ....feeds.account.reading import read_account
        from ....feeds.venue.client import Line
        from ....feeds.venue.declared import venue_named

        venue = venue_named(self.venue or _venue_of(book))
        line = Line(self.base_url or os.environ.get(BASE_URL_VARIABLE) or None, self.proxy)
        return read_account(venue, line, key_of(venue))

    def _sizes(self) -> Mapping[str, float] | None:
        """What the store knows of how much a contract of the venue is. Raises AccountError where it knows none."""
        if self.venue is None:
            return None
        from ....feeds.account.reading import kept_sizes
        from ....feeds.store.place import store_folder
        from ....feeds.store.store import Store
        from ....feeds.venue.declared import venue_named

        venue = venue_named(self.venue)
        sizes = kept_sizes(venue, Store(store_folder(self.store)))
        if sizes == {}:
            raise AccountError(f"the store has no contracts of {venue.title}; refresh from it first")
        return sizes


@dataclass(frozen=True)
class Taken:
    """What was staged: whether anything of it is new, and what the analyst should know."""

    changed: bool
    notes: Sequence[str]


def held_in_file(
    book: Workbook, file: Path, sizes: Mapping[str, float] | None, where_counted: Mapping[str, float] | None = None
) -> Account:
    """What an export says is held, by the symbols of Universe. Raises FeedError, BookError.

    Args:
        book: the desk.
        file: the export.
        sizes: of one contract, by its names; None: only what the file says of that.
        where_counted: the same, for lines that count contracts for certain and do not say how much one is.
    """
    from ....feeds.account.export.loading import load_account

    universe = book.table("Universe")
    pairs = zip(universe.column("Symbol"), universe.column("Price"), strict=True)
    prices = {str(symbol).strip().upper(): price for symbol, price in pairs if isinstance(price, float) and price > 0}
    return load_account(file, _kinds(universe), sizes, where_counted, prices)


def write_account(book: Workbook, account: Account, *, overlay_apart: bool) -> Taken:
    """Stage the positions as all that is held, and the equity where it is known.

    Where the account holds the overlay book too, its positions are taken off. Raises BookError for a contract that
    Universe has as another kind, AccountError for an equity that is none.
    """
    before = book.value("Equity").value
    taken = write_positions(book, account, overlay_apart=overlay_apart)
    notes = [*taken.notes, *_equity(book, account), *_beyond_equity(book, account)]
    if book.value("DataSource").value == SAMPLE_SOURCE:
        notes.append("the history is the sample's still; refresh with your own before a job counts what is held")
    return Taken(taken.changed or book.value("Equity").value != before, notes)


def write_positions(book: Workbook, account: Account, *, overlay_apart: bool) -> Taken:
    """Stage the positions as all that is held. Raises BookError for a contract that Universe has as another kind."""
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    symbols = [symbol_in(cell, block.address(row, "Symbol")) for row, cell in enumerate(block.column("Symbol"))]
    before = [dict(row) for row in rows]
    held = {each.symbol: each for each in account.positions}
    notes = list(account.notes)
    for place, (symbol, row) in enumerate(zip(symbols, rows, strict=True)):
        _refuse_other_kind(block, place, row, held.get(symbol), account.source)
        notes += _write_row(row, symbol, held.get(symbol), overlay_apart=overlay_apart)
    notes += _gone(symbols, before, rows)
    strangers = [each for each in account.positions if each.symbol not in symbols and each.held.quantity]
    if strangers:
        told = listed(f"{each.symbol} {each.held.quantity:g}" for each in strangers)
        notes.append(f"held and not on Universe, so no job counts it: {told}; refresh with its history too")
    notes += _far_entries(symbols, rows)
    notes += _profits(symbols, rows, held)
    if rows != before:
        book.write_table("Universe", [[row[name] for name in block.header] for row in rows])
    return Taken(rows != before, notes)


def _refuse_other_kind(block: Block, place: int, row: Row, held: Position | None, source: str) -> None:
    """Raises BookError where Universe counts a contract otherwise than the account does."""
    if held is None or held.inverse is None or not held.held.quantity:
        return
    kind = "inverse" if held.inverse else "linear"
    if str(row["Contract"]).strip().lower() != kind:
        raise BookError(
            f"{block.address(place, 'Contract')}: {held.symbol} is {row['Contract']} there and {kind} at {source}, "
            "which counts otherwise; correct Contract, or the contract's name there"
        )


def _write_row(row: Row, symbol: str, position: Position | None, *, overlay_apart: bool) -> list[str]:
    """Change the cells of one contract; returns what is to know of it."""
    notes = []
    overlay = row["OverlayPosition"] if isinstance(row["OverlayPosition"], float) else 0.0
    there = 0.0 if position is None else position.held.quantity
    quantity = there if overlay_apart else _less(there, overlay)
    if overlay and not overlay_apart:
        notes.append(
            f"{symbol}: {overlay:g} of it is the overlay book's, so Position is {quantity:g} of {there:g} (of two "
            "accounts, say --overlay-apart)"
        )
    same = quantity == (0.0 if is_blank(row["Position"]) else row["Position"])
    if not same:
        row["Position"] = quantity
    if position is None or not quantity:
        row["EntryPrice"] = row["EntryTime"] = None
        if not overlay:
            row["Collateral"] = None
        return notes
    side = position.held if overlay_apart or not overlay else _without_overlay(position, row, overlay)
    if not same and row["EntryTime"] is not None:
        row["EntryTime"] = None
        notes.append(f"{symbol}: EntryTime was cleared, as the position is another one; type when it was opened")
    row["EntryPrice"] = None if math.isnan(side.entry) else side.entry
    if math.isnan(side.entry):
        notes.append(f"{symbol}: its entry price is not known, and left blank")
    if side.isolated is None:
        if not same and str(row["MarginMode"]).strip().lower() == "isolated":
            notes.append(f"{symbol}: its Collateral is as it was typed; enter what is posted for it now")
        return notes
    if not side.isolated:
        if not is_blank(row["MarginMode"]):
            row["MarginMode"] = "cross"
        row["Collateral"] = None
        return notes
    row["MarginMode"] = "isolated"
    if side.posted > 0:
        row["Collateral"] = side.posted
    else:
        notes.append(f"{symbol}: what is posted for it is not told; type its Collateral on Universe")
    return notes


def _without_overlay(position: Position, row: Row, overlay: float) -> Side:
    """What an account holds of a contract, at the average entry of the part that is not the overlay book's."""
    taken_off = Side(-overlay, _number(row["OverlayEntry"]) or math.nan)
    inverse = str(row["Contract"]).strip().lower() == "inverse"
    return replace(position.held, entry=net(position.symbol, [position.held, taken_off], inverse).entry)


def _less(there: float, overlay: float) -> float:
    """What is left of a position without the overlay's part; a difference of rounding is none."""
    left = there - overlay
    return 0.0 if abs(left) <= 1e-9 * max(abs(there), abs(overlay)) else left


def _gone(symbols: Sequence[str], before: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    closed = [
        symbol
        for symbol, old, new in zip(symbols, before, rows, strict=True)
        if _number(old["Position"]) and not new["Position"]
    ]
    return [f"not held any more, and set to 0: {listed(closed)}"] if closed else []


def _far_entries(symbols: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Entries that are nowhere near the price of Universe, as of another unit or a comma that was lost."""
    far = [
        f"{symbol} ({_number(row['EntryPrice']):,.6g}, and {_number(row['Price']):,.6g} now)"
        for symbol, row in zip(symbols, rows, strict=True)
        if _number(row["Position"])
        and min(_number(row["EntryPrice"]), _number(row["Price"])) > 0
        and abs(math.log(_number(row["EntryPrice"]) / _number(row["Price"]))) > math.log(FAR_ENTRY)
    ]
    return (
        [f"entry far from the price of Universe: {listed(far)}; look at its unit, and at the quantity's"] if far else []
    )


def _profits(symbols: Sequence[str], rows: Sequence[Row], held: Mapping[str, Position]) -> list[str]:
    """The venue's open profit beside the desk's: at the venue's prices, which tells of units, and at Universe's."""
    told = [each for each in held.values() if each.symbol in symbols and _known(each)]
    if not told:
        return []
    of = dict(zip(symbols, rows, strict=True))
    quantities = np.array([each.held.quantity for each in told])
    entries = np.array([each.held.entry for each in told])
    marks = np.array([each.held.mark for each in told])
    inverse = np.array([str(of[each.symbol]["Contract"]).strip().lower() == "inverse" for each in told])
    theirs = np.array([each.held.profit for each in told])
    ours = open_profit(quantities, entries, marks, inverse)
    notional = np.abs(quantities) * np.where(inverse, 1.0, marks)
    notes = [f"open profit is {theirs.sum():,.2f} at the venue's prices, as it says, and {ours.sum():,.2f} as reckoned"]
    here = np.array([_number(of[each.symbol]["Price"]) or math.nan for each in told])
    if np.isfinite(here).all():
        notes[0] += f"; {open_profit(quantities, entries, here, inverse).sum():,.2f} at Universe's prices"
    apart = np.abs(theirs - ours) > np.maximum(CENT, SAME_PROFIT * notional)
    if apart.any():
        odd = listed(
            f"{each.symbol} ({profit:,.2f} there, {own:,.2f} here)"
            for each, profit, own, is_apart in zip(told, theirs.tolist(), ours.tolist(), apart.tolist(), strict=True)
            if is_apart
        )
        notes.append(f"open profit of these is reckoned otherwise there: {odd}; look at their entry and size")
    return notes


def _known(position: Position) -> bool:
    side = position.held
    return side.quantity != 0 and side.entry > 0 and side.mark > 0 and not math.isnan(side.profit)


def _beyond_equity(book: Workbook, account: Account) -> list[str]:
    """That what is held is more of Equity than any venue lends: quantities in another unit, or another Equity."""
    equity = _number(book.value("Equity").value)
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    values = {
        str(row["Symbol"]): abs(_number(row["Position"]))
        * (1.0 if str(row["Contract"]).strip().lower() == "inverse" else _number(row["Price"]))
        for row in rows
    }
    times = sum(values.values()) / equity if equity > 0 else 0.0
    if times <= MOST_LEVERAGE:
        return []
    largest = max(values, key=lambda symbol: values[symbol])
    return [
        f"what {account.source} holds is {times:,.0f} times Equity, most of it {largest}; look at the unit of its "
        "quantity, and at Equity"
    ]


def _equity(book: Workbook, account: Account) -> list[str]:
    """Stage the equity; returns what changed, or that it is not known."""
    named = book.value("Equity")
    if account.equity is None:
        return [f"{account.source} does not say what the account is worth; Equity stays as it was typed"]
    if account.equity < LEAST_EQUITY:
        raise AccountError(
            f"the account is worth {account.equity:,.2f} USD at {account.source}, which no weight can be a share of; "
            "see that it is the right account"
        )
    equity = round(account.equity, 2)
    if named.value == equity:
        return []
    book.write_value("Equity", equity)
    was = f"{named.value:,.2f}" if isinstance(named.value, float) else "blank"
    return [f"Equity is {equity:,.2f} USD now, and was {was}"]


def _kinds(block: Block) -> dict[str, bool]:
    """The desk's symbols, and whether each is inverse. Raises BookError."""
    return {
        symbol_in(cell, block.address(row, "Symbol")): str(kind).strip().lower() == "inverse"
        for row, (cell, kind) in enumerate(zip(block.column("Symbol"), block.column("Contract"), strict=True))
    }


def _venue_of(book: Workbook) -> str:
    named = book.value("Venue")
    if not isinstance(named.value, str):
        raise AccountError(f"{named.address} is blank; name the venue there, or give --venue or --file")
    return named.value


def _number(value: CellValue) -> float:
    return value if isinstance(value, float) else 0.0
