from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.portfolio import frontier as module
from core.decide.portfolio.frontier import Frontier, efficient_frontier
from core.decide.portfolio.optimize import optimize
from core.errors import ArgumentError, DataWarning, InfeasibleError, MissingDataError, NotConvergedError

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


def test_turning_points_run_from_the_first_point_to_the_last_and_hold_all_others_between_them() -> None:
    frontier = efficient_frontier(MU, SIGMA, 7)
    assert frontier.solver == "critical line"
    assert frontier.turning_weights[[0, -1]] == pytest.approx(frontier.weights[[0, -1]], abs=1e-12)
    assert (np.diff(frontier.turning_lambdas) > 0).all()
    returns = frontier.turning_weights @ MU
    for weights, earned in zip(frontier.weights, frontier.returns, strict=True):
        assert weights == pytest.approx([np.interp(earned, returns, column) for column in frontier.turning_weights.T])
    assert frontier.certificate.passes(1e-12)


def test_the_tangency_portfolio_without_limits_is_the_closed_form() -> None:
    """S^-1 (mu - rf) scaled to a net of one."""
    frontier = efficient_frontier(MU, SIGMA, 5, Limits(risk_free=0.03, min_weight=-1e3, max_weight=1e3))
    closed = np.linalg.solve(SIGMA, MU - 0.03)
    assert frontier.tangency == pytest.approx(closed / closed.sum(), rel=1e-9)


def test_cash_and_the_tangency_portfolio_are_the_two_funds_where_a_stablecoin_is_listed() -> None:
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = SIGMA
    frontier = efficient_frontier([*MU, 0.02], covariance, 6, Limits(risk_free=0.02, min_weight=-1e3, max_weight=1e3))
    assert frontier.weights[0] == pytest.approx([0, 0, 0, 1], abs=1e-9)
    risky = frontier.weights[1:3, :3]  # further on nothing more can be borrowed
    assert risky / risky.sum(axis=1, keepdims=True) == pytest.approx(
        np.tile(frontier.tangency[:3] / frontier.tangency[:3].sum(), (2, 1)), rel=1e-7
    )
    assert frontier.sharpes[1] == pytest.approx(frontier.sharpes[2], rel=1e-9)
    assert np.isnan(frontier.sharpes[0])


def test_a_certain_gain_has_an_infinite_sharpe_ratio_and_is_the_tangency() -> None:
    frontier = efficient_frontier([0.1, 0.3], np.diag([0.0, 0.25]), 3)
    assert frontier.sharpes[0] == np.inf
    assert frontier.tangency == pytest.approx([1, 0], abs=1e-12)


def test_no_tangency_where_nothing_earns_more_than_risk_free() -> None:
    frontier = efficient_frontier(MU, SIGMA, 3, Limits(risk_free=0.5))
    assert np.isnan(frontier.tangency).all()
    assert (frontier.sharpes < 0).all()


def test_caps_that_leave_one_portfolio_repeat_it() -> None:
    frontier = efficient_frontier(MU, SIGMA, 4, Limits(max_weight=1 / 3))
    assert frontier.weights == pytest.approx(np.full((4, 3), 1 / 3), abs=1e-12)
    assert frontier.tangency == pytest.approx(np.full(3, 1 / 3), abs=1e-12)


def test_one_contract_has_a_frontier_of_one_portfolio() -> None:
    frontier = efficient_frontier([0.2], [[0.09]], 3)
    assert frontier.weights == pytest.approx(np.ones((3, 1)))
    assert frontier.volatilities == pytest.approx(np.full(3, 0.3))


def test_duplicates_share_what_one_would_hold() -> None:
    twice = [0, 0, 1, 2]
    single = efficient_frontier(MU, SIGMA, 6)
    double = efficient_frontier(MU[twice], SIGMA[np.ix_(twice, twice)], 6)
    assert double.volatilities == pytest.approx(single.volatilities, rel=1e-9)
    assert double.weights[:, :2].sum(axis=1) == pytest.approx(single.weights[:, 0], abs=1e-9)


@given(st.sampled_from([1e-8, 1e-4, 1e4]), st.integers(0, 1000))
def test_the_unit_of_variance_does_not_change_the_weights(factor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=(30, 6))
    mu, covariance = rng.normal(size=6), returns.T @ returns
    limits = Limits(min_weight=-0.3, net=None, gross_max=1.5)
    frontier = efficient_frontier(mu, covariance, 5, limits)
    scaled = efficient_frontier(mu, covariance * factor, 5, limits)
    assert scaled.weights == pytest.approx(frontier.weights, abs=1e-9)
    assert scaled.volatilities == pytest.approx(frontier.volatilities * factor**0.5, rel=1e-9, abs=1e-12)


def test_costs_are_counted_in_the_returns() -> None:
    limits = Limits(current_weights=[1, 0, 0], turnover_cost=0.02)
    frontier = efficient_frontier(MU, SIGMA, 4, limits)
    assert frontier.returns == pytest.approx(
        frontier.weights @ MU - 0.02 * np.abs(frontier.weights - [1, 0, 0]).sum(axis=1), abs=1e-12
    )
    assert frontier.returns[-1] == pytest.approx(0.40 - 0.04, abs=1e-12)


def _by_programs(monkeypatch, **arguments) -> Frontier:
    def cannot_follow(problem) -> None:
        raise NotConvergedError("the critical line cannot be followed")

    monkeypatch.setattr(module, "critical_line", cannot_follow)
    return efficient_frontier(MU, SIGMA, **arguments)


def test_where_the_line_cannot_be_followed_each_point_is_a_program(monkeypatch) -> None:
    limits = Limits(min_weight=-0.2, gross_max=1.2, risk_free=0.02)
    line = efficient_frontier(MU, SIGMA, 6, limits)
    frontier = _by_programs(monkeypatch, points=6, limits=limits)
    assert frontier.solver == "programs"
    assert frontier.certificate.passes()
    for name in ("returns", "volatilities", "sharpes", "weights", "tangency"):
        assert getattr(frontier, name) == pytest.approx(getattr(line, name), abs=1e-7)
    assert frontier.turning_weights.shape == (0, 3)
    assert frontier.turning_lambdas.shape == (0,)


def test_a_point_without_certificate_is_solved_again(monkeypatch) -> None:
    line = efficient_frontier(MU, SIGMA, 6)
    take = module.critical_line

    def harmed(problem):
        found = take(problem)
        inner = found.at_rewards

        class Harmed(type(found)):
            def at_rewards(self, rewards):
                points = inner(rewards)
                points.weights[2] += [0.01, -0.01, 0.0]
                points.residuals[2] = 1.0
                return points

        return Harmed(**vars(found))

    monkeypatch.setattr(module, "critical_line", harmed)
    frontier = efficient_frontier(MU, SIGMA, 6)
    assert frontier.solver != "critical line"
    assert frontier.solver.startswith("critical line and ")
    assert frontier.weights == pytest.approx(line.weights, abs=1e-9)
    assert frontier.certificate.passes()


def test_limits_that_are_not_linear_are_swept() -> None:
    rng = np.random.default_rng(1)
    returns = rng.normal(size=(300, 3)) @ np.linalg.cholesky(SIGMA).T / 19
    plain = efficient_frontier(MU, SIGMA, 5)
    capped = efficient_frontier(MU, SIGMA, 5, Limits(cvar_max=0.07), returns)
    assert capped.solver == "programs"
    assert capped.returns[-1] < plain.returns[-1]
    impact = efficient_frontier(MU, SIGMA, 5, Limits(market_impact=0.05))
    assert (impact.returns < plain.returns).all()
    assert (np.diff(impact.volatilities) > 0).all()
    assert impact.certificate.passes()
    with pytest.raises(ArgumentError, match="returns"):
        efficient_frontier(MU, SIGMA, 5, Limits(cvar_max=0.07))


@pytest.mark.parametrize("points", [1, 0, 2.5, True])
def test_points_must_be_two_or_more(points: float) -> None:
    with pytest.raises(ArgumentError, match="points is"):
        efficient_frontier(MU, SIGMA, points)


def test_a_covariance_that_is_nearly_one_is_repaired_and_said_so() -> None:
    covariance = np.array([[1.0, 0.9, 0.6], [0.9, 1.0, 0.9], [0.6, 0.9, 1.0]]) * 0.25
    with pytest.warns(DataWarning, match="covariance is not positive semidefinite"):
        frontier = efficient_frontier(MU, covariance, 5)
    with pytest.warns(DataWarning, match="covariance is not positive semidefinite"):
        least = optimize(MU, covariance, "min_variance")
    assert frontier.certificate.passes()
    assert frontier.volatilities[0] == pytest.approx(least.volatility, rel=1e-6)


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match="not positive semidefinite"):
        efficient_frontier(MU, SIGMA - np.eye(3))
    with pytest.raises(MissingDataError, match="expected_returns"):
        efficient_frontier([0.1, np.nan, 0.2], SIGMA)
    with pytest.raises(ArgumentError, match="square"):
        efficient_frontier(MU, SIGMA[:2])
    with pytest.raises(InfeasibleError, match="max_weight"):
        efficient_frontier(MU, SIGMA, limits=Limits(max_weight=0.1))
