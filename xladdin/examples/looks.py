"""How quantities of a desk look in the examples: number format and unit, given once for inputs and results alike.

USDT(100_000)            one cell
PRICE(60_000, 3_000)     one row
LIMIT.rows(("net", 1.0), ("max_weight", 0.5))
"""

from __future__ import annotations

from core.records import dataclass

from ..desk.layout.fields import BASIS_POINTS, COUNT, MONEY, PERCENT, PRICE, QUANTITY, RATE, RATIO

__all__ = [
    "A_YEAR",
    "BPS",
    "CONTRACTS",
    "FIGURE",
    "FLAG",
    "LIMIT",
    "MOVE",
    "PARAMETER",
    "QUOTE",
    "ROWS",
    "SETTLED",
    "SHARE",
    "SLOPE",
    "SQUARED",
    "STATISTIC",
    "TIMES_EQUITY",
    "USDT",
    "WHEN",
    "WORD",
    "Cell",
    "Given",
    "Look",
    "Rows",
]

Cell = float | str | bool | None
Rows = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Given:
    """Cells that the analyst types: rows, one number format a column, their unit, and a heading a column if any."""

    rows: Rows
    formats: tuple[str, ...]
    unit: str
    heads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """A number format and the unit that stands beside it."""

    format: str
    unit: str

    def __call__(self, *cells: Cell) -> Given:
        """One cell, or one row of them."""
        return self.rows(cells)

    def rows(self, *rows: tuple[Cell, ...]) -> Given:
        """Rows of cells; short rows end in blanks."""
        width = max(map(len, rows))
        return Given(tuple(row + (None,) * (width - len(row)) for row in rows), (self.format,) * width, self.unit)

    def column(self, *cells: Cell) -> Given:
        """One column of cells."""
        return self.rows(*((cell,) for cell in cells))


USDT = Look(MONEY, "USDT")
QUOTE = Look(PRICE, "USDT a contract")
CONTRACTS = Look(QUANTITY, "contracts")
SLOPE = Look("0.0000;[Red]-0.0000", "beta")
SHARE = Look(PERCENT, "share")
A_YEAR = Look(PERCENT, "a year")
MOVE = Look(PERCENT, "move")
SQUARED = Look("0.0000;[Red]-0.0000", "variance a year")
SETTLED = Look(RATE, "a settlement")
TIMES_EQUITY = Look('0.00"x"', "x equity")
BPS = Look(BASIS_POINTS, "basis points")
STATISTIC = Look(RATIO, "")
PARAMETER = Look("0.0000E+00", "")
FIGURE = Look("#,##0.0000;[Red]-#,##0.0000", "")
ROWS = Look(COUNT, "rows")
WHEN = Look("dd mmm hh:mm", "UTC")
WORD = Look("General", "word")
FLAG = Look("General", "TRUE or FALSE")
LIMIT = Look("General", "name, value")
