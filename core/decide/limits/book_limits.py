"""The limits of a book: what its weights may be. Weights are notional / equity, positive long.

Cash is the collateral, so the weights need not sum to one; `net = 1` (the classical choice) holds unless `net` is
blank or `net_min` or `net_max` is stated. The collateral left after initial margin pays `funding_buffer_days` of
funding (Garleanu and Pedersen, Review of Financial Studies 24 (2011), for portfolios limited by margin).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...records import dataclass
from .exposure import Factor, Group
from .terms import Declared, declares, each, one

__all__ = ["BookLimits"]


@declares
@dataclass(frozen=True)
class BookLimits(Declared):
    """What a book may be; None is not limited. `groups` and `factors` limit weighted sums of the weights."""

    net: float | Literal["default"] | None = one(
        "sum of the weights; blank: free; 1 unless net_min or net_max is stated",
        "sum w_i = net",
        "row",
        unit="x equity",
        default="default",
        usual=20.0,
    )
    net_min: float | None = one("least sum of the weights", "sum w_i >= net_min", "row", unit="x equity", usual=20.0)
    net_max: float | None = one("greatest sum of the weights", "sum w_i <= net_max", "row", unit="x equity", usual=20.0)
    gross_max: float | None = one(
        "greatest sum of absolute weights",
        "sum |w_i| <= gross_max",
        "row of |w|",
        unit="x equity",
        at_least=0,
        usual=50.0,
    )
    min_weight: ArrayLike = each(
        "least weight; below 0 allows shorts",
        "w_i >= min_weight_i",
        "box",
        unit="x equity",
        default=0.0,
        gap=0.0,
        usual=20.0,
    )
    max_weight: ArrayLike = each(
        "greatest weight", "w_i <= max_weight_i", "box", unit="x equity", default=1.0, gap=1.0, usual=20.0
    )
    max_step: ArrayLike | None = each(
        "largest change of a weight; a blank contract is free",
        "|w_i - current_i| <= max_step_i",
        "box",
        unit="x equity",
        gap=np.inf,
        at_least=0,
        usual=20.0,
    )
    max_volume_share: float | None = one(
        "largest trade as a share of a day's volume",
        "|w_i - current_i| <= max_volume_share daily_volume_i",
        "box",
        unit="of volume",
        needs="daily_volumes",
        at_least=0,
        usual=1.0,
    )
    daily_volumes: ArrayLike | None = each(
        "notional a day / equity, one for each contract", unit="x equity", needs="max_volume_share", at_least=0
    )
    max_turnover: float | None = one(
        "greatest sum of changes of weight",
        "sum |w_i - current_i| <= max_turnover",
        "row",
        unit="x equity",
        at_least=0,
        usual=20.0,
    )
    target_beta: float | None = one(
        "beta of the book", "|sum beta_i w_i - target_beta| <= beta_tolerance", "row", needs="betas"
    )
    beta_tolerance: float = one("how far beta may be from its target", default=0.0, at_least=0)
    betas: ArrayLike | None = each("one for each contract")
    margin_buffer: float | None = one(
        "share of equity kept free of initial margin",
        "sum |w_i| IMR_i <= 1 - margin_buffer",
        "row of |w|",
        unit="of equity",
        needs="initial_margin_rates",
        at_least=0,
        below=1,
    )
    initial_margin_rates: ArrayLike | None = each(
        "IMR, 1 / max leverage of each contract", unit="of notional", at_least=0, usual=1.0
    )
    maintenance_max: float | None = one(
        "greatest maintenance margin; 1 where only its rates are stated",
        "sum |w_i| MMR_i <= maintenance_max",
        "row of |w|",
        unit="of equity",
        needs="maintenance_rates",
        at_least=0,
        usual=5.0,
    )
    maintenance_rates: ArrayLike | None = each(
        "MMR, the maintenance margin rate of each contract", unit="of notional", at_least=0, below=1, usual=0.5
    )
    funding_buffer_days: float | None = one(
        "days of funding that the equity left after initial margin must pay",
        "sum |w_i| IMR_i + days / 365 sum max(w_i f_i, 0) <= 1 - margin_buffer",
        "row of |w|",
        unit="days",
        needs="funding_rates",
        at_least=0,
    )
    funding_rates: ArrayLike | None = each(
        "f, what longs pay, one for each contract", unit="a year", needs="funding_buffer_days", usual=20.0
    )
    cvar_max: float | None = one(
        "greatest mean loss of a row of the returns in their tail",
        "mean loss of the worst 1 - cvar_level of the returns <= cvar_max",
        unit="of equity",
        usual=1.0,
    )
    groups: tuple[Group, ...] = ()
    factors: tuple[Factor, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.maintenance_rates is not None and self.maintenance_max is None:
            object.__setattr__(self, "maintenance_max", 1.0)

    def net_range(self) -> tuple[float, float]:
        """The lowest and the highest sum of weights allowed; infinite where it is free."""
        low = -np.inf if self.net_min is None else self.net_min
        high = np.inf if self.net_max is None else self.net_max
        if self.net == "default":
            return (low, high) if self.net_min is not None or self.net_max is not None else (1.0, 1.0)
        return (low, high) if self.net is None else (max(low, self.net), min(high, self.net))
