"""Tables of times and numbers, read and laid as whole arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from core.arrays import Array, Times
from core.records import dataclass

from ..workbook import Series
from .areas import Area, parse_cell
from .cell_values import SECONDS_PER_DAY
from .rows.block import NumberBlock
from .rows.columns import Columns, read_columns
from .rows.rows import Rows, without_number
from .sheet import SheetPart
from .table import TablePart

__all__ = ["block_for", "columns_of", "read_series", "serial_days"]

MOST_SHAPES = 5_000

_ROW_TAG = re.compile(rb"<row((?:\s+[\w:.\-]+=\"[^\"<]*\")*)\s*/?>")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})"([^>]*)>')
_STYLE = re.compile(rb'\ss="([0-9]+)"')
_VALUE = re.compile(rb"<v>[^<]*")
_OWN_ATTRIBUTES = re.compile(rb'\s(?:r|spans)="[^"]*"')


def read_series(sheet: SheetPart, table: TablePart) -> Series:
    """A table's body: its first column times, the others numbers. Raises BookError for formulas without a value."""
    columns, epoch = columns_of(sheet, table.body), np.datetime64(sheet.shared.epoch, "s")
    seconds = np.where(columns.dated, np.round(columns.values[:, 0] * SECONDS_PER_DAY), 0).astype("timedelta64[s]")
    times: Times = np.where(columns.dated, epoch + seconds, np.datetime64("NaT", "s"))
    bare = np.flatnonzero(~columns.dated & ~np.isnan(columns.values[:, 0])).tolist()
    odd = {**columns.odd, **{(row, 0): float(columns.values[row, 0]) for row in bare}}
    return Series(
        name=table.name,
        sheet=table.sheet_name,
        header=table.header,
        times=times,
        numbers=columns.values[:, 1:],
        odd=odd,
        row_numbers=columns.numbers,
        first_column=table.body.left,
    )


def columns_of(sheet: SheetPart, body: Area) -> Columns:
    """The columns of an area of a sheet as it now is."""
    return read_columns(sheet.rows, body, sheet.shared.styles.is_date, sheet.value, sheet.shared.epoch)


def serial_days(times: Times, epoch: datetime) -> Array:
    """Times as a sheet stores them: days since the book's epoch."""
    seconds: Array = (times.astype("datetime64[s]") - np.datetime64(epoch, "s")).astype(np.float64)
    return seconds / SECONDS_PER_DAY


def block_for(
    sheet: SheetPart,
    old: Area,
    new: Area,
    values: Array,
    odd: Mapping[tuple[int, int], str],
    styles: Sequence[str | None],
) -> NumberBlock | None:
    """The block that takes a table from its body `old` to `new`; None where its rows hold something else too.

    `values` (T, width) has the times as days in its first column; `styles` is the look of each column. A cell that
    looks otherwise keeps its look.
    """
    reach = Area(old.top, old.left, max(old.bottom, new.bottom), max(old.right, new.right))
    for before in (
        block for block in sheet.rows.blocks if block.reach.top <= reach.bottom and block.until >= reach.top
    ):
        if (before.area.top, before.area.left) != (new.top, new.left):
            return None
        reach = Area(new.top, new.left, max(reach.bottom, before.until), max(reach.right, before.reach.right))
    if np.isinf(values).any():
        return None
    looks, attributes, rows = {}, {}, _Rows(sheet.rows, reach)
    for number in sheet.rows.beneath_blocks(reach.top, reach.bottom):
        row = None if number in sheet.rows.edited else rows.row(number)
        if row is None:
            return None
        attributes[number] = row.attributes
        if number <= new.bottom:
            own = [row.styles.get(new.left + place, style) for place, style in enumerate(styles)]
            own[0] = sheet.shared.styles.dated(own[0])
            if own != list(styles):
                looks[number] = own
    return NumberBlock(new, reach, values, styles, looks, attributes, odd)


@dataclass(frozen=True)
class _Row:
    """What the tag of a row says beside its number, and the styles of its cells by column."""

    attributes: bytes
    styles: Mapping[int, str | None]


class _Rows:
    """Rows as they were read; what one without its values and its number says is worked out once."""

    def __init__(self, rows: Rows, reach: Area) -> None:
        self._rows, self._reach = rows, reach
        self._known: dict[bytes, _Row | None] = {}

    def row(self, number: int) -> _Row | None:
        """A row; None when cells outside the columns or formulas stand in it, or it is oddly written."""
        raw = self._rows.raw(number)
        if raw is None:
            return None
        bare = without_number(_VALUE.sub(b"<v>", raw), number)
        if bare not in self._known:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            self._known[bare] = self._worked_out(bare)
        return self._known[bare]

    def _worked_out(self, bare: bytes) -> _Row | None:
        head, cells = _ROW_TAG.match(bare), _CELL.findall(bare)
        if head is None or b"<f" in bare or len(cells) != bare.count(b"<c"):
            return None
        styles = {}
        for letters, attributes in cells:
            style = _STYLE.search(attributes)
            styles[parse_cell(f"{letters.decode()}1")[1]] = style[1].decode() if style else None
        if not all(self._reach.left <= column <= self._reach.right for column in styles):
            return None
        return _Row(_OWN_ATTRIBUTES.sub(b"", head[1]), styles)
