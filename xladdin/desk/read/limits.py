"""The limits of the optimiser, from Settings and Universe, and from the Limits sheet, which goes before them.

Each limit's cell is named once: its value is read from there, and a refusal tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.choices import NEEDS
from core.decide.limits.declared import Limits
from core.errors import ArgumentError, BookError

from ..layout.settings import SETTINGS
from .inputs import Desk, Universe

__all__ = ["desk_limits", "where_stated"]


SETTING_OF = {
    "net": "NetTarget",
    "gross_max": "GrossMax",
    "max_step": "MaxStep",
    "risk_free": "RiskFree",
    "risk_aversion": "RiskAversion",
    "semivariance_alpha": "SemivarianceAlpha",
    "target_beta": "PortfolioBeta",
    "margin_buffer": "MarginBuffer",
    "target_return": "TargetReturn",
    "target_volatility": "VolTarget",
    "turnover_cost": "TurnoverCost",
}
"""The cell of Settings that states a limit, where the Limits sheet does not."""

COLUMN_OF = {
    "min_weight": "MinWeight",
    "max_weight": "MaxWeight",
    "current_weights": "Position",
    "initial_margin_rates": "MaxLeverage",
    "daily_volumes": "DailyVolume",
    "maintenance_rates": "MaintenanceRate",
}
"""The column of Universe that states it."""

FIELD_OF = {setting.name: setting.field for setting in SETTINGS}

LIMITS_SHEET = "sheet 'Limits'"

NAMES = re.compile(r"\b(?!net (?:of|premium)\b)[a-z]+(?:_[a-z0-9]+)*")
"""Words of a message that may be the name of a limit; an amount net of something is none."""

UNKNOWN = " is not known"
"""What follows it in a message are the names there are, not those it is about."""

BY_OBJECTIVE = ("target_return", "target_volatility")
"""Limits whose cell is read only where the objective needs it."""

Row = float | None | Array


def desk_limits(desk: Desk, included: NDArray[np.bool_], betas: Array, funding: Array) -> Limits:
    """What the book of the contracts of a mask may be; their betas and annual funding `(n,)` are estimates.

    A contract that is held and not included stays at the weight it has.

    Raises BookError that names the cell where a limit cannot be read or is missing.
    """
    needed = _needed(desk)
    universe = desk.universe.select(included)
    rows = {**_of_settings(desk, needed), **_of_contracts(desk, universe, betas)}
    own = {name: values if values.size == 1 else values[included] for name, values in desk.limits.items()}
    stated = {**rows, **own}
    _size_by_stops(stated, universe, desk.settings.risk_per_trade)
    _hold_what_is_excluded(stated, universe, desk.settings.equity)
    # What the desk knows of each contract stands beside the limit that needs it.
    if "max_volume_share" in own:
        stated.setdefault("daily_volumes", universe.daily_volumes / desk.settings.equity)
    if "funding_buffer_days" in own:
        stated.setdefault("funding_rates", funding)
    if "maintenance_max" in own:
        stated.setdefault("maintenance_rates", universe.maintenance_rates)
    try:
        return Limits.from_rows([[name, *_cells(row)] for name, row in stated.items()], int(included.sum()))
    except ArgumentError as error:
        raise BookError(f"{where_stated(str(error), own) or LIMITS_SHEET}: {error}") from None


def _size_by_stops(stated: dict[str, Row], universe: Universe, risk: float | None) -> None:
    """Hold each weight to what loses no more than `risk` of equity at its stop. Raises BookError where it cannot be."""
    if risk is None or np.isnan(universe.stops).all():
        return
    most = np.where(universe.included, np.nan_to_num(risk / universe.stops, nan=np.inf), np.inf)
    low, high = (
        np.broadcast_to(np.nan_to_num(np.asarray(stated[name], dtype=np.float64), nan=blank), most.shape)
        for name, blank in (("min_weight", 0.0), ("max_weight", 1.0))
    )
    for column in np.flatnonzero((low > most) | (high < -most)).tolist():
        place, weight = ("MinWeight", low[column]) if low[column] > most[column] else ("MaxWeight", high[column])
        raise BookError(
            f"sheet 'Universe': {place} holds {universe.symbols[column]} at {weight:.2%} or further, and RiskPerTrade "
            f"{risk:.2%} with its Stop of {universe.stops[column]:.2%} allows {most[column]:.2%}; change one of them"
        )
    stated["min_weight"], stated["max_weight"] = np.maximum(low, -most), np.minimum(high, most)


def _hold_what_is_excluded(stated: dict[str, Row], universe: Universe, equity: float) -> None:
    """Fix the weights of the contracts that are not traded at what they are."""
    held = universe.positions * universe.contract_values / equity
    for name in ("min_weight", "max_weight"):
        row = np.broadcast_to(np.asarray(stated[name], dtype=np.float64), held.shape)
        stated[name] = row if universe.included.all() else np.where(universe.included, row, held)


def where_stated(message: str, own: Collection[str]) -> str:
    """The cells that state the limits which a message names, in its order; `own` are those of the Limits sheet.

    Nothing for limits that no cell states, such as estimates.
    """
    names = dict.fromkeys(NAMES.findall(message.partition(UNKNOWN)[0]))
    places = dict.fromkeys(_place(name, own) for name in names)
    return ", ".join(place for place in places if place)


def _place(name: str, own: Collection[str]) -> str:
    if name in own:
        return f"Limits row '{name}'"
    if name in SETTING_OF:
        return f"Settings {SETTING_OF[name]}"
    return f"Universe column {COLUMN_OF[name]}" if name in COLUMN_OF else ""


def _needed(desk: Desk) -> tuple[str, ...]:
    """The limits that the objective needs; each must stand in Settings or on the Limits sheet."""
    objective = desk.settings.aim
    needed = NEEDS.get(objective, ()) if objective is not None else ()
    for name in needed:
        cell = SETTING_OF.get(name)
        if name in desk.limits or (cell is not None and getattr(desk.settings, FIELD_OF[cell]) is not None):
            continue
        if cell is not None:
            raise BookError(f"sheet 'Settings': objective {objective} needs {cell}; fill it in")
        meaning = Limits.TERMS[name].meaning
        raise BookError(f"{LIMITS_SHEET}: objective {objective} needs a row '{name}': {meaning}")
    return needed


def _of_settings(desk: Desk, needed: Collection[str]) -> dict[str, Row]:
    """The limits of Settings; `turnover_cost` has its own cost a contract where its cell is blank."""
    settings = desk.settings
    stated: dict[str, Row] = {
        name: getattr(settings, FIELD_OF[cell])
        for name, cell in SETTING_OF.items()
        if name not in BY_OBJECTIVE or name in needed
    }
    return stated | {"net": settings.net}


def _of_contracts(desk: Desk, universe: Universe, betas: Array) -> dict[str, Row]:
    settings = desk.settings
    return {
        "min_weight": universe.min_weights,
        "max_weight": universe.max_weights,
        "current_weights": universe.positions * universe.contract_values / settings.equity,
        "turnover_cost": universe.cost_rates if settings.turnover_cost is None else settings.turnover_cost,
        "betas": betas,
        "initial_margin_rates": universe.initial_margin_rates,
    }


def _cells(row: Row) -> list[float | None]:
    return row.tolist() if isinstance(row, np.ndarray) else [row]
