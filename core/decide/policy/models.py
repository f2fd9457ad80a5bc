"""The policies: classical, hybrid, volatility target, risk budget, equal weight, minimum variance, beta-neutral.

    classical           the mean-variance optimum
    hybrid              the classical optimum, tilted by the overlay; classical where the overlay has no answer
    volatility_target   inverse volatilities, the whole held at a target volatility
    risk_budget         each contract brings its share of the risk
    equal_weight        the same weight in each contract
    min_variance        the least variance
    beta_neutral        a core book, and beside it the hedge that takes its beta away

Each answers inside the book's limits, or keeps the current weights and says why. A rule that knows nothing of limits
gets the nearest portfolio inside them. Each is made once with its settings and asked as often as wanted.

Sources: Markowitz (1952); DeMiguel, Garlappi and Uppal, Review of Financial Studies 22 (2009), for equal weights;
Moreira and Muir (2017) for volatility targets; Maillard, Roncalli and Teiletche (2010) for risk budgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ...arrays import Array
from ...checks import whole
from ...estimate.covariance.methods import covariance
from ...estimate.volatility.methods import volatility
from ..hedge.beta import hedge_beta
from ..limits.declared import Limits
from ..portfolio.nearest import nearest_within
from ..portfolio.optimize import optimize
from ..portfolio.overlay import overlay
from ..size.leverage_tilt import book_at_volatility
from .fallback import first_that_answers
from .outlook import betas, expected_returns, scores
from .protocol import Book, Past, Policy, Target

__all__ = [
    "POLICIES",
    "BetaNeutralOverlay",
    "Classical",
    "EqualWeight",
    "Hybrid",
    "MinVariance",
    "RiskBudget",
    "VolatilityTarget",
]

KEPT = "current weights"
"""The model that answers when no other does."""


@dataclass(frozen=True)
class Classical:
    """Mean-variance: `objective` of `optimize` on expected returns by beta and a covariance by their methods."""

    objective: str = "max_sharpe"
    covariance_method: str = "ledoit_wolf"
    beta_method: str = "ols"

    def __call__(self, past: Past, book: Book) -> Target:
        """The optimum inside the limits, or the current weights."""
        return _target(book, ("classical", lambda: self.weights(past, book)))

    def weights(self, past: Past, book: Book) -> Array:
        """The optimum `(N,)`, without fallback. Raises as `optimize` and the estimators do."""
        mu = expected_returns(past, self.beta_method)
        risk = covariance(past.returns, self.covariance_method, past.periods_per_year)
        limits = replace(book.limits, risk_free=past.risk_free)
        return optimize(mu, risk, self.objective, limits, past.returns).weights


@dataclass(frozen=True)
class Hybrid:
    """The classical optimum tilted by downside-risk and variance-premium scores, at most `cap` of gross one way."""

    classical: Classical = field(default_factory=Classical)
    cap: float = 0.2

    def __call__(self, past: Past, book: Book) -> Target:
        """The tilted optimum inside the limits, or the optimum, or the current weights."""
        return _target(
            book,
            ("hybrid", lambda: self.weights(past, book)),
            ("classical", lambda: self.classical.weights(past, book)),
        )

    def weights(self, past: Past, book: Book) -> Array:
        """The tilted optimum `(N,)`, without fallback."""
        return overlay(self.classical.weights(past, book), scores(past), self.cap, book.limits, past.returns).weights


@dataclass(frozen=True)
class VolatilityTarget:
    """Weights in proportion to 1 / volatility, the whole at `target_volatility` a year, gross at most `max_leverage`.

    How much to hold is what the target decides, so a net that is not stated is free.
    """

    target_volatility: float = 0.3
    max_leverage: float = 3.0
    covariance_method: str = "ledoit_wolf"

    def __call__(self, past: Past, book: Book) -> Target:
        """The portfolio inside the limits that is nearest to the one at the target, or the current weights."""
        return _target(book, ("volatility target", lambda: self._weights(past, book)))

    def _weights(self, past: Past, book: Book) -> Array:
        swings = volatility(past.returns, "sample", past.periods_per_year)
        calm = np.divide(1.0, swings, out=np.zeros(swings.shape), where=swings > 0)
        risk = covariance(past.returns, self.covariance_method, past.periods_per_year)
        wanted = book_at_volatility(calm, risk, self.target_volatility, self.max_leverage)
        return nearest_within(wanted.weights, _net_free(book.limits), returns=past.returns).weights


@dataclass(frozen=True)
class RiskBudget:
    """Each contract brings its share of the variance: the `budgets` of the limits, equal ones where none are stated."""

    covariance_method: str = "ledoit_wolf"

    def __call__(self, past: Past, book: Book) -> Target:
        """The risk budget portfolio inside the limits, or the current weights."""
        return _target(book, ("risk budget", lambda: _by_risk("risk_budget", self.covariance_method, past, book)))


@dataclass(frozen=True)
class MinVariance:
    """The least variance inside the limits; it needs no expected returns."""

    covariance_method: str = "ledoit_wolf"

    def __call__(self, past: Past, book: Book) -> Target:
        """The portfolio of least variance, or the current weights."""
        return _target(book, ("min variance", lambda: _by_risk("min_variance", self.covariance_method, past, book)))


@dataclass(frozen=True)
class EqualWeight:
    """The same weight in each contract: net / N, for the net that the limits allow nearest to 1."""

    def __call__(self, past: Past, book: Book) -> Target:
        """The portfolio inside the limits that is nearest to equal weights, or the current weights."""
        return _target(book, ("equal weight", lambda: self._weights(past, book)))

    def _weights(self, past: Past, book: Book) -> Array:
        contracts = np.size(book.weights)
        low, high = book.limits.net_range()
        net = min(max(1.0, low), high)
        return nearest_within(np.full(contracts, net / contracts), book.limits, returns=past.returns).weights


@dataclass(frozen=True)
class BetaNeutralOverlay:
    """A `core` policy, and beside it a position in contract `hedge` (0 = the first) that brings beta to `target_beta`.

    The limits of a single contract and the net, unless stated as `net`, are those of the core book: the hedge may be as
    short as it must. Gross, margin, turnover and groups are limits of both together.
    """

    core: Policy = field(default_factory=EqualWeight)
    hedge: int = 0
    target_beta: float = 0.0
    beta_method: str = "ols"

    def __call__(self, past: Past, book: Book) -> Target:
        """The hedged core book, or the current weights."""
        core = self.core(past, book)
        hedged = _target(book, ("beta neutral", lambda: self._hedged(core.weights, past, book)))
        return replace(hedged, reasons=core.reasons + hedged.reasons)

    def _hedged(self, core: Array, past: Past, book: Book) -> Array:
        hedge = whole(self.hedge, "hedge", at_least=0, at_most=core.size - 1)
        slopes = betas(past, self.beta_method)
        trade = hedge_beta(core, slopes, self.target_beta, slopes[[hedge]], capital=1.0).trade_notional
        wanted = core.copy()
        wanted[hedge] += trade[0]
        return nearest_within(wanted, self._limits(book.limits, wanted, slopes), returns=past.returns).weights

    def _limits(self, limits: Limits, wanted: Array, slopes: Array) -> Limits:
        """The book's limits with the beta fixed, wide enough for the hedge that is wanted."""
        low, high = limits.vector("min_weight", wanted.size), limits.vector("max_weight", wanted.size)
        low[self.hedge] = min(low[self.hedge], wanted[self.hedge])
        high[self.hedge] = max(high[self.hedge], wanted[self.hedge])
        return replace(_net_free(limits), min_weight=low, max_weight=high, betas=slopes, target_beta=self.target_beta)


POLICIES: dict[str, Policy] = {
    "classical": Classical(),
    "hybrid": Hybrid(),
    "volatility_target": VolatilityTarget(),
    "risk_budget": RiskBudget(),
    "equal_weight": EqualWeight(),
    "beta_neutral": BetaNeutralOverlay(),
    "min_variance": MinVariance(),
}
"""Each policy by its name, with its usual settings."""


def _target(book: Book, *models: tuple[str, Callable[[], Array]]) -> Target:
    """What the first of the models that can answers, the current weights where none can."""
    answer = first_that_answers([*models, (KEPT, lambda: np.asarray(book.weights))])
    return Target(answer.value, answer.model, answer.reasons)


def _by_risk(objective: str, covariance_method: str, past: Past, book: Book) -> Array:
    """The optimum of an objective that looks at risk alone; a target return would need returns to expect."""
    risk = covariance(past.returns, covariance_method, past.periods_per_year)
    limits = replace(book.limits, target_return=None)
    return optimize(np.zeros(len(risk)), risk, objective, limits, past.returns).weights


def _net_free(limits: Limits) -> Limits:
    """The limits without the net of 1 that holds where none is stated."""
    return replace(limits, net=None) if limits.net == "default" else limits
