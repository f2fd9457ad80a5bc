"""Stress: every scenario of the sheet on the book, down to who is liquidated first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BookError
from core.units import daily_volatility
from core.verify.exposure import exposure
from core.verify.stress import Stress, stress

from .estimates import Estimates
from .holding import Holding
from .inputs import Desk

__all__ = ["ScenarioRun", "run_scenarios"]


@dataclass(frozen=True)
class ScenarioRun:
    """The scenarios on the book: the core's figures, and the book's volatility a day in each, `(S,)`, on equity."""

    stress: Stress
    daily_volatilities: NDArray[np.float64]


def run_scenarios(desk: Desk, estimates: Estimates, holding: Holding) -> ScenarioRun:
    """Every scenario of the desk on the book. Raises BookError when there is no scenario or nothing is held."""
    settings, universe, scenarios = desk.settings, desk.universe, desk.scenarios
    if not scenarios.names:
        raise BookError(
            "table 'Scenarios' on sheet 'Scenarios' is empty; add a scenario, or copy the set of a new desk"
        )
    notionals = holding.contracts * universe.contract_values
    if not notionals.any():
        raise BookError(
            "sheet 'Universe': no position is held and no target is written; enter Position, or run Rebalance"
        )
    result = stress(
        notionals / universe.prices,
        universe.prices,
        estimates.betas,
        settings.equity,
        scenarios.market_shocks,
        universe.maintenance_rates,
        scenarios.funding_shocks,
        scenarios.beta_shifts,
        overrides=scenarios.overrides,
    )
    known = estimates.known
    book = exposure(
        notionals[known] / settings.equity,
        estimates.expected_returns[known],
        estimates.covariance[np.ix_(known, known)],
        estimates.betas[known],
        estimates.funding[known],
        settings.risk_free,
    )
    return ScenarioRun(result, daily_volatility(book.volatility) * scenarios.vol_multipliers)
