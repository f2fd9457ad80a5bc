"""Decide: the weights to hold inside the desk's limits, and the orders that lead there."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.decide.frontier import Frontier, efficient_frontier
from core.decide.limits import Limits
from core.decide.optimize import Optimum, optimize
from core.decide.orders import Orders, orders_for
from core.decide.sizing import volatility_leverage
from core.errors import DataWarning, NotConvergedError, SolveError, UndefinedError
from core.market.margin import Margin, margin
from core.verify.exposure import Exposure, exposure

from .estimates import Estimates
from .inputs import Desk, Universe

__all__ = ["Target", "choose"]

Array = NDArray[np.float64]

FALLBACK = "min_variance"
FRONTIER_POINTS = 25


@dataclass(frozen=True)
class Target:
    """The book to hold, one entry a contract that is included and known, `(N,)`, and what was used to choose it.

    `baseline` is the optimum, `overlay` what the enhanced model shifts, `weights` their sum before lot rounding.
    `exposure` and `margin` are those of the rounded positions. `frontier` is None where the limits leave none.
    """

    universe: Universe
    baseline: Array
    weights: Array
    orders: Orders
    exposure: Exposure
    margin: Margin
    frontier: Frontier | None
    model: str
    optimum: Optimum

    @property
    def overlay(self) -> Array:
        """Shift of each weight away from the baseline."""
        return self.weights - self.baseline


def choose(desk: Desk, estimates: Estimates) -> Target:
    """The target book: mean-variance inside the limits, scaled down to the volatility target if there is one.

    Raises:
        InfeasibleError: the limits contradict each other; the message names which.
        SolveError: no optimum exists and the desk allows no fallback.
    """
    settings = desk.settings
    included = desk.universe.included & estimates.known
    universe = desk.universe.select(included)
    mu, covariance = estimates.expected_returns[included], estimates.covariance[np.ix_(included, included)]
    limits = _limits(desk, universe, estimates.betas[included])
    optimum, model = _optimum(desk, mu, covariance, limits, desk.panel.returns()[:, included])
    scale = 1.0
    if settings.vol_target is not None and optimum.volatility > 0:
        scale = volatility_leverage(optimum.volatility, settings.vol_target, max_leverage=1.0).item()
        model += f", held at {scale:.0%} for the volatility target" if scale < 1 else ""
    weights = scale * optimum.weights
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
        baseline=optimum.weights,
        weights=weights,
        orders=orders,
        exposure=exposure(
            orders.weights,
            mu,
            covariance,
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
        ),
        frontier=_frontier(mu, covariance, limits),
        model=model,
        optimum=optimum,
    )


def _limits(desk: Desk, universe: Universe, betas: Array) -> Limits:
    settings = desk.settings
    return Limits(
        net=settings.net_target,
        gross_max=settings.gross_max,
        min_weight=universe.min_weights,
        max_weight=universe.max_weights,
        max_step=settings.max_step,
        current_weights=universe.positions * universe.contract_values / settings.equity,
        turnover_cost=universe.cost_rates if settings.turnover_cost is None else settings.turnover_cost,
        target_return=settings.target_return if settings.objective == "target_return" else None,
        risk_free=settings.risk_free,
        risk_aversion=settings.risk_aversion,
        semivariance_alpha=settings.semivariance_alpha,
        betas=betas,
        target_beta=settings.portfolio_beta,
        initial_margin_rates=universe.initial_margin_rates,
        margin_buffer=settings.margin_buffer,
    )


def _optimum(desk: Desk, mu: Array, covariance: Array, limits: Limits, returns: Array) -> tuple[Optimum, str]:
    """The optimum of the desk's objective, or of the fallback, and the name of the model that answered."""
    objective = desk.settings.objective
    try:
        return optimize(mu, covariance, objective, limits, returns), f"mean-variance, {objective}"
    except (UndefinedError, NotConvergedError) as error:
        if desk.settings.fallback_allowed != "Y" or objective == FALLBACK:
            raise
        warnings.warn(f"{objective} has no answer ({error}); {FALLBACK} answered instead", DataWarning, stacklevel=2)
        return optimize(mu, covariance, FALLBACK, limits), f"mean-variance, {FALLBACK} (fallback)"


def _frontier(mu: Array, covariance: Array, limits: Limits) -> Frontier | None:
    try:
        return efficient_frontier(mu, covariance, FRONTIER_POINTS, limits)
    except SolveError as error:
        warnings.warn(f"no frontier was drawn: {error}", DataWarning, stacklevel=2)
        return None
