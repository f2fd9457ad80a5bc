"""The tables of results, and what was found in them: every column compared, or listed with the reason why not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...books.workbook import Block, Workbook
from ..compare import Figure, compared, figure_of_rows, not_covered
from ..inferred.instruments import Instrument
from ..inputs import Inputs
from ..tables import Series
from ..tolerances import tolerance_of

__all__ = ["Sheets", "contracts_held", "numbers_of", "units_held"]

WORDS = "words, that say of figures what the figures say"
DRAWN = "random draws: only the same draws give the same figure"
LEFT_OUT = {
    "Estimates.Note": WORDS,
    "WeightsSummary.Certificate": "a residual of the desk's own solver: another has none to compare",
}
"""What has no second opinion, and why."""


class Sheets:
    """The tables of a book, and the figures found in them so far."""

    def __init__(self, book: Workbook, inputs: Inputs, lacking: Collection[str] = ()) -> None:
        self.book, self.inputs, self.lacking = book, inputs, lacking
        self.found: list[Figure] = []

    def hold(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        reasons: Mapping[str, str] | None = None,
        excuses: Mapping[str, str] | None = None,
    ) -> None:
        """Hold every column of a table against rows of the second opinion; one without is listed with its reason."""
        if table in self.lacking:
            self._say_lacking(table)
            return
        block, reasons, excuses = self.book.table(table), {**LEFT_OUT, **(reasons or {})}, excuses or {}
        other = figure_of_rows(block, len(rows))
        self.found += other
        for column in block.header if block.rows and not other else ():
            name = f"{table}.{column}"
            stated = any(column in row for row in rows)
            if name in reasons or not stated:
                reason = reasons.get(name, "it has no second statement")
                self.found.append(not_covered(name, block.sheet, len(block.rows), reason))
            else:
                tolerance = tolerance_of(table, column, self.inputs.words["BetaMethod"])
                seconds = [row.get(column) for row in rows]
                self.found += compared(block, column, seconds, tolerance, excuse=excuses.get(column, ""))

    def hold_measures(self, table: str, values: Mapping[str, Any], reasons: Mapping[str, str] | None = None) -> None:
        """The same for a table that lists figures."""
        if table in self.lacking:
            self._say_lacking(table)
            return
        left_out = {**LEFT_OUT, **(reasons or {})}
        block = self.book.table(table)
        for row, measure in enumerate(block.column("Measure")):
            name = f"{table}.{measure}"
            one = Block(
                block.name, block.sheet, block.header, (block.rows[row],), (block.row_numbers[row],), block.first_column
            )
            if one.column("Value") == [None] and measure not in values:
                continue
            if name in left_out or measure not in values:
                reason = left_out.get(name, "it has no second statement")
                self.found.append(not_covered(name, block.sheet, 1, reason))
            else:
                tolerance = tolerance_of(table, str(measure), self.inputs.words["BetaMethod"])
                self.found += compared(one, "Value", [values[str(measure)]], tolerance, name)

    def leave(self, table: str, reason: str) -> None:
        """List every column of a table that is left out."""
        block = self.book.table(table)
        if block.rows:
            self.found.append(not_covered(f"{table}, all columns", block.sheet, len(block.rows), reason))

    def _say_lacking(self, table: str) -> None:
        self.found.append(not_covered(f"{table}, all columns", "", 0, "a desk of an older layout has no such table"))


def contracts_held(book: Workbook, inputs: Inputs, *, hedged: bool) -> Series:
    """Contracts held of each: now, or of the target on the sheet with its hedge; the overlay always."""
    universe = inputs.universe
    weights, hedge = book.table("Weights"), book.table("Hedge")
    if inputs.words["BookBasis"] == "current" or not weights.rows:
        return universe["Position"] + universe["OverlayPosition"]
    contracts = universe["OverlayPosition"].copy()
    tables = [(weights, "Symbol", "TargetPosition")]
    tables += [(hedge, "Hedge", "TradeContracts")] if hedged else []
    for block, name, column in tables:
        for symbol, amount in zip(block.column(name), numbers_of(block, column), strict=True):
            contracts[str(symbol)] += amount
    return contracts


def units_held(book: Workbook, inputs: Inputs, instruments: Sequence[Instrument], *, hedged: bool) -> list[float]:
    """Units of each instrument of Hedges: those held, with the trades of the last hedge on top of a target."""
    units = [each.position for each in instruments]
    traded = hedged and inputs.words["BookBasis"] != "current" and book.table("Weights").rows
    if not (traded and book.table("Hedge").rows):
        return units
    costs = book.table("HedgeChoice")
    trades = dict(zip(map(str, costs.column("Instrument")), numbers_of(costs, "Trade"), strict=True))
    return [held + trades.get(each.name, 0.0) for held, each in zip(units, instruments, strict=True)]


def numbers_of(block: Block, column: str) -> list[float]:
    """The figures of a column; NaN where a cell holds none."""
    return [cell if isinstance(cell, float) else math.nan for cell in block.column(column)]
