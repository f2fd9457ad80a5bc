"""The words a workbook is declared in: number formats, columns, tables, settings, sheets.

Nothing here knows what the desk computes; `tables`, `settings` and `layout` say that, in these words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "BASIS_POINTS",
    "BETA",
    "COUNT",
    "FIRST_COLUMN",
    "MIXED",
    "MONEY",
    "PERCENT",
    "PRICE",
    "QUANTITY",
    "RATE",
    "RATIO",
    "RESIDUAL",
    "TEXT",
    "TIME",
    "TIMES",
    "WHOLE_PERCENT",
    "Column",
    "Default",
    "Measure",
    "NamedResult",
    "Role",
    "Setting",
    "Sheet",
    "SheetKind",
    "TableLayout",
]

MIXED = "[>=0.0001]#,##0.0000;[=0]0;0.0E+00"
"""For figures of several kinds in one column: four decimals, or the power of ten of a residual."""
TEXT = "@"
TIME = "yyyy-mm-dd hh:mm"
PERCENT = "0.00%;[Red]-0.00%"
WHOLE_PERCENT = "0%;[Red]-0%"
RATE = "0.0000%;[Red]-0.0000%"
MONEY = "#,##0;[Red]-#,##0"
PRICE = "[<1]0.00000;[<1000]0.000;#,##0.00"
QUANTITY = "#,##0.000;[Red]-#,##0.000"
BETA = "0.000;[Red]-0.000"
RATIO = "0.00;[Red]-0.00"
TIMES = '0.00"x";[Red]-0.00"x"'
BASIS_POINTS = '0.0" bp"'
COUNT = "#,##0"
RESIDUAL = "0.0E+00"

FIRST_COLUMN = 2
"""Where tables begin unless they say otherwise: column A is the margin."""

Role = Literal["input", "data", "result"]
"""Who fills a column: the analyst (input), Refresh from a feed (data), or a job (result)."""

SheetKind = Literal["info", "input", "data", "result"]

CellKind = Literal["number", "text", "time"]

Default = float | str | None


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, what it means, its unit, how it looks and what may stand in it.

    `blank` is what an empty input cell stands for (NaN: unknown, and that is fine); None says it must be filled.
    """

    name: str
    note: str
    unit: str = ""
    format: str = TEXT
    width: float = 11
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    role: Role = "result"
    wrap: bool = False
    blank: Default = None

    @property
    def kind(self) -> CellKind:
        """What its cells hold, as the number format says."""
        return _kind(self.format)


@dataclass(frozen=True)
class Measure:
    """One fixed row of a table that lists figures: what is measured, how it looks, what it means."""

    name: str
    note: str
    format: str


@dataclass(frozen=True)
class TableLayout:
    """One Excel table: where it stands, its columns, and whether columns that follow the contracts may join them.

    `free` is the pattern of those further columns (its name is a placeholder), or None where there are none.
    `measures` are the fixed rows of a table that lists figures; other tables grow downwards.
    """

    name: str
    sheet: str
    columns: tuple[Column, ...]
    free: Column | None = None
    first_column: int = FIRST_COLUMN
    measures: tuple[Measure, ...] = ()
    filter_buttons: bool = False

    @property
    def free_columns(self) -> bool:
        """Whether columns that follow the contracts (or factors) stand after the declared ones."""
        return self.free is not None

    @property
    def header(self) -> tuple[str, ...]:
        """The declared headings, left to right."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that heading; a heading that is not declared belongs to the free columns."""
        for column in self.columns:
            if column.name == name:
                return column
        if self.free is None:
            raise KeyError(f"table {self.name} has no column {name}")
        return self.free


@dataclass(frozen=True)
class Setting:
    """One named input cell: what it is called, what it means, what may stand in it and what it ships with.

    `optional` says that blank has a meaning of its own, which the note states.
    """

    name: str
    label: str
    unit: str
    note: str
    default: Default
    format: str
    group: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False

    @property
    def kind(self) -> CellKind:
        """What the cell holds, as the number format says."""
        return _kind(self.format)

    @property
    def field(self) -> str:
        """Its name in Python: `BetaMethod` is `beta_method`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()


@dataclass(frozen=True)
class NamedResult:
    """One named cell that a job or a native formula fills; `address` is like ``$C$9`` on `sheet`."""

    name: str
    label: str
    note: str
    sheet: str
    address: str


@dataclass(frozen=True)
class Sheet:
    """One worksheet: its tab, the title and purpose in its heading band, and what kind of sheet it is."""

    name: str
    title: str
    purpose: str
    kind: SheetKind
    waiting: str = ""
    """What an empty sheet says of itself until the job that fills it has run."""


def _kind(number_format: str) -> CellKind:
    return "text" if number_format == TEXT else "time" if number_format == TIME else "number"
