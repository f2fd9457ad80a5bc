"""The policies by name, as a desk's Settings and a backtest choose them.

    classical           the mean-variance optimum of an objective
    hybrid              that optimum, tilted by the overlay
    learned             that optimum on premia that a model corrects, behind its guard
    min_variance        the least variance
    risk_budget         each contract brings its share of the risk
    volatility_target   inverse volatilities, the whole at a target volatility
    equal_weight        the same weight in each contract
    beta_neutral        equal weights, and beside them the hedge that takes their beta away

    reinforced          that optimum, tilted by what a trained policy has learned, behind its guard; the desk's alone

A model that seeks return falls back on the optimum of less ambition, max_sharpe; where no model has an answer, what was
chosen for that decides. Around each stands what is chosen of it, in this order from the model outwards:

    leverage tilt, hedge, volatility, drawdown buffer        of each model that answers, also in the place of another
    no-trade band, clock, month's stop                       of whatever answered

What is held because nothing else answered is not made smaller each time anew: it was when it was bought.
"""

from __future__ import annotations

from dataclasses import field

from ...checks import choice
from ...choices import DESK_POLICIES, REINFORCED
from ...records import dataclass
from .around.band import Banded
from .around.buffer import Buffered
from .around.ceiling import VolatilityCeiling
from .around.guarded import Guarded
from .around.hedged import Hedged, Loadings
from .around.month_stop import MonthStop
from .around.steady import SteadyVolatility
from .around.tilts import Tilted
from .around.timed import Timed
from .chain import Chain
from .clock import Clock
from .learned.tilt import LearnedTilt
from .learned.trained import TrainedTilt
from .learned_premia import LearnedPremia
from .models import BetaNeutral, CurrentWeights, EqualWeight, Hybrid, MeanVariance, VolatilityTarget
from .protocol import Policy
from .unanswered import Cash, Unanswered, in_place_of_a_model

__all__ = [
    "Choices",
    "HedgeChoices",
    "Sizes",
    "base_to_tilt",
    "policy_named",
]

ALWAYS_ANSWER = (Cash, CurrentWeights)
"""What is neither a model nor made larger or smaller."""


@dataclass(frozen=True)
class HedgeChoices:
    """The hedge beside a book: its contracts (places, 0 = the first) and what `Hedged` asks else."""

    contracts: tuple[int, ...]
    target: float = 0.0
    loadings: Loadings | None = None


@dataclass(frozen=True)
class Sizes:
    """What makes a book larger or smaller; None: it does not.

    volatility_ceiling  a year; a book above it is held smaller
    volatility          a year; a book is held smaller or larger to swing as much
    leverage_tilt       one of TILTS
    tilt_most           largest multiple of a weight by that tilt
    tilt_reference      premium a year at which a weight stays as it is, of a tilt by premium
    max_drawdown        share of the peak that may be lost; more is held in reserve the nearer it is
    reserve             share of equity kept in reserve even at the peak, beside max_drawdown
    """

    volatility_ceiling: float | None = None
    volatility: float | None = None
    leverage_tilt: str | None = None
    tilt_most: float = 1.5
    tilt_reference: float = 0.25
    max_drawdown: float | None = None
    reserve: float = 0.0

    def tilted(self, policy: Policy) -> Policy:
        """The policy with its weights tilted, each for itself."""
        if self.leverage_tilt is None:
            return policy
        return Tilted(policy, self.leverage_tilt, self.tilt_most, self.tilt_reference)

    def sized(self, policy: Policy) -> Policy:
        """The policy, the whole of it sized."""
        if self.volatility_ceiling is not None:
            policy = VolatilityCeiling(policy, self.volatility_ceiling)
        if self.volatility is not None:
            policy = SteadyVolatility(policy, self.volatility)
        return policy if self.max_drawdown is None else Buffered(policy, self.max_drawdown, self.reserve)


@dataclass(frozen=True)
class Choices:
    """What is chosen of a policy; each reads what concerns it.

    objective           of `optimize`, for classical, hybrid and learned
    overlay_cap         most that hybrid buys and sells together, as a share of the optimum's gross; that learned buys
    target_volatility   a year, for volatility_target
    max_leverage        largest gross of volatility_target
    hedge               place of the contract that beta_neutral hedges with, 0 = the first
    target_beta         of beta_neutral
    hedged              the hedge beside any book; None: none
    sizes               what makes any book larger or smaller
    no_trade_band       of equity; a weight that is nearer to the one wanted is not traded
    band_aim            where a trade goes that leaves it: target or edge
    clock               when to trade; None: whenever asked
    month_stop          fall from the month's high, a share, after which all is closed until it ends; None: none
    when_unanswered     one of WHEN_UNANSWERED, where falls_back
    falls_back          False: where the model has no answer it says so in an error, and no other is asked
    trained             what reinforced has learned, or why there is nothing that it may follow
    """

    objective: str = "max_sharpe"
    overlay_cap: float = 0.2
    target_volatility: float = 0.3
    max_leverage: float = 3.0
    hedge: int = 0
    target_beta: float = 0.0
    hedged: HedgeChoices | None = None
    sizes: Sizes = field(default_factory=Sizes)
    no_trade_band: float = 0.0
    band_aim: str = "edge"
    clock: Clock | None = None
    month_stop: float | None = None
    when_unanswered: str = "min_variance"
    falls_back: bool = True
    trained: TrainedTilt | str = "no trained policy is given"

    def around(self, model: Policy) -> Policy:
        """A model tilted, hedged and at its size; what always answers stays as it is."""
        if isinstance(model, ALWAYS_ANSWER):
            return model
        model = self.sizes.tilted(model)
        if self.hedged is not None:
            model = Hedged(model, self.hedged.contracts, self.hedged.target, self.hedged.loadings)
        return self.sizes.sized(model)


def policy_named(name: str, choices: Choices | None = None) -> Policy:
    """The policy of that name, one of DESK_POLICIES, with all that is chosen around it. Raises ArgumentError."""
    choices = choices if choices is not None else Choices()
    models = _models(name, choices)
    if choices.falls_back:
        asked = dict.fromkeys((*models, *in_place_of_a_model(choices.when_unanswered)))
        found: Policy = Chain(tuple(choices.around(each) for each in asked))
    else:
        found = choices.around(models[0])
    if choices.no_trade_band:
        found = Banded(found, choices.no_trade_band, choices.band_aim)
    if choices.clock is not None:
        found = Timed(found, choices.clock)
    return found if choices.month_stop is None else MonthStop(found, choices.month_stop)


def base_to_tilt(choices: Choices) -> Policy:
    """What a trained policy tilts: the first optimum that answers, not made larger or smaller."""
    optima = _optima(choices)
    if not choices.falls_back:
        return optima[0]
    return Chain((*optima, *(each for each in in_place_of_a_model(choices.when_unanswered) if _is_optimum(each))))


def _is_optimum(policy: Policy) -> bool:
    return isinstance(policy, MeanVariance)


def _optima(choices: Choices) -> tuple[MeanVariance, ...]:
    return tuple(MeanVariance(each) for each in dict.fromkeys((choices.objective, "max_sharpe")))


def _reinforced(choices: Choices) -> Policy:
    """The tilt behind its guard, or what says why there is none."""
    trained = choices.trained
    if isinstance(trained, str):
        return Unanswered(REINFORCED, trained)
    tilt = LearnedTilt(trained.rule, trained.cap)
    return Guarded(tilt, base_to_tilt(choices), trained.judgement, trained.cap)


def _models(name: str, choices: Choices) -> tuple[Policy, ...]:
    """The models that answer to a name, best first."""
    optimum, *simpler = _optima(choices)
    models: dict[str, tuple[Policy, ...]] = {
        "classical": (optimum, *simpler),
        "hybrid": (Hybrid(optimum, choices.overlay_cap), optimum, *simpler),
        "learned": (LearnedPremia(optimum, choices.overlay_cap), optimum, *simpler),
        REINFORCED: (_reinforced(choices), optimum, *simpler),
        "min_variance": (MeanVariance("min_variance"),),
        "risk_budget": (MeanVariance("risk_budget"),),
        "volatility_target": (VolatilityTarget(choices.target_volatility, choices.max_leverage),),
        "equal_weight": (EqualWeight(),),
        "beta_neutral": (BetaNeutral(hedge=choices.hedge, target_beta=choices.target_beta),),
    }
    return models[choice(name, "policy", DESK_POLICIES)]
