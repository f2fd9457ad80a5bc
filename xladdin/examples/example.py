"""What an example is declared in: the cells that go in, and the words for what comes out.

    Example(
        "PERP_BETA_PORTFOLIO",
        inputs={"weights": SHARE(0.5, 0.5), "betas": SLOPE(1.0, 1.4)},
        shows={"": Shown(SLOPE, "0.5 x 1.0 + 0.5 x 1.4.")},
        across=("BTC", "ETH"),
    )

The answer that must come out is not declared: `answer` asks the function itself, and the tests hold that to figures
from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Protocol

from core.records import dataclass

from ..catalog import FunctionSpec, call, function
from ..cells import CellResult
from .looks import Cell, Look, Rows

__all__ = ["Answer", "Asked", "Example", "Input", "Shown"]

WHERE = "Example!$B$1"
"""Under which cell the reason of an answer is kept while it is asked for."""


@dataclass(frozen=True)
class Asked:
    """One cell with a formula of its own, about which PERP_WHY is asked: the function and the cells it is sent."""

    function: str
    cells: tuple[Cell, ...]

    @property
    def rows(self) -> Rows:
        """What the cell shows: asking for it leaves the reason behind, as a sheet would."""
        shown = call(self.function, *self.cells, caller=WHERE)
        assert not isinstance(shown, list)
        return ((shown,),)

    @property
    def formula(self) -> str:
        """The formula of the cell."""
        return f"={self.function}({','.join(f'{cell:g}' for cell in self.cells)})"


class Input(Protocol):
    """What an argument of an example can be: rows of cells that stand somewhere in the workbook."""

    @property
    def rows(self) -> Rows:
        """The cells, as a spreadsheet holds them."""


@dataclass(frozen=True)
class Shown:
    """What a figure of the answer means, and how it looks."""

    look: Look
    words: str


@dataclass(frozen=True)
class Answer:
    """What the cells must show, row by row, and what PERP_WHY says of them."""

    rows: tuple[tuple[float | str, ...], ...]
    why: str


@dataclass(frozen=True)
class Example:
    """One call of a sheet function with readable cells.

    `inputs` by argument, in the order of the function; `shows` by label of the answer ("" where it has none); `across`
    names the columns of vectors; `source` says where the figures come from. A `slip` says what is wrong on purpose.
    """

    function: str
    inputs: Mapping[str, Input]
    shows: Mapping[str, Shown] = field(default_factory=dict)
    across: tuple[str, ...] = ()
    source: str = ""
    slip: str = ""

    @property
    def spec(self) -> FunctionSpec:
        """The function as the catalogue declares it."""
        return function(self.function)

    def arguments(self) -> tuple[Input | None, ...]:
        """The inputs in the places of the function's arguments; None for one left out before the last given."""
        names = [argument.name for argument in self.spec.args]
        last = max((names.index(name) for name in self.inputs), default=-1)
        return tuple(self.inputs.get(name) for name in names[: last + 1])

    def answer(self) -> Answer:
        """What the function says to these cells."""
        sent = [_sent(argument) for argument in self.arguments()]
        shown = call(self.function, *sent, caller=WHERE)
        why = call("PERP_WHY", WHERE) if self.slip else ""
        return Answer(_as_rows(shown), str(why))


def _sent(argument: Input | None) -> object:
    """An input as a spreadsheet sends it: a lone cell as its value, a cell that is asked about by its address."""
    if argument is None:
        return None
    rows = argument.rows
    if isinstance(argument, Asked):
        return WHERE
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def _as_rows(shown: CellResult) -> tuple[tuple[float | str, ...], ...]:
    return tuple(map(tuple, shown)) if isinstance(shown, list) else ((shown,),)
