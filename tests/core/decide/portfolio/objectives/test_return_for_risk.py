from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import Optimum, optimize
from core.errors import ArgumentError, InfeasibleError, UndefinedError

MU = np.array([0.12, 0.25, 0.40])
SIGMA = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])
WIDE: dict[str, Any] = {"net": None, "min_weight": -9, "max_weight": 9}


def found(objective: str, **stated: Any) -> Optimum:
    return optimize(MU, SIGMA, objective, Limits(**stated))


def test_greatest_return_at_a_volatility_is_the_closed_form_when_nothing_binds() -> None:
    direction = np.linalg.solve(SIGMA, MU - 0.02)
    ratio = np.sqrt((MU - 0.02) @ direction)
    optimum = found("target_volatility", target_volatility=0.5, risk_free=0.02, **WIDE)
    assert optimum.weights == pytest.approx(0.5 / ratio * direction, abs=1e-9)
    assert optimum.expected_return == pytest.approx(0.02 + 0.5 * ratio, rel=1e-10)


def test_a_volatility_that_does_not_bind_leaves_the_greatest_return() -> None:
    optimum = found("target_volatility", target_volatility=2.0)
    assert optimum.weights == pytest.approx([0, 0, 1], abs=1e-9)


def test_a_volatility_below_the_least_names_it() -> None:
    least = optimize(MU, SIGMA, "min_variance").volatility
    with pytest.raises(InfeasibleError, match=rf"target_volatility 0.1 is below {least:.4g}, the least") as caught:
        found("target_volatility", target_volatility=0.1)
    value = re.search(r"target_volatility ([\d.]+) would do", str(caught.value))
    assert value is not None
    assert found("target_volatility", target_volatility=float(value[1])).certificate.passes()


def test_the_least_volatility_itself_can_be_the_target() -> None:
    safest = optimize(MU, SIGMA, "min_variance")
    optimum = found("target_volatility", target_volatility=safest.volatility * (1 + 1e-10))
    assert optimum.weights == pytest.approx(safest.weights, abs=1e-4)


def test_conflicting_limits_are_explained_beyond_one_program_as_well() -> None:
    for objective in ("target_volatility", "robust", "risk_budget"):
        with pytest.raises(InfeasibleError, match=r"max_weight 0.2 x 3 contracts = 0.6 cannot reach net 1"):
            found(objective, max_weight=0.2, target_volatility=0.5, uncertainty=0.1)


@pytest.mark.parametrize("uncertainty", [0.0, [0.0, 0.0, 0.0]])
def test_robust_without_uncertainty_is_utility(uncertainty: Any) -> None:
    plain = found("utility", risk_aversion=3)
    assert found("robust", risk_aversion=3, uncertainty=uncertainty).weights == pytest.approx(plain.weights, abs=1e-9)


def test_robust_in_an_ellipsoid_is_the_closed_form_when_nothing_binds() -> None:
    # The direction is that of utility; along it the gain s v - kappa v - a/2 v^2 is greatest at v = (s - kappa) / a.
    direction = np.linalg.solve(SIGMA, MU)
    ratio = np.sqrt(MU @ direction)
    optimum = found("robust", uncertainty=0.3, risk_aversion=2, **WIDE)
    assert optimum.volatility == pytest.approx((ratio - 0.3) / 2, rel=1e-9)
    assert optimum.weights == pytest.approx((ratio - 0.3) / 2 / ratio * direction, abs=1e-9)


def test_an_uncertainty_that_outweighs_every_gain_leaves_all_in_cash() -> None:
    optimum = found("robust", uncertainty=2.0, **WIDE)
    assert optimum.weights == pytest.approx(np.zeros(3), abs=1e-6)


def test_half_widths_are_taken_from_the_size_of_each_mean() -> None:
    # One contract alone: w = (mu - delta) / (a sigma^2), and none where the doubt is larger than the mean.
    optimum = optimize(
        [0.3, 0.1], np.diag([0.25, 0.25]), "robust", Limits(uncertainty=[0.1, 0.2], risk_aversion=2, **WIDE)
    )
    assert optimum.weights == pytest.approx([0.4, 0.0], abs=1e-9)


@given(st.integers(0, 10**6), st.sampled_from(["target_volatility", "robust", "impact"]))
def test_order_and_units_do_not_matter(seed: int, objective: str) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    factors = rng.normal(size=(30, n))
    covariance, mu = factors.T @ factors / 30, rng.uniform(0.01, 0.5, n)
    target = 1.2 * optimize(mu, covariance, "min_variance", Limits(max_weight=0.8)).volatility
    stated: dict[str, Any] = {"target_volatility": target, "uncertainty": 0.1, "max_weight": 0.8}
    if objective == "impact":
        objective, stated["market_impact"] = "utility", 0.05
    straight = optimize(mu, covariance, objective, Limits(**stated)).weights
    order = rng.permutation(n)
    turned = optimize(mu[order], covariance[np.ix_(order, order)], objective, Limits(**stated)).weights
    assert turned == pytest.approx(straight[order], abs=1e-7)
    # Returns and volatilities a hundred times smaller, as of a shorter bar.
    small = {**stated, "target_volatility": target / 100, "risk_aversion": 100.0}
    small["market_impact"] = stated.get("market_impact", 0.0) / 100
    hourly = optimize(mu / 100, covariance / 1e4, objective, Limits(**small)).weights
    assert hourly == pytest.approx(straight, abs=1e-7)


def test_the_first_trades_cost_nothing_and_large_ones_more() -> None:
    free = found("utility", risk_aversion=2, **WIDE)
    costly = found("utility", risk_aversion=2, market_impact=0.05, **WIDE)
    assert (np.abs(costly.weights) < np.abs(free.weights)).all()
    # At the optimum each contract's gain, less risk, is what its next unit costs.
    left = MU - 2 * SIGMA @ costly.weights
    assert left == pytest.approx(1.5 * 0.05 * np.sign(costly.weights) * np.sqrt(np.abs(costly.weights)), abs=1e-9)
    assert costly.expected_return == pytest.approx(MU @ costly.weights - 0.05 * (np.abs(costly.weights) ** 1.5).sum())


def test_a_kept_position_costs_no_impact() -> None:
    current = np.array([0.2, 0.3, 0.5])
    optimum = found("utility", market_impact=10.0, turnover_cost=5.0, current_weights=current)
    assert optimum.weights == pytest.approx(current, abs=1e-9)
    assert optimum.expected_return == pytest.approx(MU @ current, abs=1e-8)


def test_a_return_out_of_reach_net_of_impact_names_the_most() -> None:
    with pytest.raises(InfeasibleError, match=r"target_return 0.35 is above 0.2\d+, the most .* market impact"):
        found("target_return", target_return=0.35, market_impact=0.15)


def test_a_return_and_a_volatility_that_exclude_each_other_say_so() -> None:
    with pytest.raises(InfeasibleError, match=r"target_return 0.3 needs a volatility of .* above target_volatility"):
        found("target_volatility", target_return=0.3, target_volatility=0.5, market_impact=0.01)


def test_the_sharpe_ratio_with_impact_has_no_best_size_where_cash_is_free() -> None:
    with pytest.raises(UndefinedError, match="the smaller the position the better"):
        found("max_sharpe", market_impact=0.05, **WIDE)


def test_no_positive_premium_net_of_impact_says_so() -> None:
    with pytest.raises(UndefinedError, match=r"no positive premium: net of cost and market impact .* earns -"):
        found("max_sharpe", market_impact=5.0)


def test_no_positive_premium_within_cvar_max_says_so() -> None:
    returns = np.random.default_rng(1).normal(size=(400, 2)) * [0.001, 0.05]
    limits = Limits(cvar_max=0.004, risk_free=0.05)
    with pytest.raises(UndefinedError, match=r"no portfolio that keeps cvar_max 0.004"):
        optimize([0.01, 0.1], np.cov(returns.T), "max_sharpe", limits, returns)


@pytest.mark.parametrize(
    ("objective", "stated", "message"),
    [
        ("target_volatility", {}, "needs the limit target_volatility"),
        ("robust", {}, "robust needs the limit uncertainty"),
        ("robust", {"uncertainty": [0.1, 0.2]}, "uncertainty has 2 values where 3"),
        ("utility", {"market_impact": [0.1, 0.2]}, "market_impact has 2 values where 3"),
        ("risk_budget", {"market_impact": 0.1, "target_return": 0.1}, "state turnover_cost instead"),
        ("cvar", {"market_impact": 0.1, "target_return": 0.1}, "state turnover_cost instead"),
    ],
)
def test_what_is_missing_is_named(objective: str, stated: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        found(objective, **stated)


def test_semivariance_can_take_the_whole_downside_matrix() -> None:
    returns = np.random.default_rng(2).standard_t(4, size=(300, 3)) * 0.02
    covariance, shortfalls = np.cov(returns.T), np.minimum(returns, 0)
    downside = shortfalls.T @ shortfalls / 300
    limits = Limits(semivariance_alpha=0, semivariance_full=1, min_weight=-5, max_weight=5)
    weights = optimize(MU, covariance, "semivariance", limits, returns).weights
    closed = np.linalg.solve(downside, np.ones(3))
    assert weights == pytest.approx(closed / closed.sum(), abs=1e-9)


def test_no_conic_solver_is_loaded() -> None:
    program = (
        "import sys; from core.decide.portfolio.optimize import optimize; "
        "from core.decide.limits.declared import Limits; "
        "optimize([0.1, 0.2], [[0.1, 0], [0, 0.2]], 'target_volatility', Limits(target_volatility=0.4)); "
        "print([m for m in ('cvxpy', 'clarabel', 'scipy', 'numba') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
