"""The frontier against the programs it is made of: random, tied, singular, riskless and hourly sets of every limit.

Each point is solved afresh by `optimize`, which knows nothing of the critical line, and some by cvxpy with Clarabel.
"""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import excess_return, feasible_set, minimum, violation
from core.decide.portfolio.frontier import Frontier, efficient_frontier
from core.decide.portfolio.optimize import optimize
from core.errors import UndefinedError
from core.numeric.critical_line import walk as kernels
from core.numeric.quadratic import certificate
from tests.oracles.decide.test_optimize_cvxpy import COVARIANCES, constraints, random_limits

SEEDS = range(70)
POINTS = 7
RISKLESS = 1e6
"""Sharpe ratio beyond which nothing but rounding stands below the line."""

EXACT = 1e-9
"""Difference in variance, and in the greatest return, as a share of the mean variance of one contract."""


def case(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, Limits]:
    rng = np.random.default_rng([seed, list(COVARIANCES).index(kind), 7])
    n = int(rng.integers(2, 13))
    covariance = COVARIANCES[kind](rng, n)
    scale = covariance.diagonal().mean()
    mu = rng.normal(0.3, 0.5, n)
    if rng.random() < 0.25:  # tied
        mu = np.round(2 * mu) / 2
    if rng.random() < 0.25 and n > 2:  # a contract listed twice
        covariance[1] = covariance[0]
        covariance[:, 1] = covariance[:, 0]
        mu[1] = mu[0] if rng.random() < 0.5 else mu[1]
    limits = random_limits(rng, n)
    return mu * scale, covariance, replace(limits, turnover_cost=np.asarray(limits.turnover_cost) * scale)


def sharpe_of(weights: np.ndarray, mu: np.ndarray, covariance: np.ndarray, limits: Limits) -> float:
    trades = np.abs(weights - limits.vector("current_weights", mu.size))
    earned = (mu - limits.risk_free) @ weights - trades @ limits.vector("turnover_cost", mu.size)
    return float(earned / np.sqrt(weights @ covariance @ weights))


def assert_exact(frontier: Frontier, mu: np.ndarray, covariance: np.ndarray, limits: Limits) -> None:
    scale = covariance.diagonal().mean()
    premium = mu - limits.risk_free
    allowed = feasible_set(limits, mu.size, premium)
    excess = excess_return(limits, allowed, premium)
    richest = minimum(allowed, None, -excess.coefficients / (np.abs(excess.coefficients).max() or 1.0))
    most = limits.risk_free + excess.coefficients @ richest.x + excess.constant
    least = optimize(mu, covariance, "min_variance", limits).volatility
    assert frontier.certificate.passes(EXACT)
    assert max(violation(allowed, weights) for weights in frontier.weights) <= 1e-9
    assert frontier.volatilities[0] ** 2 == pytest.approx(least**2, abs=EXACT * scale)
    assert frontier.returns[-1] == pytest.approx(most, abs=EXACT * scale)
    for k in range(1, POINTS - 1):
        stated = replace(limits, target_return=float(frontier.returns[k]) - 1e-13 * scale)
        fresh = optimize(mu, covariance, "target_return", stated)
        assert frontier.volatilities[k] ** 2 == pytest.approx(fresh.volatility**2, abs=EXACT * scale)


@pytest.mark.parametrize("by_loop", [False, True], ids=["numpy", "loop"])
@pytest.mark.parametrize("kind", COVARIANCES)
def test_each_point_is_that_of_a_program_of_its_own(kind: str, by_loop: bool, monkeypatch) -> None:
    for each in (kernels, certificate):
        monkeypatch.setattr(each, "worth_compiling", lambda elements: by_loop)
    for seed in SEEDS:
        mu, covariance, limits = case(kind, seed)
        frontier = efficient_frontier(mu, covariance, POINTS, limits)
        assert frontier.solver == "critical line", seed
        assert_exact(frontier, mu, covariance, limits)


@pytest.mark.parametrize("kind", ["factor", "tied", "hourly"])
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_the_tangency_portfolio_is_the_optimum_of_the_sharpe_ratio(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    frontier = efficient_frontier(mu, covariance, POINTS, limits)
    try:
        best = optimize(mu, covariance, "max_sharpe", limits)
    except UndefinedError:
        assert np.isnan(frontier.tangency).all()
        return
    found = sharpe_of(frontier.tangency, mu, covariance, limits)
    if best.sharpe > RISKLESS:  # contracts that hedge each other out: what is left of the variance is rounding
        assert found > RISKLESS
    else:
        assert found == pytest.approx(best.sharpe, rel=1e-9)


@pytest.mark.parametrize("kind", COVARIANCES)
@pytest.mark.parametrize("seed", SEEDS[:4])
def test_the_least_variance_for_a_return_is_that_of_cvxpy(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    scale = covariance.diagonal().mean()
    frontier = efficient_frontier(mu, covariance, POINTS, limits)
    w = cp.Variable(mu.size)
    cost = limits.vector("turnover_cost", mu.size) / scale
    trades = w - limits.vector("current_weights", mu.size)
    earned = (mu / scale) @ w - cost @ cp.abs(trades) >= frontier.returns[3] / scale
    problem = cp.Problem(
        cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance / scale))),
        [*constraints(w, 1.0, limits, mu.size), earned],
    )
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11)
    assert frontier.volatilities[3] ** 2 / scale == pytest.approx(problem.value, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("n", [30, 100, 200])
def test_large_books(n: int) -> None:
    rng = np.random.default_rng(n)
    covariance = COVARIANCES["factor"](rng, n)
    scale = covariance.diagonal().mean()
    limits = Limits(
        net=None,
        gross_max=3.0,
        min_weight=-0.1,
        max_weight=0.1,
        betas=rng.normal(1, 0.3, n),
        target_beta=0.2,
        current_weights=rng.normal(0, 0.02, n),
        turnover_cost=0.002 * scale,
        initial_margin_rates=rng.choice([0.02, 0.05, 0.1], n),
        margin_buffer=0.85,
    )
    mu = rng.normal(0.1, 0.3, n) * scale
    frontier = efficient_frontier(mu, covariance, POINTS, limits)
    assert frontier.solver == "critical line"
    assert_exact(frontier, mu, covariance, limits)


def test_two_hundred_contracts_from_ninety_days() -> None:
    """Fewer days than contracts: the covariance has no inverse, and many portfolios have next to no variance."""
    rng = np.random.default_rng(3)
    returns = rng.normal(size=(90, 200)) * 0.03
    covariance, mu = np.cov(returns.T) * 365, rng.uniform(0, 0.5, 200)
    limits = Limits(max_weight=0.05)
    frontier = efficient_frontier(mu, covariance, POINTS, limits)
    assert_exact(frontier, mu, covariance, limits)
