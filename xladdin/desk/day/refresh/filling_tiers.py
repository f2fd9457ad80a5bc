"""Refresh, the margin tiers: the rows of the sheet Tiers by contract, and the mark by which filled ones are known."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ....books.workbook import CellValue, Workbook
from ...layout.sheets import TABLES

if TYPE_CHECKING:
    from ....feeds.venue.listing import TierRow

__all__ = ["TIERS", "TierTable"]

TIERS = "Tiers"

STATED = ("MinNotional", "MaxNotional", "MaintenanceRate", "MaxLeverage")
"""What a venue states of a tier; the amount deducted follows from these."""

HELD = (*STATED, "MaintenanceAmount")
CHARGES = ("MaintenanceRate", "MaxLeverage")

DIGITS = 8
"""Of a mark: enough to tell a row that somebody has touched."""

Cells = dict[str, CellValue]


class TierTable:
    """The sheet Tiers, by contract."""

    columns = tuple(TABLES[TIERS].column(name) for name in STATED)
    """Of what a venue states."""

    def __init__(self, book: Workbook) -> None:
        block = book.table(TIERS)
        self._header, self._changed = block.header, False
        self._rows: dict[CellValue, list[Cells]] = {}
        for row in block.rows:
            cells = dict(zip(block.header, row, strict=True))
            self._rows.setdefault(cells["Symbol"], []).append(cells)

    def mark(self, symbol: str) -> str | None:
        """The mark of what stands there of a contract; None where there is nothing."""
        return _mark(self._rows[symbol]) if symbol in self._rows else None

    def mark_of(self, symbol: str, tiers: Sequence[TierRow]) -> str:
        """The mark that these tiers would have."""
        return _mark(_cells(symbol, tiers))

    def charge_otherwise(self, symbol: str, tiers: Sequence[TierRow]) -> bool:
        """Whether the rates or leverages differ from those there; edges may follow a price."""
        there, new = (
            [[row.get(name) for name in CHARGES] for row in rows]
            for rows in (self._rows[symbol], _cells(symbol, tiers))
        )
        return there != new

    def put(self, symbol: str, tiers: Sequence[TierRow]) -> None:
        """Let these be the rows of a contract."""
        self._rows[symbol] = _cells(symbol, tiers)
        self._changed = True

    def write(self, book: Workbook) -> None:
        """Stage the table, where a row has changed."""
        if self._changed:
            rows = [[row.get(name) for name in self._header] for rows in self._rows.values() for row in rows]
            book.write_table(TIERS, rows)


def _cells(symbol: str, tiers: Sequence[TierRow]) -> list[Cells]:
    return [
        {
            "Symbol": symbol,
            **{name: None if math.isnan(value) else value for name, value in zip(STATED, row, strict=True)},
        }
        for row in tiers
    ]


def _mark(rows: Sequence[Cells]) -> str:
    """How many rows there are, and a hash of their figures as far as spreadsheets keep them."""
    figures = [[_figure(row.get(name)) for name in HELD] for row in rows]
    digest = hashlib.sha256(repr(figures).encode()).hexdigest()[:DIGITS]
    return f"{len(rows)} tier{'' if len(rows) == 1 else 's'}, {digest}"


def _figure(cell: CellValue) -> str:
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)
