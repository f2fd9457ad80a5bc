"""All objectives by name. A new one is a class of its own, a line here and its name among the choices."""

from __future__ import annotations

from types import MappingProxyType

from ....checks import choice
from ....choices import OBJECTIVES
from .budget import RiskBudget
from .least_risk import MinVariance, Semivariance, TargetReturn
from .objective import Objective
from .return_for_risk import Robust, TargetVolatility, Utility
from .sharpe import MaxSharpe
from .tail import Cvar

__all__ = ["objective_named"]

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


def objective_named(name: str) -> type[Objective]:
    """The objective of that name. Raises ArgumentError that lists the names."""
    return BY_NAME[choice(name, "objective", OBJECTIVES)]
