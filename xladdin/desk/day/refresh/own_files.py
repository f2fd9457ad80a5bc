"""Refresh, files of one's own: positions onto Universe, margin tiers onto Tiers, factors onto Factors."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.errors import AccountError, DataWarning, FeedError, MissingDataError, listed
from core.estimate.beta.calendars import align_factors
from core.market.panel import Panel
from core.records import dataclass
from core.tolerances import ROUNDING

from ....books.workbook import CellValue, Workbook
from ....feeds.small_tables import load_factors, load_tiers
from ...layout.sheets import TABLES
from ...read.cells import symbol_in
from ...read.headings import refuse_other_columns
from .account import held_in_file, write_positions

__all__ = ["OwnFiles"]

FEW_RETURNS = 30
"""Returns of a factor from which on its betas are more than chance."""


@dataclass(frozen=True)
class OwnFiles:
    """The files that came along with the history; None or nothing where there was none."""

    positions: Path | None = None
    tiers: Path | None = None
    factors: Sequence[Path] = ()

    def write(self, book: Workbook, panel: Panel, sizes: Mapping[str, float] | None = None) -> list[str]:
        """Stage what they hold; returns what the analyst should know. Raises FeedError.

        `sizes` are those of contracts where the history is of, for positions that count contracts.
        """
        return [
            *(_write_positions(book, self.positions, sizes) if self.positions is not None else ()),
            *(_write_tiers(book, self.tiers) if self.tiers is not None else ()),
            *(_write_factors(book, panel, self.factors) if self.factors else ()),
        ]


def _write_positions(book: Workbook, path: Path, sizes: Mapping[str, float] | None) -> list[str]:
    """Stage the positions of a file as all that is held, beside the overlay book.

    Raises AccountError for one that is not on Universe, BookError for one that is another kind there.
    """
    account = held_in_file(book, path, None, sizes)
    block = book.table("Universe")
    symbols = {symbol_in(cell, block.address(row, "Symbol")) for row, cell in enumerate(block.column("Symbol"))}
    held = [each.symbol for each in account.positions if each.held.quantity]
    strangers = [symbol for symbol in held if symbol not in symbols]
    if strangers:
        raise AccountError(f"{path.name}: {listed(strangers)} is not on Universe; refresh with its history too")
    taken = write_positions(book, account, overlay_apart=True)
    if not held:
        return [f"{path.name} has no position: nothing is held", *taken.notes]
    overlay = any(isinstance(cell, float) and cell for cell in block.column("OverlayPosition"))
    beside = ", but for the overlay book, which is taken to lie apart" if overlay else ""
    return [f"positions are those of {path.name}: {listed(held)}; nothing else is held{beside}", *taken.notes]


def _write_tiers(book: Workbook, path: Path) -> list[str]:
    """Stage the tiers of a file for the contracts of Universe; those of others stay. Raises FeedError, BookError."""
    found = load_tiers(path, {str(symbol) for symbol in book.table("Universe").column("Symbol")})
    for figures, place, symbol in zip(found.figures.tolist(), found.places, found.symbols, strict=True):
        _refuse_what_its_sheet_does(figures, f"{place}: {symbol}")
    new: list[list[CellValue]] = [
        [symbol, *map(_blank_where_unknown, figures)]
        for symbol, figures in zip(found.symbols, found.figures.tolist(), strict=True)
    ]
    loaded = list(dict.fromkeys(found.symbols))
    block = book.table("Tiers")
    refuse_other_columns(block.header, TABLES["Tiers"])
    stays = [list(row) for row in block.rows if row[0] not in loaded]
    book.write_table("Tiers", [*stays, *new])
    return [f"tiers from {path.name}: {listed(loaded)}"]


def _refuse_what_its_sheet_does(figures: Sequence[float], where: str) -> None:
    """Raises FeedError for a figure of a tier beyond the bounds of its column."""
    for column, value in zip(TABLES["Tiers"].columns[1:], figures, strict=True):
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        if value < low or value > high:
            raise FeedError(f"{where}: {column.name} is {value:g} where a value lies between {low:g} and {high:g}")


def _write_factors(book: Workbook, panel: Panel, paths: Sequence[Path]) -> list[str]:
    """Stage the factors of all files on the days they share; a return runs from the row above to its own.

    Raises FeedError where the files do not fit the history.
    """
    loaded = [(path, factor) for path in paths for factor in load_factors(path)]
    factors = [factor for _, factor in loaded]
    names = [factor.name for factor in factors]
    for name in names:
        if names.count(name) > 1:
            raise FeedError(f"the factor {name} comes twice; name each file and column once")
    try:
        aligned = align_factors(panel.times, factors)
    except MissingDataError as error:
        raise FeedError(str(error)) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # a level that is not above zero is said below, by file
        moves = aligned.returns()
    columns = [f"{path.name}: {factor.name}" for path, factor in loaded]
    doubts = _doubts_about_factors(columns, aligned.values[aligned.rows], moves)
    returns = np.vstack([np.full((1, len(names)), np.nan), moves])
    rows: list[list[CellValue]] = [
        [time, *map(_blank_where_unknown, values)]
        for time, values in zip(panel.times[aligned.rows].tolist(), returns.tolist(), strict=True)
    ]
    book.write_table("Factors", rows, (*TABLES["Factors"].header, *names))
    return [f"factors: {listed(names)}, {len(rows) - 1} returns on the days they share", *doubts]


def _doubts_about_factors(columns: Sequence[str], levels: Array, returns: Array) -> list[str]:
    """What speaks against betas to these factors, by file and column. Raises FeedError for one that never moves."""
    doubts = []
    for column, level, moves in zip(columns, levels.T, returns.T, strict=True):
        known = moves[np.isfinite(moves)]
        below = np.flatnonzero(level <= 0)
        if below.size:
            doubts.append(
                f"{column} is not above zero in {below.size} of {len(level)} rows, first {level[below[0]]:g}: the "
                "returns beside them are missing; a factor is a price or a level, not a return or a spread"
            )
        if not known.size:
            raise FeedError(f"{column} has no return in the history; give prices or levels above zero")
        if known.size > 1 and np.ptp(known) <= ROUNDING:
            raise FeedError(f"{column} has the same return, {known[0]:.4%}, in all {known.size} rows; leave it out")
        if known.size < FEW_RETURNS:
            doubts.append(
                f"{column} has {known.size} returns in the history, and betas from fewer than {FEW_RETURNS} are mostly "
                "chance; refresh with more bars"
            )
    return doubts


def _blank_where_unknown(value: float) -> float | None:
    return None if np.isnan(value) else value
