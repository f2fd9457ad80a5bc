"""Limits: what an analyst allows a portfolio to be, declared once, checked on entry.

Weights are notional / equity, positive long. Cash is the collateral, so the weights need not sum to one; `net = 1`
(the classical choice) holds unless `net` is blank or `net_min` or `net_max` is stated.

    net_min <= sum w_i <= net_max                       min_weight_i <= w_i <= max_weight_i
    sum |w_i| <= gross_max                              |w_i - current_i| <= max_step_i
    |sum beta_i w_i - target_beta| <= beta_tolerance    sum |w_i - current_i| <= max_turnover
    sum |w_i| IMR_i <= 1 - margin_buffer                sum of w_i in group k <= group_k_max
    expected return net of cost >= target_return
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_vector, finite, nearest, number
from ..errors import ArgumentError

__all__ = ["Group", "Limits"]

Array = NDArray[np.float64]

LATER = ("target_volatility", "maintenance_rates", "cvar_level", "cvar_max", "uncertainty", "budgets")
"""Names of the function contract whose objectives are not part of this version; a row that states one is refused."""

VECTORS = ("min_weight", "max_weight", "max_step", "turnover_cost", "initial_margin_rates", "current_weights", "betas")
GAPS_MEAN_DEFAULT = ("min_weight", "max_weight", "max_step")


@dataclass(frozen=True)
class Group:
    """Contracts whose weights together may not exceed `maximum`; `members` is `(N,)` of 0 and 1."""

    name: str
    members: Array
    maximum: float


@dataclass(frozen=True)
class Limits:
    """The limits of one optimisation; None means not limited. Values a contract are scalars or `(N,)`.

    A gap (NaN) in `min_weight`, `max_weight` or `max_step` means the default for that contract: 0, 1, free.
    `turnover_cost` is paid per unit of weight traded away from `current_weights` (blank: all in cash).
    `risk_free` is what idle equity earns, in the units of the expected returns. `risk_aversion` belongs to
    utility; `semivariance_alpha` (share of variance) and `downside_threshold` to semivariance.
    Raises ArgumentError, MissingDataError.
    """

    net: float | Literal["default"] | None = "default"
    net_min: float | None = None
    net_max: float | None = None
    gross_max: float | None = None
    min_weight: ArrayLike = 0.0
    max_weight: ArrayLike = 1.0
    max_step: ArrayLike | None = None
    current_weights: ArrayLike | None = None
    turnover_cost: ArrayLike = 0.0
    max_turnover: float | None = None
    target_return: float | None = None
    risk_free: float = 0.0
    risk_aversion: float = 1.0
    semivariance_alpha: float = 0.5
    downside_threshold: float = 0.0
    betas: ArrayLike | None = None
    target_beta: float | None = None
    beta_tolerance: float = 0.0
    initial_margin_rates: ArrayLike | None = None
    margin_buffer: float | None = None
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        bounds: dict[str, dict[str, float]] = {
            "gross_max": {"at_least": 0},
            "max_turnover": {"at_least": 0},
            "risk_aversion": {"above": 0},
            "semivariance_alpha": {"at_least": 0, "at_most": 1},
            "beta_tolerance": {"at_least": 0},
            "margin_buffer": {"at_least": 0, "below": 1},
        }
        scalars = ("net", "net_min", "net_max", "target_return", "risk_free", "downside_threshold", "target_beta")
        for name in (*scalars, *bounds):
            value = getattr(self, name)
            if value is not None and value != "default":
                object.__setattr__(self, name, number(value, name, **bounds.get(name, {})))
        for name in VECTORS:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, as_vector(getattr(self, name), name))
        for name in ("turnover_cost", "max_step", "initial_margin_rates"):
            values = getattr(self, name)
            if values is not None and (values < 0).any():
                raise ArgumentError(f"{name} is {values[values < 0][0]:g}; it must be at least 0")
        if self.target_beta is not None and self.betas is None:
            raise ArgumentError("target_beta needs betas, one for each contract; add a row 'betas'")
        if self.margin_buffer is not None and self.initial_margin_rates is None:
            raise ArgumentError("margin_buffer needs initial_margin_rates (1 / max leverage); add a row of them")

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], contracts: int) -> Limits:
        """The limits in a block of rows: a name, then one value or one a contract; None, "" and NaN are blanks.

        A row whose values are all blank counts as not stated, except `net`, which a blank sets free.
        Raises ArgumentError that names the row.
        """
        stated = _values_by_name(rows)
        group_names = [name for name in stated if re.fullmatch(r"group_[1-9]\d*", name)]
        group_parts = {*group_names, *(f"{name}_max" for name in group_names)}
        known = [field.name for field in fields(cls) if field.name != "groups"]
        arguments: dict[str, Any] = {}
        for name, values in stated.items():
            if name in LATER:
                raise ArgumentError(f"limits row '{name}' is not available in this version; leave that row out")
            if name in group_parts:
                continue
            if name not in known:
                suggestion = nearest(name, [*known, "group_1", "group_1_max"])
                raise ArgumentError(f"limits row '{name}' is not known{suggestion}; the names are: {', '.join(known)}")
            if values:
                arguments[name] = _vector(name, values, contracts) if name in VECTORS else _scalar(name, values)
            elif name == "net":
                arguments["net"] = None
        groups = tuple(_group(name, stated, contracts) for name in group_names if stated[name])
        return cls(**arguments, groups=groups)

    def net_range(self) -> tuple[float, float]:
        """The lowest and the highest sum of weights allowed; infinite where it is free."""
        low = -np.inf if self.net_min is None else self.net_min
        high = np.inf if self.net_max is None else self.net_max
        if self.net == "default":
            return (low, high) if self.net_min is not None or self.net_max is not None else (1.0, 1.0)
        return (low, high) if self.net is None else (max(low, self.net), min(high, self.net))

    def vector(self, name: str, contracts: int, blank: float = 0.0) -> Array:
        """A limit that has one value a contract as `(N,)`; `blank` where it is not stated. Raises ArgumentError."""
        value = getattr(self, name)
        if value is None:
            return np.full(contracts, blank)
        values = as_vector(value, name, contracts)
        return np.where(np.isnan(values), blank, values) if name in GAPS_MEAN_DEFAULT else finite(values, name)


def _values_by_name(rows: Sequence[Sequence[Any]]) -> dict[str, list[float | None]]:
    """Each named row's values, blanks at the end cut off."""
    stated: dict[str, list[float | None]] = {}
    for position, row in enumerate(rows, start=1):
        name = "" if not row or row[0] is None else str(row[0]).strip().lower()
        values = [_value(cell, name, column) for column, cell in enumerate(row[1:], start=1)]
        while values and values[-1] is None:
            values.pop()
        if not name:
            if values:
                raise ArgumentError(f"limits row {position} has values but no name; write the limit's name in front")
            continue
        if name in stated:
            raise ArgumentError(f"limits row '{name}' is stated twice; keep one of them")
        stated[name] = values
    return stated


def _value(cell: Any, name: str, column: int) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"limits row '{name}' holds {cell!r} as value {column}; write a number or leave it blank"
        ) from None
    return None if np.isnan(value) else value


def _scalar(name: str, values: list[float | None]) -> float:
    value = values[0]
    if len(values) != 1 or value is None:
        raise ArgumentError(f"limits row '{name}' takes one value, written right beside the name")
    return value


def _vector(name: str, values: list[float | None], contracts: int) -> Array:
    vector = np.array([np.nan if value is None else value for value in values])
    if len(vector) == 1:
        return vector
    if len(vector) > contracts or (len(vector) < contracts and name not in GAPS_MEAN_DEFAULT):
        raise ArgumentError(
            f"limits row '{name}' has {len(vector)} values; it takes 1 or {contracts}, one for each contract"
        )
    return np.concatenate([vector, np.full(contracts - len(vector), np.nan)])


def _group(name: str, stated: dict[str, list[float | None]], contracts: int) -> Group:
    maximum = stated.get(f"{name}_max")
    if not maximum:
        raise ArgumentError(f"limits row '{name}' needs a row '{name}_max' with the largest sum of its weights")
    members = np.array([0.0 if value is None else value for value in stated[name]])
    if len(members) > contracts or not np.isin(members, (0.0, 1.0)).all() or not members.any():
        raise ArgumentError(f"limits row '{name}' takes 1 (in the group) or 0 for each of the {contracts} contracts")
    padded = np.concatenate([members, np.zeros(contracts - len(members))])
    return Group(name, padded, _scalar(f"{name}_max", maximum))
