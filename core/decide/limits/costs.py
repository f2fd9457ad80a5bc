"""Costs: what idle equity earns, and what it costs to trade away from the weights held."""

from __future__ import annotations

from numpy.typing import ArrayLike

from ...records import dataclass
from .terms import Declared, declares, each, one

__all__ = ["Costs"]


@declares
@dataclass(frozen=True)
class Costs(Declared):
    """What counts against the expected return, in its units (annual with annual)."""

    risk_free: float = one(
        "what idle equity earns", "e(w) = (mu - risk_free)'w - costs", unit="a year", default=0.0, usual=1.0
    )
    current_weights: ArrayLike | None = each(
        "the weights held, from which trades start; blank: all in cash", unit="x equity"
    )
    turnover_cost: ArrayLike = each(
        "cost of a unit of weight traded",
        "cost = sum turnover_cost_i |w_i - current_i|",
        unit="of traded",
        default=0.0,
        at_least=0,
        usual=0.5,
    )
    market_impact: ArrayLike = each(
        "cost of a trade's own size, beyond fee and spread",
        "cost = sum market_impact_i |w_i - current_i|^1.5",
        unit="of traded^1.5",
        default=0.0,
        at_least=0,
    )
