"""The workbook that a script of xlwings Lite is given, as a `Workbook`.

    book = LiteBook(book)                # an xlwings.Book: values of the sheets that the script asked for
    jobs.rebalance(book)
    book.commit()                        # from here on it is in the list of what the add-in does when the script ends

The add-in sends the values of sheets once, before the script begins, and carries out what is asked of it once it has
ended, in order, without a way back. So what was written is remembered here and read from here, and nothing is asked
before all of a commit has been planned. What the add-in does not tell before a script begins is not looked at:
formulas, merged and locked cells, filters, queries. Columns in which nothing changes are not written, so that formulas
in them stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from core.errors import BookError

from ...books.contents import plain
from ...books.live.cells import as_read
from ...books.live.program import Cell, TableToChange
from ...books.live.staged import StagedBook
from ...books.workbook import CellValue
from ...books.xlsx.areas import Area
from ...cells import excel_serial

__all__ = ["LiteBook", "entered"]

PLAIN_TEXT = re.compile(r"[^\W\d_].*|#[A-Z0-9/]+[!?]?|", re.DOTALL)
MEANS_MORE = re.compile(r"true|false|[^\W\d_]{3,9}\.?[ /-]?\d{1,4}.*", re.IGNORECASE)
"""Text that Excel would take for a truth value or a date although it begins with a letter."""

Ask = Callable[[], object]
"""Something that the add-in is asked to do."""


class LiteBook(StagedBook):
    """The workbook of one script, held for one job."""

    def __init__(self, book: Any) -> None:
        """`book` is the `xlwings.Book` that the script was given."""
        super().__init__(_Book(book))


def entered(value: CellValue) -> float | str | bool:
    """What to enter so that a cell holds `value` and nothing that Excel would make of it."""
    value = as_read(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return excel_serial(value)
    if isinstance(value, str) and (not PLAIN_TEXT.fullmatch(value) or MEANS_MORE.fullmatch(value)):
        return f"'{value}"
    return value


class _Book:
    """As `program.OpenWorkbook`."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._asks: list[Ask] = []

    @property
    def name(self) -> str:
        return str(self._book.name)

    @cached_property
    def sheets(self) -> dict[str, _Sheet]:
        return {str(each.name): _Sheet(each, self._asks) for each in self._book.sheets}

    @cached_property
    def _tables(self) -> list[_Table]:
        return [_Table(table, sheet, self._asks) for sheet in self.sheets.values() for table in sheet.sheet.tables]

    def tables(self) -> Iterable[_Table]:
        return self._tables

    def names(self) -> Mapping[str, str]:
        names = {str(each.name): each.refers_to for each in self._book.names if "!" not in each.name}
        return {name: str(target) for name, target in names.items() if target}

    def speaking(self, doing: str) -> AbstractContextManager[object]:
        return nullcontext()

    @contextmanager
    def landing(self, changes: Sequence[TableToChange]) -> Iterator[None]:
        """All that is asked for inside is asked of the add-in at the end, or nothing of it."""
        before = [sheet.remembered() for sheet in self.sheets.values()], [table.area for table in self._tables]
        self._asks.clear()
        try:
            yield
        except BaseException:
            for sheet, rows in zip(self.sheets.values(), before[0], strict=True):
                sheet.recall(rows)
            for table, area in zip(self._tables, before[1], strict=True):
                table.area = area
            self._asks.clear()
            raise
        for ask in self._asks:
            ask()
        self._asks.clear()


class _Sheet:
    """As `program.OpenSheet`; `sheet` is that of xlwings."""

    is_protected = False

    def __init__(self, sheet: Any, asks: list[Ask]) -> None:
        self.sheet, self.name = sheet, str(sheet.name)
        self._asks = asks
        self._read: list[list[CellValue]] | None = None

    def values(self, area: Area) -> list[list[CellValue]]:
        rows = self._rows
        if not rows:
            raise BookError(
                f"the script was not given the cells of sheet '{self.name}'; it asks for the sheets of a desk by their "
                "names, so give the sheet its own name again"
            )
        width = area.right - area.left + 1
        cut = [row[area.left - 1 : area.right] for row in rows[area.top - 1 : area.bottom]]
        cut = [[*row, *[None] * (width - len(row))] for row in cut]
        return cut + [[None] * width for _ in range(area.bottom - area.top + 1 - len(cut))]

    def formulas(self, area: Area, values: list[list[CellValue]]) -> list[list[str | None]]:
        return [[None] * len(row) for row in values]

    def all_formulas(self) -> Iterable[tuple[Cell, str]]:
        return ()

    def occupied_cell(self, area: Area) -> Cell | None:
        for down, row in enumerate(self.values(area), area.top):
            for right, value in enumerate(row, area.left):
                if value is not None:
                    return down, right
        return None

    def merged_cell(self, area: Area) -> tuple[Cell, Area] | None:
        return None

    def array_cell(self, area: Area) -> Cell | None:
        return None

    def locked_cell(self, area: Area) -> Cell | None:
        return None

    def put(self, area: Area, rows: Sequence[Sequence[CellValue]], *, errors: bool = False) -> None:
        new = [[as_read(value) for value in row] for row in rows]
        old = self.values(area)
        changed = [
            before != after for before, after in zip(zip(*old, strict=True), zip(*new, strict=True), strict=True)
        ]
        self._remember(area, new)
        left = 0
        for writes, columns in groupby(changed):
            right = left + len(list(columns))
            if writes:
                block = [[entered(value) for value in row[left:right]] for row in rows]
                self._asks.append(
                    self._writing(Area(area.top, area.left + left, area.bottom, area.left + right - 1), block)
                )
            left = right

    def fill(self, cell: Cell, formula: str) -> None:
        raise NotImplementedError("no formula was told, so none is filled in")

    def copy_format(self, source: Cell, area: Area) -> None:
        self._asks.append(lambda: self._range(area).copy_from(self.sheet.range(source), copy_type="formats"))

    def remembered(self) -> list[list[CellValue]] | None:
        """What is known of its cells, to be recalled."""
        return None if self._read is None else [list(row) for row in self._read]

    def recall(self, rows: list[list[CellValue]] | None) -> None:
        """Take its cells to be those."""
        self._read = rows

    @property
    def _rows(self) -> list[list[CellValue]]:
        if self._read is None:
            last = self.sheet.used_range.last_cell
            whole = self.sheet.range((1, 1), (last.row, last.column)).options(ndim=2, err_to_str=True).value
            self._read = [[plain(value) for value in row] for row in whole]
            if all(value is None for row in self._read for value in row):
                self._read = []
        return self._read

    def _remember(self, area: Area, rows: Sequence[Sequence[CellValue]]) -> None:
        known = self._rows
        known.extend([] for _ in range(area.bottom - len(known)))
        for row, values in zip(known[area.top - 1 : area.bottom], rows, strict=True):
            row.extend([None] * (area.right - len(row)))
            row[area.left - 1 : area.right] = values

    def _writing(self, area: Area, block: list[list[float | str | bool]]) -> Ask:
        def write() -> None:
            self._range(area).value = block

        return write

    def _range(self, area: Area) -> Any:
        return self.sheet.range((area.top, area.left), (area.bottom, area.right))


class _Table:
    """As `program.OpenTable`; `table` is that of xlwings."""

    is_query = False

    def __init__(self, table: Any, sheet: _Sheet, asks: list[Ask]) -> None:
        self.table, self.sheet, self.name = table, sheet, str(table.name)
        self.has_header, self.has_totals = bool(table.show_headers), bool(table.show_totals)
        self.area = Area.parse(table.range.address)
        self._asks = asks

    def resize(self, area: Area) -> None:
        self.area = area
        self._asks.append(lambda: self.table.resize(self.sheet._range(area)))
