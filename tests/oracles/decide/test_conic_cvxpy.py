"""Objectives with cones against cvxpy with Clarabel, which states norms, powers and tails as cones of its own."""

from __future__ import annotations

import warnings
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.cvar import conditional_value_at_risk
from core.decide.portfolio.optimize import Optimum, optimize

SEEDS = range(12)
ROWS, LEVEL, AVERSION = 120, 0.9, 2.0
PRECISE = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}
EQUAL = 1e-7


class Case:
    """One random desk, and its limits in the words of both sides."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 12))
        self.returns = 0.02 * (rng.standard_t(4, size=(ROWS, n)) + rng.standard_t(4, size=(ROWS, 1)))
        self.covariance = np.cov(self.returns.T).reshape(n, n) * 365
        self.mu = rng.normal(0.3, 0.4, n)
        low, high, gross = (-0.5 if rng.random() < 0.6 else 0.0), max(0.6, 1.5 / n), 2.0
        current = rng.dirichlet(np.ones(n)) * 0.8
        cost = rng.uniform(0, 0.01, n) * (rng.random() < 0.5)
        self.impact = rng.uniform(0.01, 0.1, n)
        self.radius, self.half_widths = rng.uniform(0, 1), rng.uniform(0, 0.3, n)
        self.stated: dict[str, Any] = {
            "min_weight": low,
            "max_weight": high,
            "gross_max": gross,
            "current_weights": current,
            "turnover_cost": cost,
        }
        self.w = cp.Variable(n)
        factor = np.linalg.cholesky(self.covariance + 1e-14 * np.eye(n))
        self.volatility = cp.norm(factor.T @ self.w)
        self.earned = self.mu @ self.w - cost @ cp.abs(self.w - current)
        self.paid = cp.sum(cp.multiply(self.impact, cp.power(cp.abs(self.w - current), 1.5)))
        self.kept = [cp.sum(self.w) == 1, self.w >= low, self.w <= high, cp.norm1(self.w) <= gross]
        quantile, over = cp.Variable(), cp.Variable(ROWS, nonneg=True)
        self.cvar = quantile + cp.sum(over) / ((1 - LEVEL) * ROWS)
        self.kept.append(over >= -self.returns @ self.w - quantile)

    def most(self, value: Any, *more: Any) -> float:
        """The greatest value that cvxpy finds under the limits and `more`."""
        problem = cp.Problem(cp.Maximize(value), [*self.kept, *more])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                problem.solve(solver=cp.CLARABEL, **PRECISE)
            except cp.error.SolverError:  # the precision asked for is beyond some problems
                problem.solve(solver=cp.CLARABEL)
        assert problem.status in ("optimal", "optimal_inaccurate")
        return float(problem.value)

    def ours(self, objective: str, **stated: Any) -> Optimum:
        """Our optimum, its certificate and its limits checked."""
        limits = Limits(**self.stated, risk_aversion=AVERSION, cvar_level=LEVEL, **stated)
        found = optimize(self.mu, self.covariance, objective, limits, self.returns)
        assert found.certificate.passes(1e-8)
        self.w.value = found.weights
        assert all(limit.value(1e-9) for limit in self.kept[:4])
        return found

    def tail(self, found: Optimum) -> float:
        """The value at risk of an optimum, from its own losses."""
        return conditional_value_at_risk(-self.returns @ found.weights, LEVEL)

    def utility(self, found: Optimum) -> float:
        """What the objective utility makes of an optimum."""
        return found.expected_return - AVERSION / 2 * found.volatility**2


@pytest.mark.parametrize("seed", SEEDS)
def test_greatest_return_at_a_volatility(seed: int) -> None:
    case = Case(seed)
    target = -case.most(-case.volatility) * np.random.default_rng(seed).uniform(1.0001, 1.6)
    found = case.ours("target_volatility", target_volatility=target)
    assert found.volatility <= target * (1 + 1e-9)
    assert found.expected_return == pytest.approx(
        case.most(case.earned, case.volatility <= target), rel=EQUAL, abs=EQUAL
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_robust_in_an_ellipsoid_and_in_a_box(seed: int) -> None:
    case = Case(seed)
    risk = AVERSION / 2 * cp.square(case.volatility)
    found = case.ours("robust", uncertainty=case.radius)
    peer = case.most(case.earned - case.radius * case.volatility - risk)
    assert case.utility(found) - case.radius * found.volatility == pytest.approx(peer, rel=EQUAL, abs=EQUAL)
    found = case.ours("robust", uncertainty=case.half_widths)
    peer = case.most(case.earned - case.half_widths @ cp.abs(case.w) - risk)
    feared = case.half_widths @ np.abs(found.weights)
    assert case.utility(found) - feared == pytest.approx(peer, rel=EQUAL, abs=EQUAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_least_cvar(seed: int) -> None:
    case = Case(seed)
    assert case.tail(case.ours("cvar")) == pytest.approx(-case.most(-case.cvar), rel=EQUAL, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_market_impact_in_every_objective_that_earns(seed: int) -> None:
    case = Case(seed)
    earned = case.earned - case.paid
    risk = AVERSION / 2 * cp.square(case.volatility)
    found = case.ours("utility", market_impact=case.impact)
    assert case.utility(found) == pytest.approx(case.most(earned - risk), rel=EQUAL, abs=EQUAL)
    found = case.ours("robust", market_impact=case.impact, uncertainty=case.radius)
    peer = case.most(earned - case.radius * case.volatility - risk)
    assert case.utility(found) - case.radius * found.volatility == pytest.approx(peer, rel=EQUAL, abs=EQUAL)
    target = -case.most(-case.volatility) * 1.1
    found = case.ours("target_volatility", market_impact=case.impact, target_volatility=target)
    assert found.volatility <= target * (1 + 1e-9)
    assert found.expected_return == pytest.approx(case.most(earned, case.volatility <= target), rel=EQUAL, abs=EQUAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_market_impact_in_the_greatest_sharpe_ratio(seed: int) -> None:
    case = Case(seed)
    earned = case.earned - case.paid
    if case.most(earned) > 0.02:
        found = case.ours("max_sharpe", market_impact=case.impact)
        # At the greatest ratio s no portfolio earns more than s times its volatility (Dinkelbach).
        assert case.most(earned - found.sharpe * case.volatility) == pytest.approx(0.0, abs=EQUAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_target_return_net_of_market_impact(seed: int) -> None:
    case = Case(seed)
    earned = case.earned - case.paid
    safest = case.ours("min_variance", market_impact=case.impact)
    target = 0.4 * safest.expected_return + 0.6 * case.most(earned)
    found = case.ours("min_variance", market_impact=case.impact, target_return=target)
    assert found.expected_return == pytest.approx(target, rel=1e-8, abs=1e-8)
    assert found.volatility == pytest.approx(-case.most(-case.volatility, earned >= target), rel=EQUAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_cvar_max_under_every_objective_that_is_quadratic(seed: int) -> None:
    case = Case(seed)
    least = -case.most(-case.cvar)
    free = case.ours("utility")
    most = (least + case.tail(free)) / 2
    kept = case.cvar <= most
    risk = AVERSION / 2 * cp.square(case.volatility)
    found = case.ours("utility", cvar_max=most)
    assert case.tail(found) <= most * (1 + 1e-8)
    assert case.utility(found) == pytest.approx(case.most(case.earned - risk, kept), rel=EQUAL, abs=EQUAL)
    found = case.ours("utility", cvar_max=most, market_impact=case.impact)
    assert case.utility(found) == pytest.approx(case.most(case.earned - case.paid - risk, kept), rel=EQUAL, abs=EQUAL)
    found = case.ours("min_variance", cvar_max=most)
    assert found.volatility == pytest.approx(-case.most(-case.volatility, kept), rel=EQUAL)
    if case.most(case.earned, kept) > 0.02:
        found = case.ours("max_sharpe", cvar_max=most)
        assert case.tail(found) <= most * (1 + 1e-8)
        assert case.most(case.earned - found.sharpe * case.volatility, kept) == pytest.approx(0.0, abs=EQUAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_risk_budgets_under_caps_are_the_nearest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 10))
    factors = rng.normal(size=(3 * n, n)) * rng.uniform(0.3, 3, n)
    covariance, budgets = factors.T @ factors / n, rng.dirichlet(np.ones(n))
    free = optimize(np.zeros(n), covariance, "risk_budget", Limits(budgets=budgets))
    cap = max(free.weights.max() * 0.8, 1.1 / n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = optimize(np.zeros(n), covariance, "risk_budget", Limits(budgets=budgets, max_weight=cap))
        y, k = cp.Variable(n), cp.Variable()
        size = cp.sum_squares(np.linalg.cholesky(covariance).T @ y) / 2
        cp.Problem(cp.Minimize(size - budgets @ cp.log(y)), [cp.sum(y) == k, y <= cap * k]).solve(solver=cp.CLARABEL)
    peer = y.value / k.value

    def missed(w: np.ndarray) -> float:
        return float(np.log(w @ covariance @ w) / 2 - budgets @ np.log(w))

    assert found.weights.max() <= cap + 1e-9
    assert missed(found.weights) <= missed(peer) + EQUAL
    assert found.weights == pytest.approx(peer, abs=1e-3)
