"""A closed workbook file as a `Workbook`: read from one snapshot, written without loss, replaced in one step.

    with FileBook.open("desk.xlsx") as book:
        universe = book.table("Universe")
        book.write_value("DataSource", "perp_1h")
        book.commit()

Changes are made at once, but on a copy in memory: `table` and `value` show them, the file has them after `commit`.
Cells are read from the very parts that the writer changes, so both see one and the same book.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from lxml import etree

from core.arrays import Array, Times
from core.errors import BookError

from .beside import landed_beside, read_beside
from .names import check_suffix, is_backup, refuse_bad_name, suffix_of
from .opened import refuse_opened
from .remarks import refuse_merges, remarks
from .target import Target
from .workbook import Block, CellValue, NamedCell, Series
from .xlsx.areas import AddressError
from .xlsx.package import Package
from .xlsx.patch import Patch
from .xlsx.rows.rows import OddlyWrittenError
from .xlsx.series import read_series

__all__ = ["FileBook"]

WAIT_SECONDS = 10.0

_P = ParamSpec("_P")
_T = TypeVar("_T")
_ODD = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError),
    *(etree.LxmlError, OddlyWrittenError),
)


def _sound(
    method: Callable[Concatenate[FileBook, _P], _T],
) -> Callable[Concatenate[FileBook, _P], _T]:
    """The file's inside is foreign: whatever no guard foresaw in it becomes a BookError too, never a traceback."""

    @functools.wraps(method)
    def guarded(book: FileBook, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(book, *args, **kwargs)
        except AddressError as error:
            raise BookError(f"{book.name}: {error}") from None
        except _ODD as error:
            raise BookError(
                f"{book.name} is not written as spreadsheet programs do ({type(error).__name__}: {str(error)[:60]}); "
                "open it in Excel or Calc and save it again"
            ) from error

    return guarded


class FileBook:
    """A workbook file that one job holds from reading to writing."""

    _series: dict[str, Series]
    _blocks: dict[str, Block]
    """Tables as they now are, until a cell of their sheet changes."""

    def __init__(self, path: Path, held: Target) -> None:
        self.path = path
        self._held = {held.path: held}
        package = Package.read(path)
        held.before = package.raw
        self._load(package)

    @classmethod
    def open(cls, path: Path | str, wait: float = WAIT_SECONDS) -> Self:
        """The workbook at `path`, locked against other jobs until `close`. Raises BookError."""
        path = Path(path)
        check_suffix(path)
        refuse_bad_name(path)
        if not path.exists():
            raise BookError(f"{path} does not exist; check the path, or make a desk with `perpdesk new`")
        held = Target(path, wait)
        try:
            return cls(path, held)
        except BaseException:
            held.release()
            raise

    def hold(self, path: Path | str, wait: float = WAIT_SECONDS) -> None:
        """Lock another file too, that `commit` may write only while it is what it is now. Raises BookError."""
        target = Path(path)
        self._check_target(target)
        if target.resolve() not in self._held:
            held = Target(target, wait)
            self._held[held.path] = held
            held.look()

    def close(self) -> None:
        """Give the workbook free for other jobs; what was staged and not committed is forgotten."""
        while self._held:
            self._held.popitem()[1].release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @_sound
    def table(self, name: str) -> Block:
        """One table, wholly blank rows left out. Raises BookError."""
        if name not in self._blocks:
            self._blocks[name] = self._block(name)
        return self._blocks[name]

    def _block(self, name: str) -> Block:
        table = self._patch.book.table(name)
        body, sheet = table.body, self._patch.book.sheet(table.sheet_name)
        refuse_merges(sheet, table)
        columns = range(body.left, body.right + 1)
        rows, numbers = [], []
        for number in sheet.rows.existing(body.top, body.bottom):
            values = sheet.values(number, columns)
            if any(value is not None for value in values):
                rows.append(values)
                numbers.append(number)
        return Block(table.name, table.sheet_name, table.header, tuple(rows), tuple(numbers), body.left)

    @_sound
    def header(self, name: str) -> tuple[str, ...]:
        """The headings of one table, of which no cell is read. Raises BookError."""
        table = self._patch.book.table(name)
        refuse_merges(self._patch.book.sheet(table.sheet_name), table)
        return table.header

    @_sound
    def series(self, name: str) -> Series:
        """One table of times and numbers, wholly blank rows left out. Raises BookError."""
        if name not in self._series:
            table = self._patch.book.table(name)
            sheet = self._patch.book.sheet(table.sheet_name)
            refuse_merges(sheet, table)
            self._series[name] = read_series(sheet, table)
        return self._series[name]

    @_sound
    def remarks(self, tables: Sequence[str]) -> list[str]:
        """What nobody sees of these tables and what comes from elsewhere: hidden rows and sheets, links. BookError."""
        return remarks(self._patch.book, tables)

    @_sound
    def value(self, name: str) -> NamedCell:
        """One named cell. Raises BookError."""
        sheet, row, column = self._patch.book.named_cell(name)
        return NamedCell(name, sheet.where(row, column), sheet.value(row, column))

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Stage a new body for a table, and new columns where `header` is given. Raises BookError."""
        self._stage(lambda patch: patch.set_table(name, rows, header))

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Stage a new body of times and numbers for a table, and its columns. Raises BookError."""
        self._stage(lambda patch: patch.set_series(name, times, numbers, header, odd or {}))

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Stage rows below the last filled one of a table. Raises BookError."""
        self._stage(lambda patch: patch.append(name, rows))

    def write_value(self, name: str, value: CellValue) -> None:
        """Stage a new value for a named cell. Raises BookError."""
        self._stage(lambda patch: patch.set_value(name, value))

    def beside(self, name: str) -> bytes:
        """A file of the folder in which the book itself lies, or what is staged for it. Raises BookError."""
        staged = self._beside.get(name)
        return read_beside(self.path.resolve().parent, name, self.name) if staged is None else staged

    def write_beside(self, name: str, content: bytes) -> None:
        """Stage a file of the folder that the book is committed to; it lands just before the book."""
        self._beside[name] = content

    def commit(self, path: Path | str | None = None) -> Path:
        """Land all that was staged, or nothing, and return the file written; the book then stands on that file.

        Without a path, or with the book's own, the file is replaced in place. With another path the source is never
        touched. What stood in the file that is written is kept as `NAME.bak`. Raises BookError when that was changed
        since the book was opened, or since `hold`.
        """
        target, in_place = self._checked_target(path)
        if in_place and not self._patch.changed:
            return self.path
        held = self._held[(self.path if in_place else target).resolve()]
        packed = self._packed(target.name)
        with landed_beside(held.path.parent, self._beside, target.name):
            held.write(packed.raw, like=self.path)
        if not in_place:
            self.path = target
        self._load(packed)
        return self.path

    def rehearse(self, path: Path | str | None = None) -> tuple[Path, ...]:
        """The files that `commit` would write, after all that it does but for that. Raises BookError."""
        target, in_place = self._checked_target(path)
        if in_place and not self._patch.changed:
            return ()
        self._packed(target.name)
        return (*(target.parent / name for name in self._beside), target)

    def _checked_target(self, path: Path | str | None) -> tuple[Path, bool]:
        """The file to write, held and free to be written, and whether it is the book's own. Raises BookError."""
        target = self.path if path is None else Path(path)
        in_place = _same_file(target, self.path)
        if in_place and not self._patch.changed:
            return target, in_place
        if in_place and is_backup(target):
            raise BookError(
                f"{target.name} is a backup and stays as it is; write elsewhere with --out, or copy it to a name that "
                f"ends with {suffix_of(target)}"
            )
        if not in_place:
            self.hold(target)
        refuse_opened(self._held[(self.path if in_place else target).resolve()].path)
        return target, in_place

    @_sound
    def _stage(self, change: Callable[[Patch], str]) -> None:
        """Make one change on the copy, to the cells of the sheet that it returns.

        Where it is refused, all that was staged is dropped, for it may be half made.
        """
        try:
            changed = change(self._patch)
        except BaseException:
            self._load(self._package)
            raise
        self._series = {name: series for name, series in self._series.items() if series.sheet != changed}
        self._blocks = {name: block for name, block in self._blocks.items() if block.sheet != changed}

    @_sound
    def _packed(self, name: str) -> Package:
        return self._patch.pack(name)

    @_sound
    def _load(self, package: Package) -> None:
        self._package = package
        self._patch = Patch(package)
        self._series, self._blocks = {}, {}
        self._beside: dict[str, bytes] = {}

    def _check_target(self, target: Path) -> None:
        check_suffix(target)
        refuse_bad_name(target)
        if target.suffix.lower() != suffix_of(self.path).lower():
            raise BookError(f"{target.name} must end with {suffix_of(self.path)}, like the book it comes from")
        if target.is_dir():
            raise BookError(f"{target} is a folder; name the file to write in it")
        if not target.parent.is_dir():
            raise BookError(f"the folder {target.parent} does not exist; make it first")


def _same_file(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve() or (first.exists() and second.exists() and first.samefile(second))
