"""The desk's tables as tables of the page: the columns that fit paper, each figure as the workbook shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...books.workbook import Block, CellValue, Workbook
from ..layout.fields import MIXED, Column, TableLayout
from ..layout.sheets import tables_on
from ..write.display import VIEWS, shown_value
from .markup import Element, element

__all__ = ["heading_of", "measure", "shown_table", "worded"]

STATUS = {
    **dict.fromkeys(("OK", "survives", "agrees", "as good"), "good"),
    **dict.fromkeys(("WARN", "margin call", "not covered"), "warn"),
    **dict.fromkeys(("FAIL", "liquidated", "differs"), "bad"),
}
"""Words that a colour goes with, which says nothing that the word does not."""

PAPER = {
    "Stress": (
        *("Scenario", "MarketShock", "TotalPnL", "EquityAfter", "MarginRatio", "Liquidated", "FirstLiquidated"),
        *("Shortfall", "Verdict"),
    ),
    "WeightsLargest": VIEWS["Weights"],
    "EstimatesLargest": ("Symbol", "Beta", "Volatility", "Premium", "FundingAnnual", "ExpectedReturn", "MissingBars"),
    "HedgeLargest": ("Hedge", "Beta", "TradeNotional", "TradeContracts", "Cost", "FundingAnnual"),
}
"""Columns of a table that paper has room for, where they are more than a terminal shows."""


def shown_table(block: Block, table: TableLayout, rows: Sequence[Sequence[CellValue]] | None = None) -> Element:
    """The rows of a table (or those given of it) under their headings and units."""
    columns = [column for column in _columns(table) if column.name in block.header]
    formats = {each.name: each.format for beside in tables_on(table.sheet) for each in beside.measures}
    body = [
        element(
            "tr", (_cell(row[block.index(column.name)], _format(column, row, formats), column) for column in columns)
        )
        for row in (block.rows if rows is None else rows)
    ]
    head = element("tr", (element("th", heading_of(column.name), class_=_side(column)) for column in columns))
    units = element("tr", (element("td", column.unit, class_=_side(column)) for column in columns), class_="units")
    return element("table", element("thead", head, units), element("tbody", body), id=table.name)


def measure(book: Workbook, table: TableLayout, name: str, column: str = "Value") -> str:
    """One figure of a table that lists figures, as the workbook shows it; nothing where it is not there."""
    block = book.table(table.name)
    formats = {each.name: each.format for each in table.measures}
    if column not in block.header:
        return ""
    found = [row[block.index(column)] for row in block.rows if row[0] == name]
    return shown_value(found[0], formats.get(name, MIXED)) if found else ""


def heading_of(name: str) -> str:
    """A heading of the workbook as words: `EquityAfter` is `Equity after`."""
    first, *rest = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=\b[A-Z])(?=[A-Z][a-z])", " ", name).split(" ")
    return " ".join([first, *(word if word.isupper() or word == "PnL" else word.lower() for word in rest)])


def worded(value: CellValue) -> str:
    """A cell of text; nothing for a blank one."""
    return "" if value is None else str(value)


def _columns(table: TableLayout) -> list[Column]:
    chosen = PAPER.get(table.name, VIEWS.get(table.name))
    return [column for column in table.columns if not chosen or column.name in chosen]


def _format(column: Column, row: Sequence[CellValue], formats: dict[str, str]) -> str:
    """The number format of a cell: where figures of several kinds stand in a column, that of the measure of its row."""
    if column.format != MIXED:
        return column.format
    return next((formats[word] for word in map(worded, row[:2]) if word in formats), MIXED)


def _cell(value: CellValue, number_format: str, column: Column) -> Element:
    words = shown_value(value, number_format)
    look = [_side(column)]
    if isinstance(value, float) and value < 0 and "[Red]" in number_format:
        look.append("minus")
    if words in STATUS:
        return element("td", element("span", words, class_=f"status {STATUS[words]}"), class_=" ".join(look))
    return element("td", words, class_=" ".join(look))


def _side(column: Column) -> str:
    if column.kind == "number":
        return "figure"
    return "wide" if column.width >= 30 else "word"
