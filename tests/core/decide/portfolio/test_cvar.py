from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, violation
from core.decide.portfolio import cvar
from core.decide.portfolio.cvar import Tail, complete_returns, conditional_value_at_risk
from core.decide.portfolio.optimize import optimize
from core.errors import ArgumentError, DataWarning, InfeasibleError, MissingDataError


def history(seed: int, rows: int = 400, contracts: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 0.01 * (rng.standard_t(4, size=(rows, contracts)) + rng.standard_t(4, size=(rows, 1)))


def test_the_worst_rows_count_and_the_divided_one_by_its_part() -> None:
    losses = [5.0, 1.0, 4.0, -2.0, 3.0]
    assert conditional_value_at_risk(losses, 0.6) == pytest.approx((5 + 4) / 2)
    assert conditional_value_at_risk(losses, 0.5) == pytest.approx((5 + 4 + 0.5 * 3) / 2.5)
    assert conditional_value_at_risk(losses, 0.9) == pytest.approx(5.0)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=12), st.floats(0.05, 0.98))
def test_it_is_the_least_of_rockafellar_and_uryasev(losses: list[float], level: float) -> None:
    values = np.array(losses)
    least = min(a + np.maximum(values - a, 0).mean() / (1 - level) for a in values)
    assert conditional_value_at_risk(values, level) == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_of_a_tiny_history_is_that_of_brute_force(seed: int) -> None:
    returns = history(seed, rows=8, contracts=2)
    found = optimize([0, 0], np.eye(2), "cvar", Limits(cvar_level=0.7), returns).weights
    # The objective has its kinks where two rows lose the same; one of them or an end is the optimum.
    kinks = [0.0, 1.0]
    for first, second in itertools.combinations(returns, 2):
        slope = (first - second)[0] - (first - second)[1]
        if slope != 0:
            kinks.append(float(-(first - second)[1] / slope))
    best = min(
        conditional_value_at_risk(-returns @ [share, 1 - share], 0.7) for share in kinks if -1e-12 <= share <= 1 + 1e-12
    )
    assert conditional_value_at_risk(-returns @ found, 0.7) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize(("seed", "cap"), [(6, 0.05), (13, 0.2), (17, 0.05), (39, 0.2)])
def test_a_hundred_contracts_over_few_rows_end_in_the_least_of_the_whole_program(seed: int, cap: float) -> None:
    rng = np.random.default_rng(seed)
    rows, n = 305, 100
    returns = 0.02 * rng.normal(size=(rows, n)) + 0.03 * rng.normal(size=(rows, 1))
    found = optimize(np.zeros(n), np.cov(returns.T), "cvar", Limits(max_weight=cap), returns)
    whole = linprog(  # the weights, the quantile, and the excess of each row
        np.concatenate([np.zeros(n), [1.0], np.full(rows, 1 / (0.05 * rows))]),
        A_ub=np.hstack([-returns, -np.ones((rows, 1)), -np.eye(rows)]),
        b_ub=np.zeros(rows),
        A_eq=np.concatenate([np.ones(n), np.zeros(1 + rows)])[np.newaxis],
        b_eq=[1.0],
        bounds=[(0, cap)] * n + [(None, None)] + [(0, None)] * rows,
    )
    assert conditional_value_at_risk(-returns @ found.weights) == pytest.approx(whole.fun, abs=1e-10)
    assert found.certificate.passes(1e-9)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.95, 0.999])
def test_no_random_portfolio_has_a_smaller_one_at_any_level(level: float) -> None:
    returns = history(3)
    found = optimize(np.zeros(5), np.cov(returns.T), "cvar", Limits(cvar_level=level), returns)
    least = conditional_value_at_risk(-returns @ found.weights, level)
    draws = np.random.default_rng(4).dirichlet(np.full(5, 0.5), 500)
    assert all(conditional_value_at_risk(-returns @ w, level) >= least - 1e-12 for w in draws)


@given(st.integers(0, 1000))
def test_order_and_units_do_not_matter(seed: int) -> None:
    returns = history(seed, rows=60, contracts=4)
    order = np.random.default_rng(seed).permutation(4)

    def least(table: np.ndarray) -> float:
        found = optimize(np.zeros(4), np.cov(table.T), "cvar", Limits(cvar_level=0.9), table)
        return conditional_value_at_risk(-table @ found.weights, 0.9)

    assert least(returns[:, order]) == pytest.approx(least(returns), rel=1e-9)
    assert least(returns * 1e-4) == pytest.approx(least(returns) * 1e-4, rel=1e-9)


@given(st.integers(0, 1000))
def test_the_estimate_of_a_tail_never_exceeds_the_truth(seed: int) -> None:
    returns = history(seed, rows=100, contracts=3)
    first, second = np.random.default_rng(seed).dirichlet(np.ones(3), 2)
    tail = Tail.around(returns, 0.9, first)
    losses = -returns @ second

    def estimate(tail: Tail) -> float:
        parts = [
            a + ((losses - a)[tail.inside].sum() + np.maximum(losses - a, 0)[tail.near].sum()) / 10.0 for a in losses
        ]
        return float(min(parts))

    assert estimate(tail) <= tail.cvar(second) + 1e-12
    assert estimate(tail.widened(second)) == pytest.approx(tail.cvar(second), abs=1e-12)


def test_a_limit_on_the_tail_holds_and_binds() -> None:
    returns = history(5)
    mu, covariance = np.array([0.1, 0.2, 0.3, 0.4, 0.9]), np.cov(returns.T)
    free = optimize(mu, covariance, "utility", None, returns)
    most = 0.8 * conditional_value_at_risk(-returns @ free.weights)
    found = optimize(mu, covariance, "utility", Limits(cvar_max=most), returns)
    assert conditional_value_at_risk(-returns @ found.weights) == pytest.approx(most, rel=1e-9)
    assert found.expected_return < free.expected_return


def test_a_limit_that_no_portfolio_keeps_names_the_least() -> None:
    returns = history(6)
    least = optimize(np.zeros(5), np.cov(returns.T), "cvar", None, returns)
    value = conditional_value_at_risk(-returns @ least.weights)
    for objective in ("min_variance", "max_sharpe", "cvar", "target_volatility"):
        limits = Limits(cvar_max=value / 2, target_volatility=1)
        with pytest.raises(InfeasibleError, match=rf"cvar_max .* is below {value:.4g}, .* would do"):
            optimize(np.full(5, 0.1), np.cov(returns.T), objective, limits, returns)


def test_a_year_of_hours_is_one_more_optimum() -> None:
    returns = history(7, rows=8760, contracts=20)
    found = optimize(np.zeros(20), np.cov(returns.T), "cvar", None, returns)
    assert found.certificate.passes(1e-9)
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("returns", "error", "message"),
    [
        (None, ArgumentError, "objective cvar needs returns"),
        (np.ones((5, 2)), ArgumentError, "returns has 2 columns where 3"),
        (np.full((5, 3), np.nan), MissingDataError, "returns has too few complete rows"),
        (np.full((5, 3), np.inf), ArgumentError, "returns is infinite"),
    ],
)
def test_returns_that_cannot_be_used_are_named(
    returns: np.ndarray | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        optimize([0.1, 0.2, 0.3], np.eye(3), "cvar", None, returns)


def test_cvar_max_says_that_it_needs_returns() -> None:
    with pytest.raises(ArgumentError, match="cvar_max needs returns"):
        optimize([0.1, 0.2], np.eye(2), "min_variance", Limits(cvar_max=0.1))


def test_rows_with_a_gap_are_dropped_and_counted() -> None:
    returns = history(8, contracts=3)
    with pytest.warns(DataWarning, match="1 of 401 rows dropped"):
        assert complete_returns(np.vstack([returns, [np.nan, 1, 1]]), 3, "cvar") == pytest.approx(returns)


LIMITS = {
    "long only": Limits(),
    "capped": Limits(max_weight=0.15),
    "long and short": Limits(min_weight=-0.3, max_weight=0.5, gross_max=1.6, current_weights=0.05, max_turnover=1.2),
}


def independent(seed: int, rows: int, contracts: int) -> np.ndarray:
    """Independent contracts: which rows are the worst is another question for each portfolio."""
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, size=(rows, contracts)) * rng.uniform(0.005, 0.02, contracts)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("seed", range(3))
def test_newton_steps_end_near_the_least_among_what_is_allowed(limits: Limits, level: float, seed: int) -> None:
    returns = independent(seed, 3000, 8)
    allowed = feasible_set(limits, 8)
    near = cvar._near_least(allowed, returns, level, np.zeros(8))
    stated = {name: getattr(limits, name) for name in ("min_weight", "max_weight", "gross_max", "max_turnover")}
    asked = Limits(**stated, current_weights=limits.current_weights, cvar_level=level)
    best = optimize(np.zeros(8), np.cov(returns.T), "cvar", asked, returns).weights
    least = conditional_value_at_risk(-returns @ best, level)
    assert violation(allowed, near) <= 1e-9
    assert least - 1e-12 <= conditional_value_at_risk(-returns @ near, level) <= 1.005 * least


def test_too_few_rows_to_choose_from_leave_the_start() -> None:
    returns, start = independent(0, 30, 3), np.array([0.2, 0.3, 0.5])
    assert cvar._near_least(feasible_set(Limits(), 3), returns, 0.9, start) is start


def test_rows_that_lose_alike_have_no_bend() -> None:
    returns = np.repeat([[0.01, -0.02]], 400, axis=0)
    near = cvar._near_least(feasible_set(Limits(), 2), returns, 0.5, np.full(2, 0.5))
    assert near == pytest.approx([1, 0], abs=1e-12)


def test_a_year_of_independent_hours_takes_a_program_or_two(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    solved = cvar.solve
    monkeypatch.setattr(cvar, "solve", lambda problem: sizes.append(problem.q.size) or solved(problem))
    returns = independent(1, 8760, 20)
    found = optimize(np.zeros(20), np.cov(returns.T), "cvar", Limits(max_weight=0.3), returns)
    assert len(sizes) <= 2
    assert max(sizes) <= 100
    assert found.certificate.passes(1e-9)


def test_a_book_that_is_best_in_cash_is_found() -> None:
    returns = np.random.default_rng(27).normal(size=(300, 1)) * 0.0126
    limits = Limits(min_weight=-0.5, max_weight=1.5, net=None, gross_max=2.0, cvar_level=0.9)
    assert optimize([0.0], [[1e-4]], "cvar", limits, returns).weights == pytest.approx([0.0], abs=1e-9)


def test_planes_touch_the_value_at_risk_from_below() -> None:
    returns = independent(2, 400, 5)
    rng = np.random.default_rng(2)
    for level in (0.9, 0.933, 0.5):
        for first, second in rng.dirichlet(np.ones(5), (50, 2)):
            plane = -cvar._mean_of_tail(returns, level, first)
            assert plane @ first == pytest.approx(conditional_value_at_risk(-returns @ first, level), rel=1e-12)
            assert plane @ second <= conditional_value_at_risk(-returns @ second, level) + 1e-15


@pytest.mark.parametrize("objective", ["utility", "max_sharpe", "robust"])
def test_a_cap_on_a_year_of_independent_hours_needs_few_variables(
    objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns = independent(3, 8760, 10)
    covariance, mu = np.cov(returns.T) * 8760, np.random.default_rng(3).uniform(0, 0.5, 10)
    safest = optimize(mu, covariance, "cvar", Limits(max_weight=0.4), returns).weights
    least = conditional_value_at_risk(-returns @ safest)
    sizes: list[int] = []
    extended = cvar.Tail.extended
    monkeypatch.setattr(
        cvar.Tail, "extended", lambda tail, *rest: sizes.append(int(tail.near.sum())) or extended(tail, *rest)
    )
    limits = Limits(max_weight=0.4, cvar_max=1.05 * least, uncertainty=0.3, risk_aversion=0.5)
    found = optimize(mu, covariance, objective, limits, returns)
    assert conditional_value_at_risk(-returns @ found.weights) == pytest.approx(1.05 * least, rel=1e-8)
    assert max(sizes) <= 100
    assert found.certificate.passes(1e-9)
