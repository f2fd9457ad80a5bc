"""From results to the workbook: a result table is filled column by column as the layout declares it.

Nothing lands here: the book only stages what is written, and the door that runs the job commits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...books.workbook import CellValue, Workbook
from ..layout.sheets import TABLES
from ..read.headings import refuse_other_columns

if TYPE_CHECKING:
    from ..day.checks.found import Check

__all__ = [
    "blank_where_nan",
    "clear",
    "measured",
    "write_checks",
    "write_columns",
]


def write_columns(book: Workbook, table_name: str, columns: dict[str, Sequence[Any] | Any]) -> None:
    """Stage a result table from its columns; a scalar fills its column. None is a blank cell, NaN shows as #N/A.

    Headings that the layout does not declare become the table's free columns, in their order. Raises BookError where
    the table has other columns than it was drawn with.
    """
    table = TABLES[table_name]
    refuse_other_columns(book.header(table_name), table)
    free = [name for name in columns if name not in table.header]
    header = [*table.header, *free]
    length = max(len(values) for values in columns.values() if _is_column(values))
    filled = [list(columns[name]) if _is_column(columns[name]) else [columns[name]] * length for name in header]
    rows = [[_cell(value) for value in row] for row in zip(*filled, strict=True)]
    book.write_table(table_name, rows, header if table.free_columns else None)


def clear(book: Workbook, table_names: Iterable[str]) -> None:
    """Stage empty tables: results that no longer belong to what stands above them. Raises BookError as for results."""
    for name in table_names:
        refuse_other_columns(book.header(name), TABLES[name])
        book.write_table(name, TABLES[name].unmeasured)


def write_checks(book: Workbook, checks: Sequence[Check]) -> None:
    """The Checks table: one row a check; the master check on every sheet reads it."""
    write_columns(
        book,
        "Checks",
        {
            "Check": [check.name for check in checks],
            "Status": [check.status for check in checks],
            "Value": [check.value for check in checks],
            "Limit": [check.limit for check in checks],
            "Remedy": [check.remedy for check in checks],
        },
    )


def measured(table_name: str, values: Sequence[CellValue]) -> dict[str, Sequence[Any]]:
    """The columns of a table of measures, from their values in order."""
    measures = TABLES[table_name].measures
    return {
        "Measure": [measure.name for measure in measures],
        "Value": values,
        "Note": [measure.note for measure in measures],
    }


def blank_where_nan(values: Any) -> list[float | None]:
    """Where there is nothing to state, a blank cell says so better than #N/A."""
    return [None if np.isnan(value) else float(value) for value in np.atleast_1d(values)]


def _is_column(values: object) -> bool:
    return isinstance(values, (list, tuple, np.ndarray))


def _cell(value: Any) -> CellValue:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (np.generic, int, float)):
        return float(value)
    return value  # type: ignore[no-any-return]  # a datetime
