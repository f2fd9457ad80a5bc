"""What configurations may differ in: settings, terms of the contracts on Universe, rows of Limits.

    Window, Model ...          any setting that Backtest reads, as `--set` has it
    TakerFeeBps, MaxWeight ... a column of Universe, one value for all contracts
    max_volume_share ...       a row of Limits, one value for all contracts; blank takes the row out

A value is read and refused as the cell would be, before anything runs. What the sweep counts itself, or what describes
the one history of all, is not varied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Literal

import numpy as np

from core.checks import number
from core.decide.limits.declared import Limits
from core.errors import ArgumentError, BookError
from core.records import dataclass
from core.units import BASIS_POINT

from ..books.workbook import CellValue
from ..cells import is_blank
from ..desk.layout.fields import CellKind, Column, Setting
from ..desk.layout.sheets import SETTINGS, TABLES
from ..desk.read.cells import checked
from ..desk.read.inputs import Desk
from ..desk.read.typed import nearest_names, typed_value

__all__ = ["Value", "Variable", "changed", "variable"]

Value = float | str | datetime | None
"""What a cell would hold; None: blank."""

NOT_VARIED = {
    "BarHours": "it describes the history, which is one for all",
    "HistoryFile": "it names the history, which is one for all",
    "Trials": "the sweep counts its trials itself; on Settings it says how many were tried before",
    "Seed": "no figure of a sweep is drawn by chance",
}
"""Settings that Backtest reads and a sweep does not vary, and why."""

COLUMNS = {
    "TakerFeeBps": "fee_rates",
    "SlippageBps": "slippage_rates",
    "Lot": "lots",
    "MaxLeverage": "initial_margin_rates",
    "MinWeight": "min_weights",
    "MaxWeight": "max_weights",
}
"""Columns of Universe, and what `inputs.Universe` calls them."""

NOT_LIMITS = ("betas", "current_weights")
"""Rows of Limits that are estimates or what is held."""


@dataclass(frozen=True)
class Variable:
    """One of them: its name, where it stands and what its cell holds."""

    name: str
    place: Literal["setting", "column", "limit"]
    kind: CellKind
    declared: Setting | Column | None = None

    def typed(self, text: str, said: str) -> Value:
        """The value that somebody typed. Raises ArgumentError that begins with what was `said`."""
        return self.checked(typed_value(text, self.kind, self.name, said), said)

    def checked(self, value: CellValue, said: str) -> Value:
        """The value as its cell would be read; `said` is what a refusal begins with. Raises ArgumentError."""
        if is_blank(value) and (self.declared is None or _may_be_blank(self.declared)):
            return None
        try:
            if self.declared is None:
                return number(_as_number(value), self.name, **Limits.TERMS[self.name].within)
            return checked(value, self.declared, said)
        except ArgumentError as error:
            raise ArgumentError(f"{said}: {error}") from None
        except BookError as error:
            raise ArgumentError(str(error)) from None


def _as_number(value: CellValue) -> float:
    """NaN where it is none, which is refused as a number out of range."""
    return float(value) if isinstance(value, float | int) else float("nan")


def _may_be_blank(declared: Setting | Column) -> bool:
    return isinstance(declared, Setting) and declared.optional


@cache
def _variables() -> dict[str, Variable]:
    """All of them, by name in small letters."""
    columns = {column.name: column for column in TABLES["Universe"].columns}
    found = [
        *(Variable(each.name, "setting", each.kind, each) for each in SETTINGS if "backtest" in each.read_by),
        *(Variable(name, "column", "number", columns[name]) for name in COLUMNS),
        *(Variable(name, "limit", "number") for name in Limits.TERMS if name not in NOT_LIMITS),
    ]
    return {each.name.lower(): each for each in found if each.name not in NOT_VARIED}


def variable(word: str, said: str) -> Variable:
    """The variable of that name, whatever its capitals. Raises ArgumentError that begins with what was `said`."""
    found = _variables().get(word.strip().lower())
    if found is not None:
        return found
    known = {name.lower(): reason for name, reason in NOT_VARIED.items()}
    known |= {each.name.lower(): "Backtest does not read it" for each in SETTINGS if "backtest" not in each.read_by}
    if word.strip().lower() in known:
        raise ArgumentError(f"{said}: {word.strip()} cannot be varied: {known[word.strip().lower()]}")
    nearest = nearest_names(word, (each.name for each in _variables().values()))
    raise ArgumentError(f"{said}: write NAME=VALUE with the name of a setting; nearest: {nearest}")


def changed(desk: Desk, values: Mapping[str, Value]) -> Desk:
    """The desk with these values by name, each as a variable has checked it."""
    settings: dict[str, Any] = {}
    universe: dict[str, Any] = {}
    limits = dict(desk.limits)
    for name, value in values.items():
        varied = _variables()[name.lower()]
        if isinstance(varied.declared, Setting):
            settings[varied.declared.field] = value
        elif varied.place == "column":
            universe[COLUMNS[name]] = np.full(len(desk.universe.symbols), _in_universe(name, value))
        elif value is None:
            limits.pop(name, None)
        else:
            limits[name] = np.array([value])
    return replace(
        desk,
        settings=replace(desk.settings, **settings) if settings else desk.settings,
        universe=replace(desk.universe, **universe) if universe else desk.universe,
        limits=limits,
    )


def _in_universe(name: str, value: Value) -> float:
    """A value of a column as `inputs.Universe` has it."""
    figure = float(value) if isinstance(value, float | int) else np.nan
    if name.endswith("Bps"):
        return figure * BASIS_POINT
    return 1 / figure if name == "MaxLeverage" else figure
