"""A desk that was made by an older PerpDesk: what its workbook does not have yet reads as its default, and is said.

    a setting without a named cell     its default; not where the desk itself must say it, as Equity
    an input column that came later    blank in each row
    a table that came later            empty; the results that belong there are not kept
    a result column that went          blank; nothing fills it any more

What is misspelt, or came with the first layout, is refused as ever: nothing is guessed of a name that was there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core.arrays import Array, Times
from core.errors import BookError, LostNameError, listed, say
from core.records import dataclass

from ...books.workbook import Block, CellValue, NamedCell, Series, Workbook, column_letters
from ..layout.fields import Column, Setting, TableLayout
from ..layout.settings import written
from ..layout.sheets import NAMED_RESULTS, SETTINGS, TABLES

__all__ = ["as_declared", "as_it_stands", "kept_tables"]

MISSPELT = 0.8
"""Likeness of two words (0 to 1) from which on one is the other with a slip."""

MOST_NAMED = 12

NAMES = [*(item.name for item in SETTINGS), *(item.name for item in NAMED_RESULTS)]

OLDER, NEW = "this desk was made by an older PerpDesk", "`perpdesk new`"


def as_declared(book: Workbook, *, quietly: bool = False) -> Workbook:
    """The desk with all that the layout declares; a DataWarning names what it lacks, what is read instead, the way out.

    `quietly` where no result follows from what is read. What is misspelt, or must stand in any desk, is left to whoever
    reads it, and refuses it.
    """
    settings = [item for item in SETTINGS if not item.needed and _lacks(book.value, item.name, NAMES)]
    tables = [name for name, table in TABLES.items() if table.later and _lacks(book.header, name, TABLES)]
    apart = {name: found for name in TABLES if name not in tables and (found := _difference(book, TABLES[name]))}
    for sentence in () if quietly else _told(settings, tables, apart):
        say(f"{OLDER}: {sentence}")
    return _OlderDesk(book, settings, tables, apart) if settings or tables or apart else book


def kept_tables(book: Workbook, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the tables that the workbook itself has."""
    lost = book.lost_tables if isinstance(book, _OlderDesk) else ()
    return tuple(name for name in names if name not in lost)


def as_it_stands(book: Workbook) -> tuple[Workbook, tuple[str, ...]]:
    """A desk as declared whose results are those that stand in the workbook, and the tables that it lacks."""
    if not isinstance(book, _OlderDesk):
        return book, ()
    return book.with_results_as_they_stand(), tuple(book.lost_tables)


class _OlderDesk:
    """A workbook with what it lacks in sight: blank columns, empty tables, settings at their default.

    Results that are staged there go nowhere; inputs other than those that are read there are refused.
    """

    def __init__(
        self,
        book: Workbook,
        settings: Iterable[Setting],
        tables: Collection[str],
        columns: Mapping[str, _Difference],
        *,
        results_as_they_stand: bool = False,
    ) -> None:
        self._book, self.lost_tables, self._columns = book, tables, columns
        self._settings = {item.name: item for item in settings}
        self._results_as_they_stand = results_as_they_stand

    def with_results_as_they_stand(self) -> _OlderDesk:
        """The same, where result tables show the columns that there are and that something fills."""
        settings = self._settings.values()
        return _OlderDesk(self._book, settings, self.lost_tables, self._columns, results_as_they_stand=True)

    @property
    def name(self) -> str:
        """The file's or the document's name."""
        return self._book.name

    def table(self, name: str) -> Block:
        """One table, with its later columns where they are declared, blank. Raises BookError when it is missing."""
        if name in self.lost_tables:
            table = TABLES[name]
            return Block(name, table.sheet, table.blank_header, (), (), table.first_column)
        block = self._book.table(name)
        return _widened(block, self._seen(name, block.header)) if name in self._columns else block

    def header(self, name: str) -> tuple[str, ...]:
        """The headings of one table. Raises BookError when it is missing."""
        if name in self.lost_tables:
            return TABLES[name].blank_header
        there = self._book.header(name)
        return self._seen(name, there) if name in self._columns else there

    def series(self, name: str) -> Series:
        """One table of times and numbers. Raises BookError when it is missing."""
        return self._book.series(name)

    def value(self, name: str) -> NamedCell:
        """One named cell. Raises BookError when it is missing."""
        if name not in self._settings:
            return self._book.value(name)
        return NamedCell(name, f"the default of {name}", self._settings[name].default)

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Stage a new body for a table; a new header too where the table's columns follow the contracts."""
        if name in self.lost_tables:
            return
        if name not in self._columns:
            self._book.write_table(name, rows, header)
            return
        there = self._book.header(name)
        whole = self._whole(name, there) if header is None else header
        kept = there if header is None else [heading for heading in header if heading not in self._columns[name].lost]
        self._book.write_table(name, self._laid(name, rows, whole, kept), None if header is None else kept)

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Stage a new body of times (T,) and numbers (T, N) for a table, and its header."""
        self._book.write_series(name, times, numbers, header, odd)

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Stage rows below the body of a table."""
        if name in self._columns:
            there = self._book.header(name)
            rows = self._laid(name, rows, self._whole(name, there), there)
        self._book.append_rows(name, rows)

    def write_value(self, name: str, value: CellValue) -> None:
        """Stage a new value for a named cell. Raises BookError where there is none, unless it is what is read there."""
        if name not in self._settings or value != self._settings[name].default:
            self._book.write_value(name, value)

    def beside(self, name: str) -> bytes:
        """The content of a file of the workbook's folder. Raises BookError."""
        return self._book.beside(name)

    def write_beside(self, name: str, content: bytes) -> None:
        """Stage a file of the workbook's folder."""
        self._book.write_beside(name, content)

    def commit(self) -> Path | None:
        """Land all that was staged, or nothing. Raises BookError."""
        return self._book.commit()

    def _seen(self, name: str, there: tuple[str, ...]) -> tuple[str, ...]:
        """The headings to see in place of those that are there."""
        whole = self._whole(name, there)
        if self._results_as_they_stand and not _is_input(name):
            return tuple(heading for heading in whole if heading in there)
        return whole

    def _whole(self, name: str, header: Sequence[str]) -> tuple[str, ...]:
        """The headings to see: the lost ones where the layout has them, or behind those in an own order."""
        declared, (lost, gone) = TABLES[name].header, self._columns[name]
        own = [heading for heading in header if heading in declared]
        in_order = [heading for heading in declared if heading in own or heading in lost]
        whole = in_order if own == [heading for heading in in_order if heading not in lost] else [*own, *lost]
        return (*whole, *(heading for heading in header if heading not in declared and heading not in gone))

    def _laid(
        self, name: str, rows: Sequence[Sequence[CellValue]], whole: Sequence[str], there: Sequence[str]
    ) -> list[list[CellValue]]:
        """Rows by the headings to see as rows by those that are there. Raises BookError for inputs without a place."""
        lost = [place for place, heading in enumerate(whole) if heading not in there]
        if _is_input(name) and any(row[place] is not None for row in rows for place in lost):
            raise BookError(
                f"table '{name}' on sheet '{TABLES[name].sheet}' of {self.name} has no column "
                f"{listed(whole[place] for place in lost)} for what is to stand there; head columns beside the table so"
            )
        places = [whole.index(heading) if heading in whole else None for heading in there]
        return [[None if place is None else row[place] for place in places] for row in rows]


class _Difference(NamedTuple):
    """The columns that a table of an older layout lacks, and those that it has and nothing fills any more."""

    lost: list[str]
    gone: list[str]


@dataclass(frozen=True)
class _Widened(Block):
    """A table with columns that are not there; `stands` are the headings that are."""

    stands: tuple[str, ...] = ()

    def address(self, row: int, column: str | int) -> str:
        """Where a cell stands; of a column that does not, its row."""
        heading = self.header[column] if isinstance(column, int) else column
        if heading not in self.stands:
            return f"{self.sheet}, row {self.row_numbers[row]}, without a column {heading}"
        letters = column_letters(self.first_column + self.stands.index(heading))
        return f"{self.sheet}!{letters}{self.row_numbers[row]}"


def _widened(block: Block, header: tuple[str, ...]) -> Block:
    places = [block.header.index(heading) if heading in block.header else None for heading in header]
    rows = tuple(tuple(None if place is None else row[place] for place in places) for row in block.rows)
    return _Widened(block.name, block.sheet, header, rows, block.row_numbers, block.first_column, block.header)


def _lacks(read: Callable[[str], object], name: str, declared: Collection[str]) -> bool:
    """Whether the workbook has nothing of that name, nor of one with a slip."""
    try:
        read(name)
    except LostNameError as error:
        return not _misspelt(name, error.known, declared)
    except BookError:
        return False
    return False


def _difference(book: Workbook, table: TableLayout) -> _Difference | None:
    """How the columns of a table are those of an older layout; None where they are not."""
    later = [column.name for column in table.columns if column.later]
    if not (later or table.gone):
        return None
    try:
        header = book.header(table.name)
    except BookError:
        return None
    lost = [name for name in later if name not in header and not _misspelt(name, header, (*table.header, *table.gone))]
    gone = [name for name in table.gone if name in header]
    return _Difference(lost, gone) if lost or gone else None


def _misspelt(name: str, known: Iterable[str], declared: Collection[str]) -> bool:
    """Whether one of the names there are, and none that is declared, is `name` with a slip."""
    import difflib

    own = [each.lower() for each in known if each not in declared]
    return bool(difflib.get_close_matches(name.lower(), own, 1, MISSPELT))


def _told(settings: Sequence[Setting], tables: Sequence[str], columns: Mapping[str, _Difference]) -> Iterator[str]:
    """What is lacking, one sentence a kind."""
    if settings:
        read = listed((f"{item.name} ({written(item.default)})" for item in settings), MOST_NAMED)
        yield (
            f"it has no cell of these names, and their defaults were read: {read}; to choose another, give an empty "
            f"cell that name (Formulas > Name Manager) and type it there, or start from {NEW}"
        )
    for name, (lost, gone) in columns.items():
        where = f"table '{name}' on sheet '{TABLES[name].sheet}'"
        lacking = f"{where} has no column {listed(lost, MOST_NAMED)}"
        if lost and _is_input(name):
            read = listed((_blank_of(TABLES[name].column(heading)) for heading in lost), MOST_NAMED)
            yield f"{lacking}, read as {read}; to use it, head a column beside the table so, or start from {NEW}"
        elif lost:
            yield f"{lacking}, so what belongs there is not kept; start from {NEW} for it"
        if gone:
            yield f"{where} has columns that nothing fills any more: {listed(gone, MOST_NAMED)}"
    if tables:
        yield f"it has no table {listed(tables, MOST_NAMED)}, whose results are not kept; start from {NEW} for them"


def _is_input(name: str) -> bool:
    return TABLES[name].columns[0].role != "result"


def _blank_of(column: Column) -> str:
    """What stands for a blank cell of a column."""
    unknown = column.blank is None or column.blank == "" or column.blank != column.blank
    return "blank" if unknown else written(column.blank)
