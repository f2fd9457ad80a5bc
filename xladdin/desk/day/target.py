"""Decide: the weights to hold inside the desk's limits, and the orders that lead there."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.fallback import Answer, first_that_answers
from core.decide.portfolio.frontier import Frontier, efficient_frontier
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.overlay import overlay
from core.decide.portfolio.scores import overlay_scores
from core.decide.size.orders import Orders, orders_for
from core.decide.size.position import volatility_leverage
from core.errors import DataWarning, SolveError, say
from core.estimate.covariance.methods import covariance
from core.market.margin import Margin, margin
from core.numeric.quadratic.certificate import Certificate
from core.units import periods_per_year
from core.verify.exposure import Exposure, exposure

from ..read.inputs import Desk, Universe
from ..read.limits import desk_limits
from .estimates import Estimates

__all__ = ["CURRENT_WEIGHTS", "Target", "choose"]


BENCHMARK_OBJECTIVES = ("max_sharpe", "min_variance")
"""What answers, in this order, where the desk's own objective does not."""

CURRENT_WEIGHTS = "current weights"
"""The last to answer: nothing is traded."""

FRONTIER_POINTS = 25


@dataclass(frozen=True)
class Chosen:
    """Weights `(N,)` of one model, and of the optimum it builds on; no certificate where nothing was solved."""

    weights: Array
    baseline: Array
    volatility: float
    certificate: Certificate | None
    solver: str


@dataclass(frozen=True)
class Target:
    """The book to hold, one entry a contract that is included and known, `(N,)`, and what was used to choose it.

    `baseline` is the optimum, `overlay` what the enhanced model shifts, `weights` their sum before lot rounding.
    `exposure` and `margin` are those of the rounded positions. `frontier` is None where the limits leave none.
    `model` answered; `reasons` say of each model that was asked before it why it did not.
    """

    universe: Universe
    baseline: Array
    weights: Array
    orders: Orders
    exposure: Exposure
    margin: Margin
    frontier: Frontier | None
    model: str
    reasons: tuple[tuple[str, str], ...]
    certificate: Certificate | None
    solver: str

    @property
    def overlay(self) -> Array:
        """Shift of each weight away from the baseline."""
        return self.weights - self.baseline


def choose(desk: Desk, estimates: Estimates) -> Target:
    """The target book: the best model that answers, scaled down to the volatility target if there is one.

    Raises:
        InfeasibleError: the limits contradict each other; the message names which.
        SolveError: no optimum exists and the desk allows no fallback.
        BookError: the Limits sheet cannot be read.
    """
    settings, desk = desk.settings, desk.latest(estimates.bars_used)
    included = desk.universe.included & estimates.known
    universe = desk.universe.select(included)
    mu, risk = estimates.expected_returns[included], estimates.covariance[np.ix_(included, included)]
    limits = desk_limits(desk, included, estimates.betas[included], estimates.funding[included])
    answer = _answer(desk, estimates, included, mu, risk, limits)
    book, model = answer.value, answer.model + (" (fallback)" if answer.reasons else "")
    scale = 1.0
    if settings.vol_target is not None and settings.objective != "target_volatility" and book.volatility > 0:
        scale = volatility_leverage(book.volatility, settings.vol_target, max_leverage=1.0).item()
        model += f", held at {scale:.0%} for the volatility target" if scale < 1 else ""
    weights = scale * book.weights
    orders = orders_for(
        weights,
        universe.positions,
        universe.contract_values,
        settings.equity,
        universe.lots,
        universe.cost_rates,
        universe.initial_margin_rates,
    )
    return Target(
        universe=universe,
        baseline=book.baseline,
        weights=weights,
        orders=orders,
        exposure=exposure(
            orders.weights,
            mu,
            risk,
            estimates.betas[included],
            estimates.funding[included],
            settings.risk_free,
        ),
        margin=margin(
            orders.notionals / universe.prices,
            universe.prices,
            settings.equity,
            universe.maintenance_rates,
            1 / universe.initial_margin_rates,
            universe.maintenance_amounts,
        ),
        frontier=_frontier(mu, risk, limits),
        model=model,
        reasons=answer.reasons,
        certificate=book.certificate,
        solver=book.solver,
    )


def _answer(
    desk: Desk, estimates: Estimates, included: NDArray[np.bool_], mu: Array, risk: Array, limits: Limits
) -> Answer[Chosen]:
    """The desk's model, or where that has none the next simpler one, down to what is held; each reason is warned of."""
    settings, returns = desk.settings, desk.panel.returns()[:, included]

    def optimum(objective: str) -> Chosen:
        with warnings.catch_warnings():
            # Returns of a bar beside the covariance of a year are as they should be; gaps were said with the estimates.
            warnings.filterwarnings("ignore", "covariance is .* times that of returns", DataWarning)
            warnings.filterwarnings("ignore", "returns: .* rows dropped", DataWarning)
            found = optimize(mu, risk, objective, limits, returns)
        return Chosen(found.weights, found.weights, found.volatility, found.certificate, found.solver)

    def hybrid() -> Chosen:
        base = optimum(settings.objective)
        tilted = overlay(base.weights, _scores(desk, estimates, included), settings.overlay_cap, limits, returns)
        volatility = float(np.sqrt(tilted.weights @ risk @ tilted.weights))
        return Chosen(tilted.weights, base.weights, volatility, tilted.certificate, tilted.solver)

    def held() -> Chosen:
        weights = limits.vector("current_weights", len(mu))
        return Chosen(weights, weights, 0.0, None, "none")

    objectives = dict.fromkeys((settings.objective, *BENCHMARK_OBJECTIVES))
    steps: list[tuple[str, Callable[[], Chosen]]] = [
        (f"mean-variance, {objective}", partial(optimum, objective)) for objective in objectives
    ]
    if settings.model == "hybrid":
        steps.insert(0, (f"hybrid, {settings.objective}", hybrid))
    if settings.fallback_allowed == "N":
        model, ask = steps[0]
        return Answer(ask(), model)
    answer = first_that_answers([*steps, (CURRENT_WEIGHTS, held)])
    for model, reason in answer.reasons:
        say(f"{model} has no answer ({reason}); {answer.model} answered instead")
    return answer


def _scores(desk: Desk, estimates: Estimates, included: NDArray[np.bool_]) -> Array:
    """Scores of the overlay: downside risk against volatility, and the variance premium where options are quoted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing was said with the estimates
        downside = covariance(desk.panel.returns()[:, included], "semi", periods_per_year(desk.settings.bar_hours))
        premiums = estimates.variance_premiums[included]
        return overlay_scores(
            np.sqrt(np.diag(downside)),
            None if np.isnan(premiums).all() else premiums,
            estimates.volatilities[included],
        )


def _frontier(mu: Array, covariance: Array, limits: Limits) -> Frontier | None:
    try:
        return efficient_frontier(mu, covariance, FRONTIER_POINTS, limits)
    except SolveError as error:
        say(f"no frontier was drawn: {error}")
        return None
