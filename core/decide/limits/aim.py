"""The aim: what the objectives seek beside the limits, each figure read by the objectives of its name."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import ArgumentError
from ...records import dataclass
from .terms import Declared, declares, each, one, switch

__all__ = ["Aim"]


@declares
@dataclass(frozen=True)
class Aim(Declared):
    """What is sought, in the units of the expected returns and of their covariance."""

    target_return: float | None = one(
        "least expected return net of cost; objective target_return needs it, for others it is a limit",
        "risk_free + e(w) >= target_return",
        "row",
        unit="a year",
        usual=5.0,
    )
    target_volatility: float | None = one(
        "largest volatility, for objective target_volatility",
        "sqrt(w'S w) <= target_volatility",
        unit="a year",
        above=0,
        usual=5.0,
    )
    risk_aversion: float = one(
        "price of variance against return, for objectives utility and robust",
        "greatest e(w) - risk_aversion/2 w'S w",
        default=1.0,
        above=0,
    )
    semivariance_alpha: float = one(
        "share of variance beside downside variance, for objective semivariance",
        "least a w'S w + (1 - a) sum w_i^2 D_ii",
        default=0.5,
        at_least=0,
        at_most=1,
    )
    semivariance_full: float = switch("with the covariances of the downside too, w'D w, for objective semivariance")
    downside_threshold: float = one(
        "return below which a row is downside, for objective semivariance",
        "D_ij = mean of min(r_i - threshold, 0) min(r_j - threshold, 0)",
        unit="a row",
        default=0.0,
        usual=0.5,
    )
    cvar_level: float = one(
        "share of the rows that is not in the tail, for objective cvar and the limit cvar_max",
        "tail: the worst 1 - cvar_level of the returns",
        default=0.95,
        above=0,
        below=1,
    )
    uncertainty: ArrayLike | None = each(
        "one radius of an ellipsoid about the means, or one half-width a contract, for objective robust",
        "greatest utility at the worst means",
        at_least=0,
        usual=5.0,
    )
    budgets: ArrayLike | None = each(
        "shares of the risk, of which only the proportions count; blank: equal; for objective risk_budget",
        "w_i (S w)_i / w'S w = budget_i / sum of budgets",
        at_least=0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.budgets is not None and not np.asarray(self.budgets).any():
            raise ArgumentError("budgets are all 0; give at least one contract a share of the risk")
