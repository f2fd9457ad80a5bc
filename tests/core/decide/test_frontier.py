from __future__ import annotations

import numpy as np
import pytest

from core.decide.frontier import efficient_frontier
from core.decide.limits import Limits
from core.decide.optimize import optimize
from core.errors import ArgumentError, InfeasibleError, MissingDataError

MU = np.array([0.12, 0.25, 0.40])
SIGMA = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])


def test_it_runs_from_least_variance_to_greatest_return_in_equal_steps() -> None:
    frontier = efficient_frontier(MU, SIGMA, points=11)
    assert frontier.weights[0] == pytest.approx(optimize(MU, SIGMA, "min_variance").weights, abs=1e-9)
    assert frontier.weights[-1] == pytest.approx([0, 0, 1], abs=1e-9)
    assert np.diff(frontier.returns) == pytest.approx(np.full(10, np.diff(frontier.returns)[0]), abs=1e-9)
    assert (np.diff(frontier.volatilities) > 0).all()
    assert frontier.weights.sum(axis=1) == pytest.approx(np.ones(11), abs=1e-9)


def test_no_point_has_a_better_sharpe_ratio_than_the_optimum() -> None:
    best = optimize(MU, SIGMA, "max_sharpe", Limits(risk_free=0.04))
    frontier = efficient_frontier(MU, SIGMA, 200, Limits(risk_free=0.04))
    assert frontier.sharpes.max() <= best.sharpe + 1e-12
    assert frontier.sharpes.max() == pytest.approx(best.sharpe, rel=1e-4)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20])
def test_caps_of_two_over_n_start_in_a_degenerate_corner(n: int) -> None:
    rng = np.random.default_rng(n)
    factors = rng.normal(size=(2 * n + 3, n))
    frontier = efficient_frontier(rng.normal(size=n), factors.T @ factors, 15, Limits(max_weight=2 / n))
    assert (np.diff(frontier.returns) > 0).all()
    assert frontier.weights.max() <= 2 / n + 1e-9


def test_equal_expected_returns_leave_the_portfolio_of_least_variance() -> None:
    frontier = efficient_frontier([0.1, 0.1, 0.1], SIGMA, 4)
    assert np.ptp(frontier.weights, axis=0) == pytest.approx(np.zeros(3), abs=1e-9)


def test_limits_hold_at_every_point_and_a_target_return_is_ignored() -> None:
    limits = Limits(min_weight=-0.5, gross_max=1.6, turnover_cost=0.01, target_return=9.0)
    frontier = efficient_frontier(MU, SIGMA, 9, limits)
    assert np.abs(frontier.weights).sum(axis=1).max() <= 1.6 + 1e-9
    assert (np.diff(frontier.returns) > 0).all()


@pytest.mark.parametrize("points", [1, 0, 2.5, True])
def test_points_must_be_two_or_more(points: float) -> None:
    with pytest.raises(ArgumentError, match="points is"):
        efficient_frontier(MU, SIGMA, points)


def test_bad_input_is_named() -> None:
    with pytest.raises(MissingDataError, match="expected_returns"):
        efficient_frontier([0.1, np.nan, 0.2], SIGMA)
    with pytest.raises(ArgumentError, match="square"):
        efficient_frontier(MU, SIGMA[:2])
    with pytest.raises(InfeasibleError, match="max_weight"):
        efficient_frontier(MU, SIGMA, limits=Limits(max_weight=0.1))
