"""The policies by name, as a desk's Settings and a backtest choose them.

    classical           the mean-variance optimum of an objective
    hybrid              that optimum, tilted by the overlay
    min_variance        the least variance
    risk_budget         each contract brings its share of the risk
    volatility_target   inverse volatilities, the whole at a target volatility
    equal_weight        the same weight in each contract
    beta_neutral        equal weights, and beside them the hedge that takes their beta away

A model that seeks return falls back on the optima of less ambition, max_sharpe and min_variance, and every one at last
on the weights held. A book that looks at risk alone has no simpler one of its kind, so what is held stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...checks import choice
from .ceiling import VolatilityCeiling
from .chain import Chain
from .models import BetaNeutral, CurrentWeights, EqualWeight, Hybrid, MeanVariance, VolatilityTarget
from .protocol import Policy

__all__ = ["POLICIES", "Choices", "policy_named"]

POLICIES = (
    "classical",
    "hybrid",
    "min_variance",
    "risk_budget",
    "volatility_target",
    "equal_weight",
    "beta_neutral",
)

SIMPLER = ("max_sharpe", "min_variance")
"""Objectives that answer, in this order, where the one that was asked does not."""


@dataclass(frozen=True)
class Choices:
    """What is chosen of a policy; each reads what concerns it.

    objective           of `optimize`, for classical and hybrid
    overlay_cap         most that hybrid buys and sells together, as a share of the optimum's gross
    target_volatility   a year, for volatility_target
    max_leverage        largest gross of volatility_target
    hedge               place of the contract that beta_neutral hedges with, 0 = the first
    target_beta         of beta_neutral
    volatility_ceiling  a year; any book above it is held smaller; None: none
    falls_back          False: where the model has no answer it says so in an error, and no other is asked
    """

    objective: str = "max_sharpe"
    overlay_cap: float = 0.2
    target_volatility: float = 0.3
    max_leverage: float = 3.0
    hedge: int = 0
    target_beta: float = 0.0
    volatility_ceiling: float | None = None
    falls_back: bool = True


def policy_named(name: str, choices: Choices | None = None) -> Policy:
    """The policy of that name, one of POLICIES. Raises ArgumentError."""
    choices = choices if choices is not None else Choices()
    models = _models(name, choices)
    if choices.volatility_ceiling is not None:
        models = tuple(VolatilityCeiling(model, choices.volatility_ceiling) for model in models)
    return Chain((*models, CurrentWeights())) if choices.falls_back else models[0]


def _models(name: str, choices: Choices) -> tuple[Policy, ...]:
    """The models that answer to a name, best first."""
    optimum, *simpler = (MeanVariance(objective) for objective in dict.fromkeys((choices.objective, *SIMPLER)))
    models: dict[str, tuple[Policy, ...]] = {
        "classical": (optimum, *simpler),
        "hybrid": (Hybrid(optimum, choices.overlay_cap), optimum, *simpler),
        "min_variance": (MeanVariance("min_variance"),),
        "risk_budget": (MeanVariance("risk_budget"),),
        "volatility_target": (VolatilityTarget(choices.target_volatility, choices.max_leverage),),
        "equal_weight": (EqualWeight(),),
        "beta_neutral": (BetaNeutral(hedge=choices.hedge, target_beta=choices.target_beta),),
    }
    return models[choice(name, "policy", POLICIES)]
