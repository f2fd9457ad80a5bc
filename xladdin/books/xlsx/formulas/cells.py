"""The cells of a sheet that hold formulas: found in the bytes of its rows, and emptied of stored results there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape

from lxml import etree

from core.records import dataclass

from ..areas import Area, parse_cell
from ..markup import discard, tag
from ..rows.rows import OddlyWrittenError, Rows

__all__ = ["FormulaCell", "cells_with_formulas", "empty_results", "has_formulas"]

C, F, V = tag("c"), tag("f"), tag("v")

_FORMULA = re.compile(rb"<(?:[\w.\-]+:)?f[\s>/]")
_LIKE_ONE = re.compile(rb"f(?<=[<:]f)[\s>/]")
"""What every formula begins with; found ten times as fast, since it begins with a letter that is rare in a sheet."""
_USUAL = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="[0-9]+")?(?: t="[a-z]+")?(?: s="[0-9]+")?>'
    rb'<f(?: aca="false")?>([^<]*)</f>(?:<v>[^<]*</v>|<v/>)?</c>'
)
"""How nearly every formula is written: an address, a style, a kind of value, a text."""
_KIND, _STORED = re.compile(rb' t="[a-z]+"'), re.compile(rb"(</f>)(?:<v>[^<]*</v>|<v/>)(?=</c>)")


@dataclass(frozen=True)
class FormulaCell:
    """A formula where it is written; `kind` is normal, shared, array or dataTable, `group` that of shared ones."""

    row: int
    column: int
    text: str
    kind: str = "normal"
    area: Area | None = None
    group: str = ""


def has_formulas(data: bytes) -> bool:
    """Whether any formula stands in a sheet."""
    return _LIKE_ONE.search(data) is not None and _FORMULA.search(data) is not None


def cells_with_formulas(rows: Rows) -> Iterator[FormulaCell]:
    """Every formula of a sheet as it now is."""
    for _, start, end in _spots(rows):
        raw = rows.data[start:end]
        usual = _USUAL.fullmatch(raw)
        if usual is None:
            yield from _formulas_of(rows.parse(raw))
        else:
            text = usual[2].decode()
            yield FormulaCell(*parse_cell(usual[1].decode()), unescape(text) if "&" in text else text)
    for number in rows.edited:
        row = rows.row(number)
        assert row is not None, "an edited row is there"
        for cell in row.iterchildren(C):
            yield from _formulas_of(cell)


def empty_results(rows: Rows, places: Collection[tuple[int, int]], filled: Collection[Area]) -> set[tuple[int, int]]:
    """Empty the stored results of formulas at `places` and of all cells in the areas that formulas have `filled`.

    Returns the cells that had one. Cells keep their bytes but for that.
    """
    emptied, by_row = set(), _by_row(places)
    for number, start, end in _spots(rows):
        if number not in by_row:
            continue
        bare = _without_result(rows, rows.data[start:end], number, by_row[number])
        if bare is not None:
            emptied.add((number, bare[0]))
            rows.splice(number, [(start, end, bare[1])])
    for area in filled:
        for number in rows.existing(area.top, area.bottom):
            if number not in rows.edited and rows.block_at(number) is None:
                emptied |= _empty_spill(rows, number, area, emptied)
    for number in rows.edited:
        row = rows.row(number)
        assert row is not None, "an edited row is there"
        for cell in row.iterchildren(C):
            place = parse_cell(cell.get("r", ""))
            inside = any(area.covers(*place) for area in filled)
            if (inside or (place[1] in by_row.get(number, ()) and cell.find(F) is not None)) and _empty(cell):
                emptied.add(place)
    return emptied


def _spots(rows: Rows) -> Iterator[tuple[int, int, int]]:
    """Number of the row, start and end of each cell in the bytes that holds a formula, of rows that keep them."""
    data, opening, close = rows.data, b"<" + rows.prefix + b"c", b"</" + rows.prefix + b"c>"
    formula = re.compile(b"<" + re.escape(rows.prefix) + rb"f[\s>/]")
    for found in formula.finditer(data, rows.start, rows.end):
        number, first, last = rows.number_at(found.start())
        if number in rows.edited or rows.block_at(number) is not None:
            continue
        start = data.rfind(opening, first, found.start())
        end = data.find(close, found.start(), last) + len(close)
        if start < 0 or end < len(close) or data[start + len(opening) : start + len(opening) + 1].strip():
            raise OddlyWrittenError("a formula outside a cell")
        yield number, start, end


def _formulas_of(cell: etree._Element) -> Iterator[FormulaCell]:
    for formula in cell.findall(F):
        kind, ref = formula.get("t", "normal"), formula.get("ref")
        area = Area.parse(ref) if ref and kind != "normal" else None
        row, column = parse_cell(cell.get("r", ""))
        yield FormulaCell(row, column, formula.text or "", kind, area, formula.get("si", ""))


def _without_result(rows: Rows, raw: bytes, number: int, columns: Collection[int]) -> tuple[int, bytes] | None:
    """Column and bytes of a cell without its stored result; None when it is not meant or has none."""
    usual = _USUAL.fullmatch(raw)
    if usual is not None:
        column = parse_cell(usual[1].decode())[1]
        bare = _STORED.sub(rb"\1", _KIND.sub(b"", raw, count=1)) if column in columns else raw
        return None if bare == raw else (column, bare)
    cell = rows.parse(raw)
    column = parse_cell(cell.get("r", ""))[1]
    return (column, rows.written(cell)) if column in columns and _empty(cell) else None


def _empty_spill(rows: Rows, number: int, area: Area, done: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Empty the cells of a row that an array formula or a what-if table fills."""
    emptied, pieces = set(), []
    for column, start, end in rows.cells(number):
        if area.left <= column <= area.right and (number, column) not in done:
            cell = rows.parse(rows.data[start:end])
            if _empty(cell):
                emptied.add((number, column))
                pieces.append((start, end, rows.written(cell)))
    if pieces:
        rows.splice(number, pieces)
    return emptied


def _empty(cell: etree._Element) -> bool:
    """Take the stored result out of a cell; whether it had one."""
    stored = cell.findall(V)
    for value in stored:
        cell.remove(value)
    had = bool(stored) or "t" in cell.attrib
    discard(cell, "t")
    return had


def _by_row(places: Collection[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row, column in places:
        found.setdefault(row, set()).add(column)
    return found
