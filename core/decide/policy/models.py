"""The models that a policy is made of, each a policy by itself that refuses where it has no answer.

    MeanVariance        the optimum of one objective
    Hybrid              that optimum, tilted by the overlay
    VolatilityTarget    inverse volatilities, the whole held at a target volatility
    EqualWeight         the same weight in each contract
    BetaNeutral         a core book, and beside it the hedge that takes its beta away
    CurrentWeights      what is held: nothing is traded

Each answers inside the limits of the holding. A rule that knows nothing of limits gets the nearest portfolio inside
them. Each is made once with its settings and asked as often as wanted.

Sources: Markowitz (1952); DeMiguel, Garlappi and Uppal, Review of Financial Studies 22 (2009), for equal weights;
Moreira and Muir (2017) for volatility targets.
"""

from __future__ import annotations

from dataclasses import field, replace

import numpy as np

from ...arrays import Array
from ...choices import CURRENT_WEIGHTS
from ...errors import MissingDataError
from ...estimate.volatility.methods import volatility
from ...records import dataclass
from ..hedge.beta import hedge_beta
from ..limits.declared import Limits
from ..portfolio.nearest import nearest_within
from ..portfolio.objectives.registry import objective_named
from ..portfolio.optimize import optimize
from ..portfolio.overlay import overlay
from ..size.leverage_tilt import book_at_volatility
from .outlook import Outlook
from .protocol import Holding, Policy, Target

__all__ = [
    "BetaNeutral",
    "CurrentWeights",
    "EqualWeight",
    "Hybrid",
    "MeanVariance",
    "VolatilityTarget",
    "beta_neutral_limits",
]


@dataclass(frozen=True)
class MeanVariance:
    """The optimum of one `objective` of `optimize`; the rate of idle equity is that of the limits, else of the past."""

    objective: str = "max_sharpe"

    @property
    def name(self) -> str:
        """`mean-variance, max_sharpe`."""
        return f"mean-variance, {self.objective}"

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The optimum inside the limits. One that looks at risk alone needs no expected returns."""
        risk, limits = outlook.covariance, holding.limits
        earns = objective_named(self.objective).earns or limits.target_return is not None
        expected = outlook.expected_returns if earns else np.zeros(len(risk))
        if not limits.risk_free and outlook.past.risk_free:
            limits = limits.changed(risk_free=outlook.past.risk_free)
        return Target.of(self.name, optimize(expected, risk, self.objective, limits, outlook.returns))


@dataclass(frozen=True)
class Hybrid:
    """The optimum of `base` tilted by downside-risk and variance-premium scores with at most `cap` of its gross."""

    base: MeanVariance = field(default_factory=MeanVariance)
    cap: float = 0.2

    @property
    def name(self) -> str:
        """`hybrid, max_sharpe`."""
        return f"hybrid, {self.base.objective}"

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The tilted optimum inside the limits."""
        base = self.base(outlook, holding).weights
        tilted = overlay(base, outlook.scores, self.cap, holding.limits, outlook.returns)
        return replace(Target.of(self.name, tilted), baseline=base)


@dataclass(frozen=True)
class VolatilityTarget:
    """Weights in proportion to 1 / volatility, the whole at `target_volatility` a year, gross at most `max_leverage`.

    How much to hold is what the target decides, so a net that is not stated is free.
    """

    target_volatility: float = 0.3
    max_leverage: float = 3.0
    name: str = field(default="volatility target", init=False)

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The portfolio inside the limits that is nearest to the one at the target."""
        swings = volatility(outlook.returns, "sample", outlook.past.periods_per_year)
        calm = np.divide(1.0, swings, out=np.zeros(swings.shape), where=swings > 0)
        wanted = book_at_volatility(calm, outlook.covariance, self.target_volatility, self.max_leverage).weights
        return Target.of(self.name, nearest_within(wanted, _net_free(holding.limits), returns=outlook.returns))


@dataclass(frozen=True)
class EqualWeight:
    """The same weight in each contract: net / N, for the net that the limits allow nearest to 1."""

    name: str = field(default="equal weight", init=False)

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The portfolio inside the limits that is nearest to equal weights."""
        contracts = np.size(holding.weights)
        low, high = holding.limits.net_range()
        net = min(max(1.0, low), high)
        wanted = np.full(contracts, net / contracts)
        return Target.of(self.name, nearest_within(wanted, holding.limits, returns=outlook.returns))


@dataclass(frozen=True)
class BetaNeutral:
    """A `core` policy, and beside it a position in contract `hedge` (0 = the first) that brings beta to `target_beta`.

    The limits of a single contract and the net, unless stated as `net`, are those of the core book: the hedge may be as
    short as it must. Gross, margin, turnover and groups are limits of both together; beta is the hedge's alone.
    """

    core: Policy = field(default_factory=EqualWeight)
    hedge: int = 0
    target_beta: float = 0.0
    name: str = field(default="beta neutral", init=False)

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The hedged core book."""
        core = self.core(outlook, replace(holding, limits=replace(holding.limits, target_beta=None)))
        slopes = outlook.betas
        hedge = holding.place_of(self.hedge, "hedge")
        if hedge is None:
            raise MissingDataError("the contract that beta_neutral hedges with has too few returns")
        trade = hedge_beta(core.weights, slopes, self.target_beta, slopes[[hedge]], capital=1.0).trade_notional
        wanted = core.weights.copy()
        wanted[hedge] += trade[0]
        limits = beta_neutral_limits(holding.limits, wanted, slopes, hedge, self.target_beta)
        hedged = Target.of(self.name, nearest_within(wanted, limits, returns=outlook.returns))
        return replace(hedged, baseline=core.weights, reasons=core.reasons)


@dataclass(frozen=True)
class CurrentWeights:
    """What is held stays: the policy that always answers."""

    name: str = field(default=CURRENT_WEIGHTS, init=False)

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The weights held, whatever is expected of them."""
        held = np.asarray(holding.weights)
        return Target(held, self.name, held)


def beta_neutral_limits(limits: Limits, weights: Array, betas: Array, hedge: int, target_beta: float) -> Limits:
    """The limits of a core book with its beta fixed, wide enough for the position in its hedge.

    Shapes: `weights` and `betas` `(N,)`; `hedge` is a place among them. Raises ArgumentError (lengths).
    """
    low = limits.vector("min_weight", weights.size).copy()
    high = limits.vector("max_weight", weights.size).copy()
    low[hedge], high[hedge] = min(low[hedge], weights[hedge]), max(high[hedge], weights[hedge])
    return replace(_net_free(limits), min_weight=low, max_weight=high, betas=betas, target_beta=target_beta)


def _net_free(limits: Limits) -> Limits:
    """The limits without the net of 1 that holds where none is stated."""
    return replace(limits, net=None) if limits.net == "default" else limits
