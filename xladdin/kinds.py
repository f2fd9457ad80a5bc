"""The kinds an argument of a sheet function can have: each knows how to read itself from what a cell sends.

A kind is written into the signature next to the type, together with the help text a person reads:

    halflife: Annotated[float, Number("Half-life in rows.", above=0)] = 60.0
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import checks
from core.arrays import Array
from core.errors import ArgumentError, MissingDataError, say
from core.records import dataclass

from . import cells, plausible
from .plausible import Decimals, refuse_date_column, refuse_sizes

__all__ = [
    "Address",
    "AnnualReturn",
    "Block",
    "Choice",
    "Covariance",
    "FeeRate",
    "Flag",
    "Funding",
    "Integer",
    "Kind",
    "Labels",
    "MarginRate",
    "Number",
    "ReturnSeries",
    "Returns",
    "RiskFreeRate",
    "Rows",
    "Shock",
    "Text",
    "TimeArray",
    "Times",
    "Vector",
    "Volatility",
]

TimeArray = NDArray[np.datetime64]


@dataclass(frozen=True)
class Kind:
    """What an argument may be, and the help a person reads for it (at most 128 characters)."""

    help: str

    def read(self, value: object, name: str) -> Any:
        """The Python value of what a cell sent. Raises ArgumentError that names the argument."""
        raise NotImplementedError


@dataclass(frozen=True)
class Block(Kind):
    """A range of numbers `(T, N)`: time down the rows, contracts across; whatever is no number is NaN."""

    _: KW_ONLY
    may_be_blank: bool = False
    decimals: Decimals | None = None

    def read(self, value: object, name: str) -> Array:
        """The range as a float64 block; one without any number is an error, unless it may be blank."""
        block = cells.to_block(value, name)
        refuse_sizes(block, name)
        refuse_date_column(block, name)
        if self.decimals is not None:
            self.decimals.doubt(block, name)
        return block if self.may_be_blank else _some_number(block, name)


@dataclass(frozen=True)
class Funding(Block):
    """A range of funding rates `(T, N)`: a blank cell is `blank`; text and errors are missing (NaN), which is said."""

    _: KW_ONLY
    blank: float = np.nan
    decimals: Decimals | None = plausible.FUNDING_SETTLED

    def read(self, value: object, name: str) -> Array:
        """The range as a float64 block; one without any number is an error, unless it may be blank."""
        block = super().read(value, name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return np.where(np.isnan(block), self.blank, block)
        cells_of_block = [cell for row in cells.to_rows(value, name) for cell in row]
        blank = np.reshape([cells.is_blank(cell) for cell in cells_of_block], block.shape)
        unread = np.argwhere(np.isnan(block) & ~blank)
        if len(unread):
            row, column = unread[0]
            cell = cells_of_block[row * block.shape[1] + column]
            more = f", and {len(unread) - 1} more cells so" if len(unread) > 1 else ""
            what = cells.is_error(cell) or cells.described(cell)
            say(
                f"{name} holds {what} in row {row + 1}, column {column + 1}{more}: "
                "missing there, not zero; enter rates as numbers (0.0001 for 0.01 %), or clear cells where none settled"
            )
        return np.where(blank, self.blank, block)


@dataclass(frozen=True)
class Vector(Kind):
    """One row or one column of numbers `(N,)`; a single cell is a vector of one; whatever is no number is NaN."""

    _: KW_ONLY
    decimals: Decimals | None = None

    def read(self, value: object, name: str) -> Array:
        """The row or column as a float64 vector."""
        vector = checks.as_vector(_some_number(cells.to_block(value, name), name), name)
        refuse_sizes(vector, name)
        refuse_date_column(vector[:, np.newaxis], name)
        if self.decimals is not None:
            self.decimals.doubt(vector, name)
        return vector


@dataclass(frozen=True)
class Returns(Block):
    """Returns per bar `(T, N)`, decimals; percent points are doubted, as in the other kinds of rates."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.BAR_RETURNS


@dataclass(frozen=True)
class ReturnSeries(Vector):
    """Returns per bar of one contract or of the market `(T,)`, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.BAR_RETURNS


@dataclass(frozen=True)
class Covariance(Block):
    """A covariance matrix `(N, N)` a year, squared decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.ANNUAL_VARIANCE


@dataclass(frozen=True)
class AnnualReturn(Vector):
    """Returns a year, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.ANNUAL_RATE


@dataclass(frozen=True)
class RiskFreeRate(Vector):
    """Rates of interest a year, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.RISK_FREE_RATE


@dataclass(frozen=True)
class Volatility(Vector):
    """Volatilities a year, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.VOLATILITY


@dataclass(frozen=True)
class Shock(Vector):
    """Sudden moves of a price, or rates paid in one, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.SHOCK


@dataclass(frozen=True)
class MarginRate(Vector):
    """Margin as a share of the value, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.MARGIN_RATE


@dataclass(frozen=True)
class FeeRate(Vector):
    """Fees as a share of the value, decimals."""

    _: KW_ONLY
    decimals: Decimals | None = plausible.FEE_RATE


@dataclass(frozen=True)
class Labels(Kind):
    """One row or column of texts or numbers that say what belongs together `(N,)`; a blank is None."""

    def read(self, value: object, name: str) -> tuple[str | float | None, ...]:
        """The labels; texts without the blanks around them and in lower case, as a sheet compares them."""
        rows = cells.to_rows(value, name)
        if len(rows) > 1 and len(rows[0]) > 1:
            raise ArgumentError(f"{name} must be one row or one column, not a block of {len(rows)} x {len(rows[0])}")
        labels = (_plain(cell, name) for row in rows for cell in row)
        return tuple(label.lower() if isinstance(label, str) else label for label in labels)


@dataclass(frozen=True)
class Times(Kind):
    """One row or column of dates and times of day `(T,)`; whatever is no date is NaT."""

    def read(self, value: object, name: str) -> TimeArray:
        """The row or column as datetime64, to the second."""
        serials = checks.as_vector(_some_number(cells.to_block(value, name, dates=True), name), name)
        return cells.from_serials(serials, name)


@dataclass(frozen=True)
class Number(Kind):
    """One finite number, inside the bounds given."""

    _: KW_ONLY
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    def read(self, value: object, name: str) -> float:
        """The cell as a float inside the bounds."""
        return checks.number(
            _scalar_number(value, name),
            name,
            above=self.above,
            at_least=self.at_least,
            below=self.below,
            at_most=self.at_most,
        )


@dataclass(frozen=True)
class Integer(Number):
    """One whole number, inside the bounds given."""

    def read(self, value: object, name: str) -> int:
        """The cell as an int; a fraction is an error, not rounded."""
        number = super().read(value, name)
        if number != int(number):
            raise ArgumentError(f"{name} is {number:g}; it must be a whole number")
        return int(number)


@dataclass(frozen=True)
class Flag(Kind):
    """TRUE or FALSE; 1 and 0 will do (Calc sends them)."""

    def read(self, value: object, name: str) -> bool:
        """The cell as a bool."""
        cell = _single_cell(value, name)
        if isinstance(cell, str) and cell.strip().lower() in ("true", "false"):
            return cell.strip().lower() == "true"
        if isinstance(cell, (bool, int, float)) and cell in (0, 1):
            return bool(cell)
        raise ArgumentError(f"{name} is {cells.described(cell)}; it must be TRUE or FALSE")


@dataclass(frozen=True)
class Choice(Kind):
    """One word out of a few, in any case."""

    options: tuple[str, ...]

    def read(self, value: object, name: str) -> str:
        """The word in lower case."""
        cell = _single_cell(value, name)
        if not isinstance(cell, str):
            raise ArgumentError(f"{name} is {cells.described(cell)}; choose one of: {', '.join(self.options)}")
        return checks.choice(cell, name, self.options)


@dataclass(frozen=True)
class Text(Kind):
    """A short text in one cell, which the core understands."""

    def read(self, value: object, name: str) -> str:
        """The text without blanks around it; a number is read as it is written."""
        cell = _single_cell(value, name)
        return cell.strip() if isinstance(cell, str) else f"{checks.number(_scalar_number(cell, name), name):g}"


@dataclass(frozen=True)
class Rows(Kind):
    """A settings block: rows of a name and its values, as they stand; blanks are None, error cells are refused."""

    def read(self, value: object, name: str) -> list[list[Any]]:
        """The rows, without those that are wholly blank."""
        rows = [[_plain(cell, name) for cell in row] for row in cells.to_rows(value, name)]
        return [row for row in rows if any(cell is not None for cell in row)]


@dataclass(frozen=True)
class Address(Kind):
    """The address of a cell, as text (the host passes it; a person may type it)."""

    def read(self, value: object, name: str) -> str:
        """The address as it was given."""
        return str(_single_cell(value, name))


def _some_number(block: Array, name: str) -> Array:
    if not np.isnan(block).all():
        return block
    if block.size == 1:
        raise ArgumentError(f"{name} holds no number; select the cells that hold it")
    raise MissingDataError(
        f"{name} holds no number, all its {block.size} cells are missing; select the cells that hold it"
    )


def _single_cell(value: object, name: str) -> object:
    rows = cells.to_rows(value, name)
    if len(rows) != 1 or len(rows[0]) != 1:
        raise ArgumentError(f"{name} must be one cell, not a range of {len(rows)} x {_widest(rows)}")
    cell = rows[0][0]
    error = cells.is_error(cell)
    if error:
        raise ArgumentError(f"{name} shows {error}; mend that cell first")
    return cell


def _scalar_number(value: object, name: str) -> float:
    cell = _single_cell(value, name)
    if not isinstance(cell, cells.NUMBERS):
        raise ArgumentError(f"{name} must be a number, not {cells.described(cell)}")
    number = cells.as_float(cell)
    refuse_sizes(np.array([number]), name)
    return number


def _plain(cell: object, name: str) -> str | float | None:
    error = cells.is_error(cell)
    if error:
        raise ArgumentError(f"{name} shows {error} in one of its cells; mend that cell first")
    if cells.is_blank(cell):
        return None
    return cell.strip() if isinstance(cell, str) else checks.number(_scalar_number(cell, name), name)


def _widest(rows: Iterable[Any]) -> int:
    return max((len(row) for row in rows), default=0)
