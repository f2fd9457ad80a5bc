"""All objectives by name. A new one is a class of its own and a line here; nothing else keeps a list of them."""

from __future__ import annotations

from types import MappingProxyType

from ....checks import choice
from .budget import RiskBudget
from .least_risk import MinVariance, Semivariance, TargetReturn
from .objective import Objective
from .return_for_risk import Robust, TargetVolatility, Utility
from .sharpe import MaxSharpe
from .tail import Cvar

__all__ = ["OBJECTIVES", "objective_named"]

BY_NAME: MappingProxyType[str, type[Objective]] = MappingProxyType(
    {
        each.name: each
        for each in (
            MinVariance,
            MaxSharpe,
            TargetReturn,
            TargetVolatility,
            Utility,
            Semivariance,
            Cvar,
            Robust,
            RiskBudget,
        )
    }
)

OBJECTIVES = tuple(BY_NAME)
"""Their names, as the sheet writes them."""


def objective_named(name: str) -> type[Objective]:
    """The objective of that name. Raises ArgumentError that lists the names."""
    return BY_NAME[choice(name, "objective", OBJECTIVES)]
