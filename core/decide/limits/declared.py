"""Limits: what an analyst allows a portfolio to be, declared once, checked on entry.

Weights are notional / equity, positive long. Cash is the collateral, so the weights need not sum to one; `net = 1`
(the classical choice) holds unless `net` is blank or `net_min` or `net_max` is stated.

    net_min <= sum w_i <= net_max                       min_weight_i <= w_i <= max_weight_i
    sum |w_i| <= gross_max                              |w_i - current_i| <= max_step_i
    sum |w_i - current_i| <= max_turnover               |w_i - current_i| <= max_volume_share daily_volume_i
    |sum beta_i w_i - target_beta| <= beta_tolerance    group_k_min <= sum of w_i in group k <= group_k_max
    sum |w_i| IMR_i <= 1 - margin_buffer                factor_k_min <= sum loading_i w_i <= factor_k_max
    sum |w_i| MMR_i <= maintenance_max                  expected return net of cost >= target_return

    sum |w_i| IMR_i + days / 365 sum max(w_i f_i, 0) <= 1 - margin_buffer     days = funding_buffer_days, f = funding
    mean loss of the worst 1 - cvar_level of the returns <= cvar_max

The collateral left after initial margin thus pays so many days of funding (Garleanu and Pedersen, Review of Financial
Studies 24 (2011), for portfolios limited by margin).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite, number, numbers
from ...errors import ArgumentError
from .exposure import Factor, Group
from .rows import arguments

__all__ = ["Factor", "Group", "Limits"]


GAPS_MEAN_DEFAULT = ("min_weight", "max_weight", "max_step")
"""Limits of one contract each, of which a gap means the default."""

VECTORS: dict[str, dict[str, Any]] = {
    "min_weight": {},
    "max_weight": {},
    "max_step": {"at_least": 0},
    "turnover_cost": {"at_least": 0},
    "initial_margin_rates": {"at_least": 0},
    "current_weights": {},
    "betas": {},
    "maintenance_rates": {"at_least": 0, "below": 1},
    "funding_rates": {},
    "daily_volumes": {"at_least": 0},
    "market_impact": {"at_least": 0},
    "uncertainty": {"at_least": 0},
    "budgets": {"at_least": 0},
}
"""Limits with one value a contract, and the range of each value."""

INSIDE = 0.5
"""A value inside each range of VECTORS."""

SCALARS: dict[str, dict[str, float]] = {
    "net": {},
    "net_min": {},
    "net_max": {},
    "gross_max": {"at_least": 0},
    "max_turnover": {"at_least": 0},
    "target_return": {},
    "target_volatility": {"above": 0},
    "risk_free": {},
    "risk_aversion": {"above": 0},
    "semivariance_alpha": {"at_least": 0, "at_most": 1},
    "semivariance_full": {"at_least": 0, "at_most": 1},
    "downside_threshold": {},
    "target_beta": {},
    "beta_tolerance": {"at_least": 0},
    "margin_buffer": {"at_least": 0, "below": 1},
    "maintenance_max": {"at_least": 0},
    "funding_buffer_days": {"at_least": 0},
    "max_volume_share": {"at_least": 0},
    "cvar_level": {"above": 0, "below": 1},
    "cvar_max": {},
}
"""Limits with one value, and its range."""

NEEDS = {
    "target_beta": ("betas", "one for each contract"),
    "margin_buffer": ("initial_margin_rates", "1 / max leverage of each contract"),
    "maintenance_max": ("maintenance_rates", "the maintenance margin rate of each contract"),
    "funding_buffer_days": ("funding_rates", "annual, one for each contract"),
    "funding_rates": ("funding_buffer_days", "the days of funding to hold back"),
    "max_volume_share": ("daily_volumes", "notional a day / equity, one for each contract"),
    "daily_volumes": ("max_volume_share", "the largest trade as a share of a day's volume"),
}
"""What a limit needs beside it, and what that is."""


@dataclass(frozen=True)
class Limits:
    """The limits of one optimisation; None means not limited. Values a contract are scalars or `(N,)`.

    A gap (NaN) in `min_weight`, `max_weight` or `max_step` means the default for that contract: 0, 1, free.
    `turnover_cost` is paid per unit of weight traded away from `current_weights` (blank: all in cash), and
    `market_impact` k costs k |trade|^1.5. `risk_free` is what idle equity earns, in the units of the expected returns.
    `maintenance_max` is 1 where only its rates are stated; `daily_volumes` are notional / equity; `cvar_max` is a share
    of equity lost over one row of the returns. Of the objectives: `risk_aversion` belongs to utility and robust;
    `semivariance_alpha` (share of variance), `downside_threshold` and `semivariance_full` (1: with the covariances of
    the downside) to semivariance; `target_volatility` and `cvar_level` to those of their names; `uncertainty` to robust
    (one number is the radius of an ellipsoid, one a contract the half-widths of a box); `budgets` to risk_budget.
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
    factors: tuple[Factor, ...] = ()
    maintenance_rates: ArrayLike | None = None
    maintenance_max: float | None = None
    funding_rates: ArrayLike | None = None
    funding_buffer_days: float | None = None
    daily_volumes: ArrayLike | None = None
    max_volume_share: float | None = None
    market_impact: ArrayLike = 0.0
    target_volatility: float | None = None
    semivariance_full: float = 0.0
    cvar_level: float = 0.95
    cvar_max: float | None = None
    uncertainty: ArrayLike | None = None
    budgets: ArrayLike | None = None

    def __post_init__(self) -> None:
        stated = [name for name, value in vars(self).items() if value is not getattr(Limits, name)]
        for name in stated:
            value = getattr(self, name)
            if name in SCALARS and value is not None and not (name == "net" and value == "default"):
                object.__setattr__(self, name, number(value, name, **SCALARS[name]))
            elif name in VECTORS and value is not None:
                object.__setattr__(self, name, _vector(value, name))
        for name in stated:
            if name in NEEDS and getattr(self, name) is not None and getattr(self, NEEDS[name][0]) is None:
                needed, meaning = NEEDS[name]
                raise ArgumentError(f"{name} needs {needed}, {meaning}; add a row '{needed}'")
        if self.maintenance_rates is not None and self.maintenance_max is None:
            object.__setattr__(self, "maintenance_max", 1.0)
        if self.semivariance_full not in (0.0, 1.0):
            raise ArgumentError(f"semivariance_full is {self.semivariance_full:g}; write 1 for the full matrix or 0")
        if self.budgets is not None and not np.asarray(self.budgets).any():
            raise ArgumentError("budgets are all 0; give at least one contract a share of the risk")

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], contracts: int) -> Limits:
        """The limits in a block of rows: a name, then one value or one a contract; None, "" and NaN are blanks.

        A row whose values are all blank counts as not stated, except `net`, which a blank sets free.
        Raises ArgumentError that names the row.
        """
        in_order = [field.name for field in fields(cls)]
        scalars = [name for name in in_order if name in SCALARS]
        vectors = [name for name in in_order if name in VECTORS]
        return cls(**arguments(rows, contracts, scalars, vectors, GAPS_MEAN_DEFAULT))

    @property
    def are_linear(self) -> bool:
        """Whether all is linear in weights and absolute trades: no cap on the tail, no market impact."""
        return self.cvar_max is None and not np.any(self.market_impact)

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
        if value is None or isinstance(value, float):
            return _filled(contracts, blank if value is None else value)
        if value.size == 1 and math.isfinite(only := value.item()):
            return _filled(contracts, only)
        values = value if value.shape == (contracts,) else as_vector(value, name, contracts)
        gaps = np.isnan(values)
        if not gaps.any():
            return np.asarray(values)
        return np.where(gaps, blank, values) if name in GAPS_MEAN_DEFAULT else finite(values, name)


def _filled(contracts: int, value: float) -> Array:
    vector = np.empty(contracts)
    vector.fill(value)  # a third of the time of np.full
    return vector


def _vector(value: ArrayLike, name: str) -> Array:
    """`value` as a vector whose entries are in range; gaps stay. Raises ArgumentError."""
    vector = as_vector(value, name)
    if VECTORS[name]:
        numbers(np.where(np.isnan(vector), INSIDE, vector), name, **VECTORS[name])
    return vector
