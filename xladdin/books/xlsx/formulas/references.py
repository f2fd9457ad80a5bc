"""The areas of cells that a formula reads: addresses, names, tables and columns, followed as far as they go.

What cannot be followed is said by an exception and counts as dependent on everything: a function that finds its cells
by a text or counts them out, a range whose end is computed, an unknown name, a text that the tokenizer refuses. The
tokens come from openpyxl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from core.records import dataclass

from ..areas import LAST_COLUMN, LAST_ROW, Area, Reference
from .functions import hangs_on_arguments_alone
from .tokens import Token, Tokenizer

__all__ = ["CannotFollowError", "Formula", "Precedents", "Surroundings", "TablePlace"]

LONGEST_FORMULA = 8_192
"""Characters that a formula may have in Excel."""

LONGEST_CHAIN = 100
"""Names that stand for names, one after the other, that are followed."""

_ADDRESS = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})", re.IGNORECASE)
_COLUMNS = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.IGNORECASE)
_ROWS = re.compile(r"\$?([0-9]{1,7}):\$?([0-9]{1,7})")
_IN_A_NAME = r"[^'!\[\]\s\"(){},;=<>&*/^%+-]+|\[[0-9]+\][^'!\"(){},;=<>&*/^%+-]*"
_ON_SHEET = re.compile(rf"(?:'((?:[^']|'')+)'|({_IN_A_NAME}))!(.+)", re.DOTALL)
_STRUCTURED = re.compile(r"([\w.\\]*)\[(.*)\]", re.DOTALL)
_ITEM = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_RESIZES = re.compile(r"\b(?:SUMIF|AVERAGEIF)\s*\(", re.IGNORECASE)
_NO_REFERENCE = re.compile(r'"[^"]*"|\[[^\]]*\]')
_RELATIVE = re.compile(r"(?<![\w.$])(?:[A-Z]{1,3}\$?[0-9]{1,7}|\$[A-Z]{1,3}[0-9]{1,7})(?![\w(.])")
_NO_CELLS = ("true", "false")
_OWN_WORDS = ("_xlpm.", "_xleta.")
"""What begins the names of LET and LAMBDA, and functions given as arguments."""


class CannotFollowError(Exception):
    """What a formula reads cannot be told."""


@dataclass(frozen=True)
class Formula:
    """A formula of `sheet` written at (row, column), its results in `area`; `shared` where it moves with its cell.

    Of a shared formula `text` is that of the cell where it is written, and `area` covers all cells that share it.
    """

    sheet: str
    row: int
    column: int
    text: str
    area: Area
    shared: bool = False


@dataclass(frozen=True)
class TablePlace:
    """Where a table stands and what its columns are called."""

    sheet: str
    area: Area
    header: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """What formulas see of their workbook: its sheets in order, its tables and names, by their names in small letters.

    A name that holds on one sheet only is found under (sheet in small letters, name), any other under (None, name).
    """

    sheets: Sequence[str]
    tables: Mapping[str, TablePlace]
    names: Mapping[tuple[str | None, str], str]
    by_lower: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_lower", {name.lower(): name for name in self.sheets})


class Precedents:
    """The areas that formulas of one workbook read; what a name stands for is worked out once."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._named: dict[tuple[str, str, str], list[Reference]] = {}

    def of(self, formula: Formula) -> list[Reference]:
        """What a formula reads. Raises CannotFollowError."""
        if not formula.text or len(formula.text) > LONGEST_FORMULA:
            raise CannotFollowError
        found = list(self._in_text(formula.text, formula, frozenset()))
        return _widened(found) if _RESIZES.search(formula.text) else found

    def _in_text(self, text: str, formula: Formula, inside: frozenset[str]) -> Iterator[Reference]:
        """The references of a text; `inside` are the names whose meaning is being followed."""
        try:
            tokens = Tokenizer(f"={text}").items
        except Exception as error:  # the tokenizer raises its own errors, and IndexError besides
            raise CannotFollowError(text) from error
        for token in tokens:
            if token.type == Token.FUNC and token.subtype == Token.OPEN:
                if not hangs_on_arguments_alone(token.value.rstrip("(")):
                    raise CannotFollowError(token.value)
            elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
                yield from self._of_operand(token.value.strip(), formula, inside)
            elif (token.type == Token.OP_IN and token.value == ":") or (
                token.subtype == Token.ERROR and "#REF" not in token.value and "!" in token.value[1:-1]
            ):
                raise CannotFollowError(text)

    def _of_operand(self, operand: str, formula: Formula, inside: frozenset[str]) -> Iterator[Reference]:
        text = operand.lstrip("@")
        name = text.lower()
        if name in _NO_CELLS or name.startswith(_OWN_WORDS):
            return
        if ":" in text and text.count("!") > 1:
            raise CannotFollowError(text)
        on_sheet = _ON_SHEET.fullmatch(text)
        if on_sheet is not None and "[" not in on_sheet[3]:
            yield from self._on_sheets((on_sheet[1] or on_sheet[2]).replace("''", "'"), on_sheet[3], formula, inside)
            return
        if "#REF" in text.upper():
            return
        area = _area(text, formula)
        if area is not None:
            yield formula.sheet, area
            if not self._is_name(name, formula.sheet):
                return  # where it is one, some programs mean the name and others the cell
        if "[" in text:
            yield from self._of_table(text, formula)
        elif name in self._around.tables:
            table = self._around.tables[name]
            yield table.sheet, table.area
        else:
            yield from self._of_name(text, formula, inside, formula.sheet)

    def _on_sheets(self, sheets: str, text: str, formula: Formula, inside: frozenset[str]) -> Iterator[Reference]:
        """What `Sheet!C7`, `First:Last!C7`, `Sheet!Name` and `[1]Sheet!C7` read."""
        if sheets.startswith("["):
            number = sheets[1:].partition("]")[0]
            if number.isdigit() and number != "0":
                return  # another workbook, which no job writes
            raise CannotFollowError(sheets)
        if "#REF" in text.upper():
            return
        area = _area(text, formula)
        for sheet in self._sheets(sheets):
            if area is not None:
                yield sheet, area
            else:
                yield from self._of_name(text, formula, inside, sheet)

    def _sheets(self, name: str) -> Sequence[str]:
        first, colon, last = name.lower().partition(":")
        known = self._around.by_lower
        if name.lower() in known:
            return [known[name.lower()]]
        if not colon or first not in known or last not in known:
            raise CannotFollowError(name)
        order = list(self._around.sheets)
        places = sorted((order.index(known[first]), order.index(known[last])))
        return order[places[0] : places[1] + 1]

    def _is_name(self, name: str, sheet: str) -> bool:
        return (None, name) in self._around.names or (sheet.lower(), name) in self._around.names

    def _of_name(self, name: str, formula: Formula, inside: frozenset[str], sheet: str) -> list[Reference]:
        key, names = name.lower(), self._around.names
        text = names.get((sheet.lower(), key), names.get((None, key)))
        if text is None or key in inside or len(inside) >= LONGEST_CHAIN:
            raise CannotFollowError(name)
        meant = formula.sheet, sheet, key
        if meant not in self._named:
            if _RELATIVE.search(_NO_REFERENCE.sub("", text)):
                raise CannotFollowError(name)  # it means other cells in each cell that uses it
            own = Formula(formula.sheet, formula.row, formula.column, text, formula.area)
            self._named[meant] = list(self._in_text(text.lstrip("="), own, inside | {key}))
        return self._named[meant]

    def _of_table(self, text: str, formula: Formula) -> list[Reference]:
        """What `Prices[BTC]`, `Prices[[#All],[BTC]:[ETH]]` and `[@BTC]` read: columns with heading and total."""
        match = _STRUCTURED.fullmatch(text)
        if match is None:
            raise CannotFollowError(text)
        table = self._table(match[1].lower(), formula)
        inner = match[2].strip()
        items = _ITEM.findall(inner) if inner.startswith("[") else [inner.removeprefix("@").strip("[]")]
        header = [heading.lower() for heading in table.header]
        wanted = [re.sub(r"'(.)", r"\1", item).lower() for item in items]
        columns = [item.removeprefix("@") for item in wanted if not item.startswith("#") or item in header]
        if any(column and column not in header for column in columns):
            raise CannotFollowError(text)
        area, places = table.area, [table.area.left + header.index(column) for column in columns if column]
        if not places:
            return [(table.sheet, area)]
        if "]:[" in inner.replace(" ", ""):
            return [(table.sheet, Area(area.top, min(places), area.bottom, max(places)))]
        return [(table.sheet, Area(area.top, place, area.bottom, place)) for place in places]

    def _table(self, name: str, formula: Formula) -> TablePlace:
        if name in self._around.tables:
            return self._around.tables[name]
        at = [t for t in self._around.tables.values() if t.sheet == formula.sheet and t.area.overlaps(formula.area)]
        if name or len(at) != 1:
            raise CannotFollowError(name)
        return at[0]


def _widened(found: list[Reference]) -> list[Reference]:
    """SUMIF(A1:A9, ">1", B1) reads B1:B9: each reference may be as large as the largest."""
    down = max((area.bottom - area.top for _, area in found), default=0)
    across = max((area.right - area.left for _, area in found), default=0)
    return [
        (
            sheet,
            Area(
                area.top,
                area.left,
                min(max(area.bottom, area.top + down), LAST_ROW),
                min(max(area.right, area.left + across), LAST_COLUMN),
            ),
        )
        for sheet, area in found
    ]


def _area(text: str, formula: Formula) -> Area | None:
    """The area that a text like `C7`, `$B2:C$9`, `B:C` or `2:9` names; None for a name, such as TAX2025."""
    corners = [_ADDRESS.fullmatch(corner) for corner in text.split(":")]
    if len(corners) <= 2 and all(corners):
        found = [corner for corner in corners if corner is not None]
        rows = [int(corner[4]) for corner in found]
        columns = [_column_number(corner[2]) for corner in found]
        if not min(rows) or max(rows) > LAST_ROW or max(columns) > LAST_COLUMN:
            return None
        area = Area(min(rows), min(columns), max(rows), max(columns))
        fixed_rows, fixed_columns = (all(corner[part] for corner in found) for part in (3, 1))
        return _spread(area, formula, fixed_rows, fixed_columns) if formula.shared else area
    match = _COLUMNS.fullmatch(text)
    if match is not None:
        first, last = sorted((_column_number(match[1]), _column_number(match[2])))
        return None if last > LAST_COLUMN else Area(1, first, LAST_ROW, LAST_COLUMN if formula.shared else last)
    match = _ROWS.fullmatch(text)
    if match is not None:
        first, last = sorted((int(match[1]), int(match[2])))
        if not first or last > LAST_ROW:
            return None
        return Area(1 if formula.shared else first, 1, LAST_ROW if formula.shared else last, LAST_COLUMN)
    return None


def _spread(area: Area, formula: Formula, fixed_rows: bool, fixed_columns: bool) -> Area:
    """All cells that a relative reference of a shared formula reads, over all cells that share it."""
    all_of = formula.area
    top = area.top if fixed_rows else area.top - (formula.row - all_of.top)
    bottom = area.bottom if fixed_rows else area.bottom + all_of.bottom - formula.row
    left = area.left if fixed_columns else area.left - (formula.column - all_of.left)
    right = area.right if fixed_columns else area.right + all_of.right - formula.column
    if top < 1 or left < 1 or bottom > LAST_ROW or right > LAST_COLUMN:
        return Area(1, 1, LAST_ROW, LAST_COLUMN)  # it goes on at the other edge of the sheet
    return Area(top, left, bottom, right)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
