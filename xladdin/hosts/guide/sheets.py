"""The page of the guide on the workbook: every sheet, its tables, and what each of their columns holds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...desk.layout.fields import Column, Default, Sheet, TableLayout
from ...desk.layout.sheets import NAMED_RESULTS, SHEETS, tables_on
from ...desk.write.display import shown_value
from .markdown import code, place, short, table

__all__ = ["sheets_page"]

INTRODUCTION = """\
# Sheets, tables and columns

The desk is one workbook. Jobs find its tables and named cells by their names, so sheets may be moved, renamed,
formatted and added to; a table, a column or a named cell that a job needs may not be renamed. Inputs are yours, data
come from Refresh, results from a job that empties and fills them. Units stand above each heading of the workbook, as
here.

Weights and exposures are notional / equity, positive long. Times are UTC, of the close of a bar. A blank is never a
zero.
"""

INPUT_HEADER = ("column", "holds", "unit", "takes", "blank")
RESULT_HEADER = ("column", "holds", "unit")
MEASURE_HEADER = ("row", "holds")

FREE = "one column for each contract"
FREE_FACTOR = "one column for each factor"


def sheets_page() -> str:
    """The page, in Markdown."""
    return "\n".join([INTRODUCTION, *(part for sheet in SHEETS for part in _sheet(sheet)), *_named_cells()])


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f"## {sheet.name}\n"
    yield f"{sheet.purpose}. {sheet.waiting}".rstrip() + "\n"
    if sheet.name == "Settings":
        yield "Each of its cells: [settings.md](settings.md).\n"
    for layout in tables_on(sheet.name):
        yield from _table(layout)


def _table(layout: TableLayout) -> Iterator[str]:
    yield f"Table {place(layout.name, 'table')}\n"
    columns = [*layout.columns, *([layout.free] if layout.free else [])]
    filled = any(column.role != "result" for column in layout.columns)
    row = _input if filled else _result
    yield table(INPUT_HEADER if filled else RESULT_HEADER, (row(layout, column) for column in columns))
    if layout.measures:
        yield table(MEASURE_HEADER, ((measure.name, measure.note) for measure in layout.measures))


def _result(layout: TableLayout, column: Column) -> tuple[str, ...]:
    return _name(layout, column), column.note, column.unit


def _input(layout: TableLayout, column: Column) -> tuple[str, ...]:
    blank = "" if column.role == "data" else _blank(column.blank)
    return _name(layout, column), column.note, column.unit, _takes(column), blank


def _name(layout: TableLayout, column: Column) -> str:
    if column is layout.free:
        return FREE_FACTOR if column.name == "Factor" else FREE
    return place(column.name, layout.name)


def _takes(column: Column) -> str:
    if column.choices:
        return " | ".join(column.choices)
    sides = [("from", column.minimum), ("to", column.maximum)]
    bounds = "".join(f" {word} {shown_value(bound, column.format)}" for word, bound in sides if bound is not None)
    return {"number": "a number", "time": "a date in UTC", "text": "a text"}[column.kind] + short(bounds)


def _blank(value: Default) -> str:
    """What an empty cell stands for."""
    if value is None:
        return "refused"
    if value == "" or (isinstance(value, float) and math.isnan(value)):
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named_cells() -> Iterator[str]:
    yield "## Named cells\n\nBeside the settings, jobs and formulas fill these:\n"
    rows = ((place(cell.name), cell.sheet, cell.note) for cell in NAMED_RESULTS)
    yield table(("name", "sheet", "holds"), rows)
    yield f"A workbook is found by these and by its tables; {code('perpdesk check')} says which are missing.\n"
