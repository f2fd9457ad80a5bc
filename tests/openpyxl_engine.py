"""An engine for the real xlwings: its Book, Sheet, Range, Table and Name stand on an openpyxl workbook, on any system.

What Excel does and the tests rely on is imitated:

- an empty text is a blank cell; a leading apostrophe marks text and is no part of it; `=1+1` is a formula, #N/A an
  error, and other text of which Excel might make a date, a number or a truth value is not accepted without apostrophe
- errors read as None unless asked for as text, numbers as floats, those of currency cells as decimals of four places
- a heading that stands twice is renamed; a table keeps its top left corner and at least one row, and meets no other
- a locked cell and a part of a merge are refused with the numbers of COM; writing past the rows that a filter hides,
  which Excel does wrongly, fails the test

`fails_at` and `error` of a book let some of its writes fail; `spills` says where dynamic arrays lie.
"""

from __future__ import annotations

import copyreg
import datetime as dt
import gc
import pickle
import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import TableColumn, TableList
from xlwings import base_classes as base

from xladdin.cells import ERROR_CODES

__all__ = ["ComError", "Range", "opened"]

ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")
LOOKS_LIKE_MORE = re.compile(r"[-+@]|[\d.,/:%$€-]+$|true$|false$|[a-z]{3,9}\d{1,4}$|\d+e\d+$", re.IGNORECASE)


class ComError(Exception):
    """What pywin32 raises, with its numbers."""

    def __init__(self, hresult: int, words: str, scode: int = -2146827284) -> None:
        super().__init__(hresult, "Exception occurred.", (0, "Microsoft Excel", words, "", 0, scode), None)
        self.hresult, self.strerror, self.excepinfo = hresult, "Exception occurred.", self.args[2]


def refused(words: str) -> ComError:
    """Error 1004."""
    return ComError(-2147352567, words)


def held(*names: str) -> Callable[[type], type]:
    """Let instances hold these, which xlwings' base classes declare as properties that only can be read."""

    def mark(cls: type) -> type:
        for name in names:
            setattr(cls, name, None)
        return cls

    return mark


def opened(path: Path) -> xw.Book:
    """A workbook file, open in an application of its own."""
    engine = Engine()
    if "openpyxl" in xw.engines.engines_by_name:
        xw.engines.engines.remove(xw.engines["openpyxl"])
    xw.engines.add(xw.Engine(impl=engine))
    xw.engines.active = xw.engines["openpyxl"]
    engine.apps.add()
    return xw.Book(path)


class Engine:
    name, type = "openpyxl", "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        def clean(value: Any) -> Any:
            if value is None:
                return empty_as
            if isinstance(value, str) and value in ERRORS:
                return value if err_to_str else None
            if isinstance(value, bool | str | dt.date | Decimal) or value in ERROR_CODES:
                return value
            return float(value) if number_builder is None else number_builder(float(value))

        return [[clean(value) for value in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None or value != value else value


class Apps(base.Apps):
    def __init__(self, engine: Engine) -> None:
        self.engine, self.all = engine, []

    def add(self, **_: Any) -> App:
        self.all.append(App(self.engine))
        return self.all[-1]

    def keys(self) -> list[int]:
        return [app.pid for app in self.all]

    def __iter__(self) -> Iterator[App]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, pid: int) -> App:
        return next(app for app in self.all if app.pid == pid)


@held("books", "engine", "selection", "calculation")
class App(base.App):
    pid, version, visible, interactive = 1, "16.0", True, True
    screen_updating = display_alerts = enable_events = True
    status_bar: Any = False

    def __init__(self, engine: Engine) -> None:
        self.engine, self.books, self.calculation = engine, Books(self), "automatic"
        self.selection, self.said = None, []

    def activate(self, steal_focus: bool = False) -> None: ...

    def calculate(self) -> None:
        self.said.append("calculate")

    def alert(self, prompt: str, title: str, buttons: str, mode: str, callback: str) -> None:
        self.said.append((title, prompt))


@held("app", "api")
class Books(base.Books):
    def __init__(self, app: App) -> None:
        self.app, self.all = app, []

    def __iter__(self) -> Iterator[Book]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __call__(self, key: int | str) -> Book:
        return self.all[key - 1] if isinstance(key, int) else {book.name: book for book in self.all}[key]

    @property
    def active(self) -> Book:
        return self.all[-1]

    def open(self, fullname: str, *_: Any, **__: Any) -> Book:
        self.all.append(Book(self.app, fullname))
        return self.all[-1]


@held("app", "fullname", "api")
class Book(base.Book):
    """`values` holds what cells show, `entered` what was typed into them."""

    def __init__(self, app: App, path: str) -> None:
        self.app, self.fullname = app, str(path)
        self.values, self.entered = _loaded(path)
        self.api = SimpleNamespace(ReadOnly=False, SaveCopyAs=self.entered.save)
        self.writes = self.calls = 0
        self.fails_at: Collection[int] = ()
        self.error: BaseException = refused("We can't do that to a merged cell.")
        self.filters: dict[str, dict[int, dict[str, Any]]] = {}
        self.spills: dict[str, list[str]] = {}

    @property
    def name(self) -> str:
        return Path(self.fullname).name

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        self.entered.save(path or self.fullname)

    def touched(self) -> None:
        """Count a write; the one that is to fail does."""
        self.writes += 1
        if self.writes in self.fails_at:
            raise self.error


def _loaded(path: str) -> tuple[openpyxl.Workbook, openpyxl.Workbook]:
    """What the cells of a file show, and what was entered in them."""
    kept = _pickled(Path(path).read_bytes())
    looked_for = gc.isenabled()
    gc.disable()  # as many cells would be looked through ten times while they are made, and none is garbage
    try:
        found: tuple[openpyxl.Workbook, openpyxl.Workbook] = pickle.loads(kept)
    finally:
        if looked_for:
            gc.enable()
    return found


def _tables(tables: list[Any]) -> TableList:
    found = TableList()
    for table in tables:
        found.add(table)
    return found


copyreg.pickle(TableList, lambda tables: (_tables, ([*tables.values()],)))  # its items are no tables, but their places


@lru_cache(maxsize=2)
def _pickled(content: bytes) -> bytes:
    """A file as it is loaded, for the next who opens the same: openpyxl takes five times as long to read it again."""
    return pickle.dumps([openpyxl.load_workbook(BytesIO(content), data_only=shown) for shown in (True, False)])


class Sheets(base.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, sheet.title) for sheet in self.book.values.worksheets)

    def __len__(self) -> int:
        return len(self.book.values.worksheets)

    def __call__(self, key: int | str) -> Sheet:
        return Sheet(self.book, key if isinstance(key, str) else self.book.values.worksheets[key - 1].title)


@held("book", "api", "name")
class Sheet(base.Sheet):
    def __init__(self, book: Book, title: str) -> None:
        self.book, self.name = book, title
        self.values, self.entered = book.values[title], book.entered[title]
        self.api = SimpleNamespace(ProtectContents=self.entered.protection.sheet)

    @property
    def index(self) -> int:
        return self.book.values.sheetnames.index(self.name) + 1

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def used_range(self) -> Range:
        return Range(self, 1, 1, self.entered.max_row, self.entered.max_column)

    def range(self, first: Any, second: Any = None) -> Range:
        first, second = (each.impl if isinstance(each, xw.Range) else each for each in (first, second))
        if isinstance(first, str):
            left, top, right, bottom = range_boundaries(first.replace("$", ""))
            return Range(self, top, left, bottom, right)
        if isinstance(first, tuple) and len(first) == 4:  # how xlwings slices: a corner and a size
            return Range(self, first[0], first[1], first[0] + first[2] - 1, first[1] + first[3] - 1)
        corner = first if isinstance(first, tuple) else (first.row, first.column)
        last = second if second is not None else first
        return Range(self, *corner, *(last if isinstance(last, tuple) else (last.bottom, last.right)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sheet) and (self.book, self.name) == (other.book, other.name)

    __hash__ = None  # type: ignore[assignment]


@held("sheet", "row", "column", "options", "shape")
class Range(base.Range):
    def __init__(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self.row, self.column, self.bottom, self.right = sheet, top, left, bottom, right
        self.shape, self.options = (bottom - top + 1, right - left + 1), {}

    def _cells(self, sheet: Any) -> list[Any]:
        return [cell for row in sheet.iter_rows(self.row, self.bottom, self.column, self.right) for cell in row]

    def _agree(self, answers: list[bool]) -> bool | None:
        return answers[0] if len(set(answers)) == 1 else None

    @property
    def api(self) -> SimpleNamespace:
        """The COM object, with what xlwings does not ask for."""
        locked = [cell.protection.locked for cell in self._cells(self.sheet.entered)]
        return SimpleNamespace(
            Value2=tuple(map(tuple, self._read(exact=True))),
            Locked=self._agree(locked),
            HasSpill=self._lies_in(self.sheet.book.spills.get(self.sheet.name, [])),
        )

    @property
    def address(self) -> str:
        first = f"${get_column_letter(self.column)}${self.row}"
        return first if len(self) == 1 else f"{first}:${get_column_letter(self.right)}${self.bottom}"

    @property
    def coords(self) -> tuple[Any, ...]:
        return (self.sheet.name, self.row, self.column, *self.shape)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, *place: int) -> Range:
        row, column = (
            place if len(place) == 2 else ((place[0] - 1) // self.shape[1] + 1, (place[0] - 1) % self.shape[1] + 1)
        )
        return Range(self.sheet, *(2 * (self.row + row - 1, self.column + column - 1)))

    def _read(self, *, exact: bool = False) -> list[list[Any]]:
        rows = self.sheet.values.iter_rows(self.row, self.bottom, self.column, self.right)
        return [[cell.value if exact else _shown(cell) for cell in row] for row in rows]

    @property
    def raw_value(self) -> list[list[Any]]:
        self.sheet.book.calls += 1
        return self._read()

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = data if isinstance(data, list | tuple) else [[data] * self.shape[1]] * self.shape[0]
        rows = rows if isinstance(rows[0], list | tuple) else [rows]
        assert (len(rows), len(rows[0])) == self.shape
        self.sheet.book.calls += 1
        self._may_write()
        for down, row in enumerate(rows, self.row):
            for right, value in enumerate(row, self.column):
                self.sheet.book.touched()
                self._enter(down, right, value)

    @property
    def formula(self) -> Any:
        self.sheet.book.calls += 1
        rows = self.sheet.entered.iter_rows(self.row, self.bottom, self.column, self.right)
        texts = tuple(tuple(_spelled(cell.value) for cell in row) for row in rows)
        return texts if len(self) > 1 else texts[0][0]

    @formula.setter
    def formula(self, text: str) -> None:
        self._may_write()
        self.sheet.book.touched()
        self._enter(self.row, self.column, text)

    @property
    def has_array(self) -> bool | None:
        cells = (cell.value for row in self.sheet.entered.iter_rows() for cell in row)
        return self._lies_in([value.ref for value in cells if isinstance(value, ArrayFormula)])

    @property
    def merge_cells(self) -> bool | None:
        return self._lies_in([area.coord for area in self.sheet.entered.merged_cells.ranges])

    @property
    def merge_area(self) -> Range:
        merged = self.sheet.entered.merged_cells.ranges
        mine = next((a for a in merged if (self.row, self.column) == (a.min_row, a.min_col)), None)
        inside = mine or next((a for a in merged if self._cells(self.sheet.entered)[0].coordinate in a), None)
        return self.sheet.range(inside.coord) if inside is not None else self

    @property
    def number_format(self) -> str | None:
        formats = {cell.number_format for cell in self._cells(self.sheet.entered)}
        return formats.pop() if len(formats) == 1 else None

    @number_format.setter
    def number_format(self, value: str) -> None:
        for sheet in (self.sheet.entered, self.sheet.values):
            for cell in self._cells(sheet):
                cell.number_format = value

    def select(self) -> None:
        self.sheet.book.app.selection = self

    def _enter(self, row: int, column: int, value: Any) -> None:
        """Type a value into a cell."""
        if isinstance(value, str) and value.startswith("'"):
            shown = entered = value[1:]
        elif isinstance(value, str) and value.startswith("="):
            shown, entered = None, value
        else:
            assert not isinstance(value, str) or not LOOKS_LIKE_MORE.match(value), f"Excel makes more of {value!r}"
            shown = entered = None if value == "" else value
        for table in self.sheet.tables:
            if table.range.row == row:
                shown = entered = table.heading(row, column, shown)
        self.sheet.values.cell(row, column).value = shown
        cell = self.sheet.entered.cell(row, column)
        cell.value = entered
        if isinstance(value, str) and value.startswith("'"):
            cell.data_type, cell.quotePrefix = "s", True

    def _may_write(self) -> None:
        if self.sheet.entered.protection.sheet and any(c.protection.locked for c in self._cells(self.sheet.entered)):
            raise refused("The cell or chart you're trying to change is on a protected sheet.")
        for table in self.sheet.tables:
            if self.sheet.book.filters.get(table.name) and _overlap(self, table.range):
                raise AssertionError("hidden rows would not be written")
        if self.merge_cells is not False and self.shape != (1, 1) and self.merge_area.address != self.address:
            raise refused("We can't do that to a merged cell.")

    def _lies_in(self, areas: list[str]) -> bool | None:
        """Whether the cells lie in one of the areas; None when only some do."""
        met = [area for area in areas if _overlap(self, self.sheet.range(area))]
        if not met:
            return False
        cells = self._cells(self.sheet.entered)
        return self._agree([any(_inside(cell, area) for area in met) for cell in cells])


@held("api", "parent")
class Tables(base.Tables):
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = self.parent = sheet
        self.api = sheet.entered.tables

    def __iter__(self) -> Iterator[Table]:
        return (Table(self.sheet, table) for table in self.api.values())

    def __len__(self) -> int:
        return len(self.api)

    def __contains__(self, key: str) -> bool:
        return key in self.api

    def __call__(self, key: int | str) -> Table:
        return Table(self.sheet, list(self.api.values())[key - 1] if isinstance(key, int) else self.api[key])


@held("api", "parent", "name", "display_name", "show_totals", "show_headers", "show_autofilter")
class Table(base.Table):
    def __init__(self, sheet: Sheet, table: Any) -> None:
        self.sheet = self.parent = sheet
        self.own, self.name, self.display_name = table, table.displayName, table.displayName
        self.show_totals, self.show_headers = bool(table.totalsRowCount), table.headerRowCount != 0
        self.show_autofilter = table.autoFilter is not None or bool(sheet.book.filters.get(self.name))
        self.api = SimpleNamespace(SourceType=1 if table.tableType in (None, "worksheet") else 3)

    @property
    def range(self) -> Range:
        return self.sheet.range(self.own.ref)

    @property
    def autofilter(self) -> AutoFilter:
        return AutoFilter(self)

    def resize(self, cells: xw.Range) -> None:
        new, old = cells.impl, self.range
        self.sheet.book.touched()
        if (new.row, new.column) != (old.row, old.column) or new.shape[0] < 2 or self.sheet.entered.protection.sheet:
            raise refused("The range must be on the same sheet, keep the header row and have a row of data.")
        others = (table for table in self.sheet.tables if table.name != self.name)
        if any(_overlap(new, table.range) for table in others):
            raise refused("Tables cannot overlap.")
        self.own.ref = new.address.replace("$", "")
        if self.own.autoFilter is not None:
            self.own.autoFilter.ref = self.own.ref
        columns, width = self.own.tableColumns, new.shape[1]
        del columns[width:]
        for number in range(len(columns) + 1, width + 1):
            columns.append(TableColumn(id=max(c.id for c in columns) + 1, name=f"Column{number}"))
            self.sheet.book.values[self.sheet.name].cell(new.row, new.column + number - 1).value = f"Column{number}"
            self.sheet.entered.cell(new.row, new.column + number - 1).value = f"Column{number}"

    def heading(self, row: int, column: int, text: Any) -> Any:
        """What a heading becomes when `text` is typed: never blank, never one that another column has."""
        cells = self.range
        if not cells.column <= column <= cells.right:
            return text
        position, columns = column - cells.column, self.own.tableColumns
        name, number = str(text or f"Column{position + 1}"), 2
        taken = {each.name.lower() for place, each in enumerate(columns) if place != position}
        while name.lower() in taken:
            name, number = f"{text}{number}", number + 1
        columns[position].name = name
        return name


class AutoFilter(base.AutoFilter):
    def __init__(self, table: Table) -> None:
        self.table = table
        self.filters = table.sheet.book.filters.setdefault(table.name, {})

    @property
    def criteria(self) -> list[dict[str, Any]]:
        fields = range(1, self.table.range.shape[1] + 1)
        return [self.filters.get(field, base.empty_autofilter_criteria(field)) for field in fields]

    def apply_values(self, field: int, values: list[str]) -> None:
        self._set(field, "values", values=values)

    def apply_comparison(self, field: int, operator: str, value1: Any, value2: Any) -> None:
        self._set(field, "comparison", operator=operator, value1=value1, value2=value2)

    def apply_top_items(self, field: int, count: int) -> None:
        self._set(field, "top_items", count=count)

    def clear(self, field: int | None) -> None:
        for each in [field] if field is not None else list(self.filters):
            self.filters.pop(each, None)

    def _set(self, field: int, kind: str, **settings: Any) -> None:
        self.filters[field] = {**base.empty_autofilter_criteria(field, kind), **settings}


@held("api")
class Names(base.Names):
    def __init__(self, book: Book) -> None:
        self.book, self.api = book, book.entered.defined_names

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name, Name(self.book, each)) for name, each in self.api.items()]

    def __len__(self) -> int:
        return len(self.api)


@held("api", "name", "refers_to")
class Name(base.Name):
    def __init__(self, book: Book, name: Any) -> None:
        self.book, self.api, self.name, self.refers_to = book, name, name.name, f"={name.attr_text}"


def _shown(cell: Any) -> Any:
    """What Value gives: of a currency cell, a decimal of four places."""
    value = cell.value
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and ("$" in cell.number_format or "€" in cell.number_format)
    ):
        return Decimal(str(round(value, 4)))
    return value


def _spelled(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return str(value).upper() if isinstance(value, bool) else str(value)


def _inside(cell: Any, area: str) -> bool:
    left, top, right, bottom = range_boundaries(area)
    return bool(top <= cell.row <= bottom and left <= cell.column <= right)


def _overlap(first: Range, second: Range) -> bool:
    return not (
        second.row > first.bottom
        or second.bottom < first.row
        or second.column > first.right
        or second.right < first.column
    )
