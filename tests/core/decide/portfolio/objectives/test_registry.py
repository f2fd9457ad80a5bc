"""What objectives declare is what the optimiser does with them."""

from __future__ import annotations

import numpy as np
import pytest

from core.choices import NEEDS, OBJECTIVES
from core.decide.limits.declared import Limits
from core.decide.portfolio.objectives.objective import Objective
from core.decide.portfolio.objectives.registry import BY_NAME, objective_named
from core.decide.portfolio.optimize import optimize
from core.errors import ArgumentError

MU = np.array([0.12, 0.25, 0.40])
SIGMA = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])
RETURNS = np.random.default_rng(5).multivariate_normal(MU / 365, SIGMA / 365, 400)
NEEDED = {"target_return": 0.2, "target_volatility": 0.7, "uncertainty": 0.1}


def asked(name: str, **stated: object) -> Objective:
    return objective_named(name)(MU, SIGMA, Limits(**stated))


def test_each_choice_is_an_objective_and_each_objective_a_choice() -> None:
    assert tuple(BY_NAME) == OBJECTIVES
    assert {name for name, kind in BY_NAME.items() if kind.needs} == set(NEEDS)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_needs_what_it_says_and_no_more(name: str) -> None:
    kind = objective_named(name)
    stated = {needed: NEEDED[needed] for needed in kind.needs}
    returns = RETURNS if kind.needs_returns else None
    covariance = SIGMA / 365 if kind.needs_returns else SIGMA
    assert optimize(MU, covariance, name, Limits(**stated), returns).objective == name
    for needed in stated:
        with pytest.raises(ArgumentError, match=f"objective {name} needs the limit {needed}"):
            optimize(MU, covariance, name, Limits(), returns)
    if kind.needs_returns:
        with pytest.raises(ArgumentError, match=f"objective {name} needs returns"):
            optimize(MU, covariance, name, Limits(**stated))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_trading_cost_moves_the_objectives_that_earn_and_no_other(name: str) -> None:
    kind = objective_named(name)
    free = {needed: NEEDED[needed] for needed in kind.needs if needed != "target_return"}
    free |= {"target_return": 0.2} if name == "target_return" else {}
    costly = {**free, "turnover_cost": 0.05, "current_weights": [1.0, 0.0, 0.0]}
    covariance, returns = (SIGMA / 365, RETURNS) if kind.needs_returns else (SIGMA, None)
    without = optimize(MU, covariance, name, Limits(**free), returns).weights
    with_cost = optimize(MU, covariance, name, Limits(**costly), returns).weights
    moved = bool(np.abs(with_cost - without).max() > 1e-6)
    assert moved == (kind.earns or "target_return" in kind.needs)


def test_market_impact_counts_only_where_the_return_does() -> None:
    assert asked("utility", market_impact=0.1).pays_impact
    assert not asked("min_variance", market_impact=0.1).pays_impact
    assert asked("min_variance", market_impact=0.1, target_return=0.1).pays_impact
    assert not asked("max_sharpe", turnover_cost=0.01).pays_impact


def test_an_unknown_objective_lists_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="did you mean 'max_sharpe'"):
        objective_named("max_shrap")
