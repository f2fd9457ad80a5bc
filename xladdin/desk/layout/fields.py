"""The words a workbook is declared in: number formats, columns, tables, settings, sheets.

Nothing here knows what the desk computes; `tables`, `settings` and `sheets` say that, in these words.
"""

from __future__ import annotations

from dataclasses import Field, field
from datetime import datetime
from typing import Any, Literal

from core.records import dataclass

__all__ = [
    "BASIS_POINTS",
    "BETA",
    "COUNT",
    "FIRST_COLUMN",
    "FIRST_HEADER_ROW",
    "HEAT",
    "LENGTH",
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
    "YES_NO",
    "CellKind",
    "Column",
    "Default",
    "Measure",
    "NamedResult",
    "Page",
    "Role",
    "Setting",
    "Sheet",
    "SheetKind",
    "TableLayout",
    "declared",
    "setting",
]

MIXED = "[>=0.0001]#,##0.0000;[<=-0.0001]-#,##0.0000;0.0E+00"
"""For figures of several kinds in one column: four decimals, or the power of ten of a residual."""
TEXT = "@"
TIME = "yyyy-mm-dd hh:mm"
PERCENT = "0.00%;[Red]-0.00%"
WHOLE_PERCENT = "0%;[Red]-0%"
RATE = "0.0000%;[Red]-0.0000%"
MONEY = "#,##0;[Red]-#,##0"
HEAT = "#,##0;-#,##0"
"""Money whose sign the colour of the cell tells: red on red could not be read."""
PRICE = "[<0.1]0.00000###;[<1000]0.000##;#,##0.00"
QUANTITY = "#,##0.000###;[Red]-#,##0.000###"
"""Of contracts: more decimals where a lot is finer, so that no order reads as none."""
BETA = "0.000;[Red]-0.000"
RATIO = "0.00;[Red]-0.00"
TIMES = '0.00"x";[Red]-0.00"x"'
BASIS_POINTS = '0.0" bp"'
COUNT = "#,##0"
"""Of whole things: what is typed there must be one."""
LENGTH = "General"
"""Of bars, hours, days: 0.25 of an hour is a bar like another."""
RESIDUAL = "0.0E+00"

YES_NO = ("Y", "N")

FIRST_COLUMN = 2
"""Where tables begin unless they say otherwise: column A is the margin."""

FIRST_HEADER_ROW = 6
"""Where the headings of tables stand unless they say otherwise, below the heading band, the notes and the units."""

Role = Literal["input", "data", "result"]
"""Who fills a column: the analyst (input), Refresh from a feed (data), or a job (result)."""

SheetKind = Literal["info", "input", "data", "result"]

CellKind = Literal["number", "text", "time"]

Default = float | str | datetime | None


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, what it means, its unit, how it looks and what may stand in it.

    `blank` is what an empty input cell stands for (NaN: unknown, and that is fine); None says it must be filled.
    `later` says that desks made by an older PerpDesk do not have it; `scale` colours its numbers from low to high.
    `reach` is how many columns to its right its words may run over, which nothing else uses.
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
    later: bool = False
    scale: bool = False
    reach: int = 0

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
    `measures` are the fixed rows of a table that lists figures; other tables grow downwards, to `most_rows` where
    something stands below them. `later` says that desks made by an older PerpDesk do not have it, and `gone` names the
    columns that they have and nothing fills any more.
    """

    name: str
    sheet: str
    columns: tuple[Column, ...]
    free: Column | None = None
    first_column: int = FIRST_COLUMN
    measures: tuple[Measure, ...] = ()
    filter_buttons: bool = False
    later: bool = False
    gone: tuple[str, ...] = ()
    header_row: int = FIRST_HEADER_ROW
    most_rows: int | None = None

    @property
    def note_row(self) -> int:
        """The row of what its columns mean, two above the headings."""
        return self.header_row - 2

    @property
    def unit_row(self) -> int:
        """The row of its units, just above the headings."""
        return self.header_row - 1

    @property
    def body_row(self) -> int:
        """The first row below the headings."""
        return self.header_row + 1

    @property
    def free_columns(self) -> bool:
        """Whether columns that follow the contracts (or factors) stand after the declared ones."""
        return self.free is not None

    @property
    def blank_header(self) -> tuple[str, ...]:
        """The headings of the table while it has no contract or factor: a placeholder shows how their columns look."""
        return self.header if self.free is None else (*self.header, self.free.name)

    @property
    def unmeasured(self) -> list[list[str | None]]:
        """The rows of a table that lists figures while there are none: what is measured, blanks, what it means."""
        blanks = [None] * (len(self.columns) - 2)
        return [[measure.name, *blanks, measure.note] for measure in self.measures]

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

    `field` is its name in Python. `read_by` names the jobs whose results follow from it. `optional` says that blank has
    a meaning of its own, which the note states. `needed` says that no default stands for it where a desk lacks it.
    """

    field: str
    label: str
    unit: str
    note: str
    default: Default
    format: str
    group: str
    read_by: tuple[str, ...]
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False
    needed: bool = False

    @property
    def kind(self) -> CellKind:
        """What the cell holds, as the number format says."""
        return _kind(self.format)

    @property
    def name(self) -> str:
        """Its name in the workbook: `beta_method` is `BetaMethod`."""
        return "".join(word.capitalize() for word in self.field.split("_"))


def setting(
    label: str,
    note: str,
    default: Default,
    number_format: str,
    read_by: tuple[str, ...],
    *,
    unit: str = "",
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    needed: bool = False,
) -> Any:
    """A field of a dataclass of settings that is declared as a named cell; `| None` in its type makes it optional.

    Args:
        label: what stands beside the cell.
        note: what it means, in one line.
        default: what it ships with; None is blank.
        number_format: how it looks, which also says whether it is a number or a word.
        read_by: the jobs whose results follow from it.
        unit: of its value; none for a word or a pure number.
        choices: the words that may stand in it; none: any.
        minimum: the least value that may stand in it.
        maximum: the largest.
        needed: whether the desk itself must say it: an older one that lacks the cell has no default for it.
    """
    return field(
        metadata={
            "label": label,
            "unit": unit,
            "note": note,
            "default": default,
            "format": number_format,
            "read_by": read_by,
            "choices": choices,
            "minimum": minimum,
            "maximum": maximum,
            "needed": needed,
        }
    )


def declared(item: Field[Any], group: str) -> Setting:
    """The named cell that such a field declares, under the heading of its group."""
    return Setting(field=item.name, optional="None" in str(item.type), group=group, **item.metadata)


@dataclass(frozen=True)
class NamedResult:
    """One named cell that a job or a native formula fills; `address` is like ``$C$9`` on `sheet`."""

    name: str
    label: str
    note: str
    sheet: str
    address: str


@dataclass(frozen=True)
class Page:
    """What of a sheet is printed, on one landscape page: from the corner to a column (its letters) and a row.

    Without a row it ends with the table at its foot and grows with it.
    """

    last_column: str
    last_row: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One worksheet: its tab, the title and purpose in its heading band, and what kind of sheet it is."""

    name: str
    title: str
    purpose: str
    kind: SheetKind
    waiting: str = ""
    """What an empty sheet says of itself until the job that fills it has run."""
    page: Page | None = None
    """What of it is printed; None: all of it, one page wide."""
    beyond: str = ""
    """The title of what stands right of its page, for the screen alone; none: nothing does."""
    pages_wide: int = 1
    """Pages side by side that it is printed on, each with its first column."""


def _kind(number_format: str) -> CellKind:
    return "text" if number_format == TEXT else "time" if number_format == TIME else "number"
