"""The limits of the optimiser, from Settings and Universe, and from the Limits sheet, which goes before them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.errors import ArgumentError, BookError

from .inputs import Desk, Universe

__all__ = ["desk_limits"]


SIZING_MODELS = ("volatility_target", "beta_neutral")
"""Models that decide themselves how much to hold: the net of Settings is not for them."""

Row = float | None | Array


def desk_limits(desk: Desk, included: NDArray[np.bool_], betas: Array, funding: Array) -> Limits:
    """What the book of the included contracts may be; their betas and annual funding `(n,)` are estimates.

    Raises BookError when the Limits sheet cannot be read.
    """
    _need_what_the_objective_needs(desk)
    universe = desk.universe.select(included)
    rows = {**_of_settings(desk), **_of_contracts(desk, universe, betas)}
    own = {name: values if values.size == 1 else values[included] for name, values in desk.limits.items()}
    stated = {**rows, **own}
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
        raise BookError(f"sheet 'Limits': {error}") from None


def _need_what_the_objective_needs(desk: Desk) -> None:
    objective = desk.settings.aim
    if objective == "target_volatility" and desk.settings.vol_target is None:
        raise BookError("sheet 'Settings': objective target_volatility needs VolTarget; fill it in")
    if objective == "target_return" and desk.settings.target_return is None:
        raise BookError("sheet 'Settings': objective target_return needs TargetReturn; fill it in")
    if objective == "robust" and "uncertainty" not in desk.limits:
        raise BookError(
            "sheet 'Limits': objective robust needs a row 'uncertainty': one radius, or one half-width a contract"
        )


def _of_settings(desk: Desk) -> dict[str, Row]:
    settings = desk.settings
    stated: dict[str, Row] = {
        "net": None if settings.model in SIZING_MODELS else settings.net_target,
        "gross_max": settings.gross_max,
        "max_step": settings.max_step,
        "risk_free": settings.risk_free,
        "risk_aversion": settings.risk_aversion,
        "semivariance_alpha": settings.semivariance_alpha,
        "target_beta": settings.portfolio_beta,
        "margin_buffer": settings.margin_buffer,
    }
    if settings.aim == "target_return":
        stated["target_return"] = settings.target_return
    if settings.aim == "target_volatility":
        stated["target_volatility"] = settings.vol_target
    return stated


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
