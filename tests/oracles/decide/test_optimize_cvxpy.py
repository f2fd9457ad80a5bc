"""Optimum after optimum against cvxpy with Clarabel, which states absolute values and limits in its own way."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import cvxpy as cp
import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import Optimum, optimize
from core.errors import UndefinedError

SEEDS = range(14)
PRECISE = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}


def factor_covariance(rng: np.random.Generator, n: int) -> np.ndarray:
    returns = 0.02 * rng.normal(size=(3 * n + 5, n)) + 0.03 * rng.normal(size=(3 * n + 5, 1))
    return np.cov(returns.T).reshape(n, n) * 365


def tied(rng: np.random.Generator, n: int) -> np.ndarray:
    """All contracts alike: every one has the same variance and the same correlation."""
    return np.full((n, n), 0.2) + np.eye(n) * 0.3


def singular(rng: np.random.Generator, n: int) -> np.ndarray:
    """Fewer observations than contracts."""
    returns = rng.normal(size=(max(n // 2, 1), n)) * 0.3
    return returns.T @ returns / len(returns)


def with_stablecoin(rng: np.random.Generator, n: int) -> np.ndarray:
    covariance = factor_covariance(rng, n)
    covariance[0, :] = covariance[:, 0] = 0.0
    return covariance


def hourly(rng: np.random.Generator, n: int) -> np.ndarray:
    """Variances of about 4e-10, as of an hour of a calm contract."""
    covariance = factor_covariance(rng, n)
    return covariance * (4e-10 / covariance.diagonal().mean())


COVARIANCES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "factor": factor_covariance,
    "tied": tied,
    "singular": singular,
    "stablecoin": with_stablecoin,
    "hourly": hourly,
}


def random_limits(rng: np.random.Generator, n: int) -> Limits:
    """Limits that can hold together: each is stated around the weights of one random portfolio."""
    shorts = rng.random() < 0.6
    caps = (
        np.full(n, 1 / n)
        if rng.random() < 0.1 and not shorts
        else np.full(n, rng.uniform(1.5 / n, 1.0) if n > 1 else 1)
    )
    floors = -caps * rng.choice([0.5, 1.0]) if shorts else np.zeros(n)
    anchor = rng.uniform(floors, caps)
    if not shorts:
        anchor = np.minimum(caps, anchor / anchor.sum())
        anchor += (1 - anchor.sum()) * (caps - anchor) / max((caps - anchor).sum(), 1e-12)
    current = anchor + rng.normal(size=n) * 0.05 if rng.random() < 0.5 else np.zeros(n)
    stated: dict[str, object] = {"min_weight": floors, "max_weight": caps, "current_weights": current}
    if shorts:
        stated["net"] = rng.choice([None, float(anchor.sum())])
    if rng.random() < 0.5:
        stated["turnover_cost"] = rng.uniform(0, 0.01, n)
    if rng.random() < 0.4:
        stated["gross_max"] = float(np.abs(anchor).sum() * rng.choice([1.0, 1.2]))
    if rng.random() < 0.4:
        stated["betas"] = rng.normal(1, 0.4, n)
        stated["target_beta"] = float(stated["betas"] @ anchor)
        stated["beta_tolerance"] = rng.choice([0.0, 0.1])
    if rng.random() < 0.3:
        rates = rng.choice([0.05, 0.1, 0.02], n)
        stated["initial_margin_rates"] = rates
        stated["margin_buffer"] = float(max(1 - rates @ np.abs(anchor) * 1.1, 0))
    if rng.random() < 0.3:
        stated["max_step"] = np.abs(anchor - current) * 1.1 + 0.01
    if rng.random() < 0.3:
        stated["max_turnover"] = float(np.abs(anchor - current).sum() * 1.1)
    return Limits(**stated)


def constraints(w, k, limits: Limits, n: int) -> list:
    """The limits on w = k x weights, in cvxpy's own words."""
    low, high = limits.net_range()
    start = limits.vector("current_weights", n) * k
    stated = [
        w >= limits.vector("min_weight", n) * k,
        w <= limits.vector("max_weight", n) * k,
    ]
    if low == high:
        stated.append(cp.sum(w) == low * k)
    if limits.gross_max is not None:
        stated.append(cp.norm1(w) <= limits.gross_max * k)
    if limits.target_beta is not None:
        stated.append(cp.abs(limits.betas @ w - limits.target_beta * k) <= limits.beta_tolerance * k)
    if limits.margin_buffer is not None:
        stated.append(limits.initial_margin_rates @ cp.abs(w) <= (1 - limits.margin_buffer) * k)
    if limits.max_step is not None:
        stated.append(cp.abs(w - start) <= limits.vector("max_step", n) * k)
    if limits.max_turnover is not None:
        stated.append(cp.norm1(w - start) <= limits.max_turnover * k)
    return stated


def excess(w, k, mu: np.ndarray, limits: Limits):
    cost = limits.vector("turnover_cost", mu.size)
    start = limits.vector("current_weights", mu.size)
    return (mu - limits.risk_free) @ w - cost @ cp.abs(w - start * k)


def solved(objective, stated: list) -> float:
    problem = cp.Problem(objective, stated)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            problem.solve(solver=cp.CLARABEL, **PRECISE)
        except cp.error.SolverError:  # the precision asked for is beyond some problems
            problem.solve(solver=cp.CLARABEL)
    assert problem.status in ("optimal", "optimal_inaccurate")
    return float(problem.value)


def assert_sound(optimum: Optimum, limits: Limits, mu: np.ndarray) -> None:
    n = mu.size
    w = optimum.weights
    assert optimum.certificate.passes(1e-8)
    low, high = limits.net_range()
    assert low - 1e-9 <= w.sum() <= high + 1e-9
    assert all(constraint.value(1e-9) for constraint in constraints(_constant(w), 1.0, limits, n))


def _constant(w: np.ndarray):
    variable = cp.Variable(w.size)
    variable.value = w
    return variable


def case(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, Limits]:
    rng = np.random.default_rng([seed, list(COVARIANCES).index(kind)])
    n = int(rng.integers(2, 13))
    covariance = COVARIANCES[kind](rng, n)
    scale = covariance.diagonal().mean()
    mu = rng.normal(0.3, 0.5, n) * scale
    limits = random_limits(rng, n)
    cost = np.asarray(limits.turnover_cost) * scale
    stated = {**vars(limits), "turnover_cost": cost, "risk_aversion": float(rng.choice([0.5, 2, 10]))}
    return mu, covariance, Limits(**stated)


@pytest.mark.parametrize("kind", COVARIANCES)
@pytest.mark.parametrize("seed", SEEDS)
def test_least_variance_is_that_of_cvxpy(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    scale = covariance.diagonal().mean()
    w = cp.Variable(mu.size)
    peer = solved(cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance / scale))), constraints(w, 1.0, limits, mu.size))
    ours = optimize(mu, covariance, "min_variance", limits)
    assert_sound(ours, limits, mu)
    assert ours.volatility**2 / scale == pytest.approx(peer, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("kind", COVARIANCES)
@pytest.mark.parametrize("seed", SEEDS)
def test_greatest_utility_is_that_of_cvxpy(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    scale = covariance.diagonal().mean()
    w = cp.Variable(mu.size)
    variance = cp.quad_form(w, cp.psd_wrap(covariance / scale))
    earned = excess(w, 1.0, mu / scale, Limits(**{**vars(limits), "turnover_cost": limits.turnover_cost / scale}))
    peer = solved(cp.Maximize(earned - limits.risk_aversion / 2 * variance), constraints(w, 1.0, limits, mu.size))
    ours = optimize(mu, covariance, "utility", limits)
    assert_sound(ours, limits, mu)
    reached = (ours.expected_return - limits.risk_aversion / 2 * ours.volatility**2) / scale
    assert reached == pytest.approx(peer, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("kind", COVARIANCES)
@pytest.mark.parametrize("seed", SEEDS)
def test_greatest_sharpe_ratio_is_that_of_cvxpy(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    scale = covariance.diagonal().mean()
    per_scale = Limits(**{**vars(limits), "turnover_cost": limits.turnover_cost / scale})
    w, y, k = cp.Variable(mu.size), cp.Variable(mu.size), cp.Variable(nonneg=True)
    most = solved(cp.Maximize(excess(w, 1.0, mu / scale, per_scale)), constraints(w, 1.0, limits, mu.size))
    if most < 1e-9:
        with pytest.raises(UndefinedError, match="no positive premium"):
            optimize(mu, covariance, "max_sharpe", limits)
        return
    # By units of the most that can be earned, so that y is of size one.
    stated = [*constraints(y, k, limits, mu.size), excess(y, k, mu / scale, per_scale) >= most]
    peer = solved(cp.Minimize(cp.quad_form(y, cp.psd_wrap(covariance / scale))), stated)
    ours = optimize(mu, covariance, "max_sharpe", limits)
    assert_sound(ours, limits, mu)
    variance = (ours.volatility / ours.expected_return * most) ** 2 * scale
    assert variance == pytest.approx(peer, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("kind", COVARIANCES)
@pytest.mark.parametrize("seed", SEEDS)
def test_least_variance_for_a_target_return_is_that_of_cvxpy(kind: str, seed: int) -> None:
    mu, covariance, limits = case(kind, seed)
    scale = covariance.diagonal().mean()
    per_scale = Limits(**{**vars(limits), "turnover_cost": limits.turnover_cost / scale})
    w = cp.Variable(mu.size)
    earned = excess(w, 1.0, mu / scale, per_scale)
    most = solved(cp.Maximize(earned), constraints(w, 1.0, limits, mu.size))
    safest = optimize(mu, covariance, "min_variance", limits).expected_return / scale
    target = safest + 0.7 * (most - safest)
    stated = [*constraints(w, 1.0, limits, mu.size), earned >= target]
    peer = solved(cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance / scale))), stated)
    ours = optimize(mu, covariance, "target_return", Limits(**{**vars(limits), "target_return": target * scale}))
    assert_sound(ours, limits, mu)
    assert ours.expected_return / scale >= target - 1e-8
    assert ours.volatility**2 / scale == pytest.approx(peer, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_least_semivariance_composite_is_that_of_cvxpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 10))
    returns = rng.standard_t(4, size=(200, n)) * 0.02
    covariance = np.cov(returns.T)
    limits = Limits(semivariance_alpha=0.3, downside_threshold=0.001, max_weight=0.8, min_weight=-0.2)
    downside = np.mean(np.minimum(returns - 0.001, 0) ** 2, axis=0)
    w = cp.Variable(n)
    composite = 0.3 * cp.quad_form(w, cp.psd_wrap(covariance * 1e4)) + 0.7 * cp.sum(cp.multiply(downside * 1e4, w**2))
    peer = solved(cp.Minimize(composite), constraints(w, 1.0, limits, n))
    ours = optimize(np.zeros(n), covariance, "semivariance", limits, returns)
    assert_sound(ours, limits, np.zeros(n))
    reached = 0.3 * ours.weights @ covariance @ ours.weights + 0.7 * downside @ ours.weights**2
    assert reached * 1e4 == pytest.approx(peer, rel=1e-7)
