from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choices import OBJECTIVES
from core.decide.limits.declared import Group, Limits
from core.decide.portfolio.optimize import optimize
from core.errors import ArgumentError, DataWarning, InfeasibleError, MissingDataError, UndefinedError
from core.numeric.quadratic.routes import is_there

MU = np.array([0.12, 0.25, 0.40])
SIGMA = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])


def random_case(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    factors = rng.normal(size=(30, n))
    return rng.uniform(0.01, 0.5, n), factors.T @ factors / 30


def test_two_contracts_of_least_variance_are_the_closed_form() -> None:
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    expected = (0.09 - 0.01) / (0.04 + 0.09 - 2 * 0.01)
    optimum = optimize([0.1, 0.1], covariance, "min_variance")
    assert optimum.weights == pytest.approx([expected, 1 - expected], abs=1e-12)
    assert optimum.weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_greatest_sharpe_ratio_is_the_tangency_portfolio_when_no_limit_binds() -> None:
    tangency = np.linalg.solve(SIGMA, MU - 0.05)
    optimum = optimize(MU, SIGMA, "max_sharpe", Limits(risk_free=0.05, min_weight=-5, max_weight=5))
    assert optimum.weights == pytest.approx(tangency / tangency.sum(), abs=1e-10)
    assert optimum.sharpe == pytest.approx(np.sqrt((MU - 0.05) @ tangency), rel=1e-12)


def test_greatest_utility_is_the_closed_form_when_nothing_binds() -> None:
    limits = Limits(net=None, min_weight=-5, max_weight=5, risk_aversion=3, risk_free=0.02)
    optimum = optimize(MU, SIGMA, "utility", limits)
    assert optimum.weights == pytest.approx(np.linalg.solve(3 * SIGMA, MU - 0.02), abs=1e-12)
    # What is not in positions earns the risk-free rate.
    assert optimum.expected_return == pytest.approx(0.02 + (MU - 0.02) @ optimum.weights)


def test_target_return_is_met_when_it_asks_for_more_than_least_variance() -> None:
    optimum = optimize(MU, SIGMA, "target_return", Limits(target_return=0.3))
    assert optimum.expected_return == pytest.approx(0.3, abs=1e-12)
    assert optimum.volatility > optimize(MU, SIGMA, "min_variance").volatility


def test_target_return_below_that_of_least_variance_costs_nothing() -> None:
    safest = optimize(MU, SIGMA, "min_variance")
    assert optimize(MU, SIGMA, "target_return", Limits(target_return=0.0)).weights == pytest.approx(safest.weights)


def test_target_return_is_a_floor_for_every_objective() -> None:
    for objective in ("min_variance", "max_sharpe", "utility"):
        optimum = optimize(MU, SIGMA, objective, Limits(target_return=0.37, risk_aversion=50))
        assert optimum.expected_return == pytest.approx(0.37, abs=1e-10)


@pytest.mark.parametrize("objective", ["min_variance", "max_sharpe"])
@pytest.mark.parametrize("factor", [1e-8, 4e-10, 1e6])
def test_weights_do_not_depend_on_the_units_of_risk(objective: str, factor: float) -> None:
    limits = Limits(max_weight=0.6)
    expected = optimize(MU, SIGMA, objective, limits).weights
    assert optimize(MU, SIGMA * factor, objective, limits).weights == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 10**6))
def test_the_order_of_contracts_does_not_matter(seed: int) -> None:
    mu, covariance = random_case(seed)
    order = np.random.default_rng(seed).permutation(mu.size)
    limits = Limits(min_weight=-0.3, max_weight=0.9, gross_max=1.5)
    straight = optimize(mu, covariance, "max_sharpe", limits).weights
    assert optimize(mu[order], covariance[np.ix_(order, order)], "max_sharpe", limits).weights == pytest.approx(
        straight[order], abs=1e-7
    )


@given(st.integers(0, 10**6), st.sampled_from(["min_variance", "max_sharpe", "utility"]))
def test_no_random_portfolio_does_better(seed: int, objective: str) -> None:
    mu, covariance = random_case(seed)
    cap = 1.5 / mu.size
    optimum = optimize(mu, covariance, objective, Limits(max_weight=cap, risk_aversion=2))

    def score(w: np.ndarray) -> float:
        variance = w @ covariance @ w
        return {"min_variance": -variance, "max_sharpe": mu @ w / np.sqrt(variance), "utility": mu @ w - variance}[
            objective
        ]

    draws = np.random.default_rng(seed).dirichlet(np.ones(mu.size), 200)
    draws = draws[(draws <= cap).all(axis=1)]
    assert all(score(w) <= score(optimum.weights) + 1e-9 for w in draws)


@pytest.mark.parametrize("n", [3, 6, 7, 10])
def test_caps_that_bind_exactly_leave_equal_weights(n: int) -> None:
    covariance = np.diag(np.arange(1.0, n + 1))
    for objective in ("min_variance", "max_sharpe"):
        weights = optimize(np.full(n, 0.1), covariance, objective, Limits(max_weight=1 / n)).weights
        assert weights == pytest.approx(np.full(n, 1 / n), abs=1e-9)
        assert weights.sum() == pytest.approx(1.0, abs=1e-9)


def test_a_stablecoin_without_variance_takes_all_of_the_least_variance_portfolio() -> None:
    covariance = np.diag([0.0, 0.3, 0.5])
    optimum = optimize(MU, covariance, "min_variance")
    assert optimum.weights.tolist() == [1.0, 0.0, 0.0]
    assert optimum.volatility == 0.0


def test_a_premium_without_risk_has_an_infinite_sharpe_ratio() -> None:
    optimum = optimize([0.05, 0.1], np.diag([0.0, 0.4]), "max_sharpe")
    assert optimum.weights == pytest.approx([1.0, 0.0], abs=1e-9)
    assert optimum.sharpe == np.inf


def test_one_contract_is_held_whole() -> None:
    assert optimize([0.1], [[0.2]]).weights == pytest.approx([1.0])


def test_the_cost_of_trading_keeps_small_gains_from_being_chased() -> None:
    current = np.array([0.3, 0.4, 0.3])
    free = optimize(MU, SIGMA, "utility", Limits(current_weights=current, risk_aversion=2))
    costly = optimize(MU, SIGMA, "utility", Limits(current_weights=current, risk_aversion=2, turnover_cost=5.0))
    assert np.abs(free.weights - current).sum() > 0.05
    assert costly.weights == pytest.approx(current, abs=1e-9)
    assert costly.expected_return == pytest.approx(MU @ current, abs=1e-8)


def test_the_expected_return_is_net_of_the_cost_of_trading() -> None:
    limits = Limits(current_weights=[1, 0, 0], turnover_cost=[0.01, 0.02, 0.03], min_weight=[0, 1, 0])
    optimum = optimize(MU, SIGMA, "min_variance", limits)
    assert optimum.expected_return == pytest.approx(0.25 - 0.01 - 0.02)


def test_a_sharpe_ratio_that_leaves_scale_free_takes_the_largest_scale() -> None:
    invested = optimize(MU, SIGMA, "max_sharpe")
    for limit, size in (({}, None), ({"gross_max": 0.8}, 0.8), ({"net_max": 1.7}, 1.7)):
        free = optimize(MU, SIGMA, "max_sharpe", Limits(**{"net": None, **limit} if "net_max" not in limit else limit))
        assert free.weights / free.weights.sum() == pytest.approx(invested.weights, abs=1e-9)
        largest = free.weights.sum() if size else free.weights.max()
        assert largest == pytest.approx(size or 1.0, abs=1e-9)


def test_a_beta_neutral_book_of_free_net_still_reaches_its_largest_scale() -> None:
    limits = Limits(net=None, min_weight=-2, max_weight=2, gross_max=2, betas=[0.9, 1.1, 1.6], target_beta=0)
    optimum = optimize(MU, SIGMA, "max_sharpe", limits)
    assert np.abs(optimum.weights).sum() == pytest.approx(2.0, abs=1e-9)
    assert optimum.weights @ [0.9, 1.1, 1.6] == pytest.approx(0.0, abs=1e-9)


def test_margin_buffer_holds_back_equity() -> None:
    rates = np.array([0.1, 0.2, 0.5])
    limits = Limits(net=None, min_weight=-2, max_weight=2, initial_margin_rates=rates, margin_buffer=0.7)
    optimum = optimize(MU, SIGMA, "utility", Limits(**{**vars(limits), "risk_aversion": 0.1}))
    assert rates @ np.abs(optimum.weights) == pytest.approx(0.3, abs=1e-9)


def test_groups_max_step_and_turnover_hold() -> None:
    limits = Limits(
        current_weights=[0.5, 0.3, 0.2],
        max_step=0.15,
        max_turnover=0.2,
        groups=(Group("group_1", np.array([0.0, 1.0, 1.0]), 0.55),),
    )
    weights = optimize(MU, SIGMA, "target_return", Limits(**{**vars(limits), "target_return": 0.23})).weights
    change = np.abs(weights - [0.5, 0.3, 0.2])
    assert change.max() <= 0.15 + 1e-9
    assert change.sum() <= 0.2 + 1e-9
    assert weights[1:].sum() <= 0.55 + 1e-9


def test_no_positive_premium_names_the_best_contract() -> None:
    with pytest.raises(UndefinedError, match=r"no positive premium: the best, contract 3, .* of -0.1 "):
        optimize(MU, SIGMA, "max_sharpe", Limits(risk_free=0.5))


def test_cost_counts_against_the_premium() -> None:
    with pytest.raises(UndefinedError, match=r"contract 3, .* of -0.05 "):
        optimize(MU, SIGMA, "max_sharpe", Limits(turnover_cost=0.45))


def test_limits_that_leave_no_positive_premium_say_so() -> None:
    with pytest.raises(
        UndefinedError,
        match=r"under these limits: .* earns -0.09333 over risk-free, .* contract 3 has a net premium of 0.05",
    ):
        optimize(MU, SIGMA, "max_sharpe", Limits(risk_free=0.35, max_weight=1 / 3))


def test_premium_that_a_beta_target_of_zero_removes_is_no_premium() -> None:
    betas = np.array([0.5, 1.0, 1.5])
    with pytest.raises(UndefinedError, match="no positive premium"):
        optimize(0.1 * betas, SIGMA, "max_sharpe", Limits(net=None, min_weight=-1, betas=betas, target_beta=0))


def test_limits_that_allow_no_position_say_so() -> None:
    with pytest.raises(UndefinedError, match="no position at all"):
        optimize(MU, SIGMA, "max_sharpe", Limits(net=None, max_weight=0))


def test_conflicting_limits_are_named_for_every_objective() -> None:
    for objective in ("min_variance", "max_sharpe", "utility"):
        with pytest.raises(InfeasibleError, match=r"max_weight 0.2 x 3 contracts = 0.6 cannot reach net 1"):
            optimize(MU, SIGMA, objective, Limits(max_weight=0.2))


def test_semivariance_punishes_the_contract_that_falls() -> None:
    rng = np.random.default_rng(1)
    gains = rng.exponential(0.02, 2000)
    returns = np.column_stack([gains, -gains])
    covariance = np.diag(returns.var(axis=0))
    weights = optimize([0.0, 0.0], covariance, "semivariance", Limits(semivariance_alpha=0.2), returns).weights
    assert weights[0] > 0.7
    even = optimize([0.0, 0.0], covariance, "semivariance", Limits(semivariance_alpha=1), returns).weights
    assert even == pytest.approx([0.5, 0.5])


def test_semivariance_drops_rows_with_gaps_and_says_so() -> None:
    returns = np.random.default_rng(2).normal(size=(50, 2))
    covariance = np.cov(returns.T)
    holed = np.vstack([returns, [np.nan, 1.0]])
    expected = optimize([0, 0], covariance, "semivariance", None, returns).weights
    with pytest.warns(DataWarning, match="1 of 51 rows dropped"):
        assert optimize([0, 0], covariance, "semivariance", None, holed).weights == pytest.approx(expected)


def test_semivariance_is_brought_to_the_period_of_the_covariance_and_says_so() -> None:
    returns = np.random.default_rng(3).normal(size=(500, 3)) * [0.01, 0.02, 0.03]
    covariance = np.cov(returns.T, ddof=0)
    expected = optimize(MU, covariance, "semivariance", None, returns).weights
    with pytest.warns(DataWarning, match="covariance is 365 times that of returns"):
        annual = optimize(MU, covariance * 365, "semivariance", None, returns).weights
    assert annual == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"objective": "max_shrap"}, ArgumentError, "did you mean 'max_sharpe'"),
        ({"objective": "target_return"}, ArgumentError, "needs the limit target_return"),
        ({"expected_returns": [0.1, np.nan, 0.2]}, MissingDataError, "expected_returns has no value at position 2"),
        ({"expected_returns": [0.1, 0.2]}, ArgumentError, "covariance is 3 x 3 where 2 x 2"),
        ({"expected_returns": ["a", 1, 2]}, ArgumentError, "expected_returns must hold numbers"),
        ({"covariance": SIGMA[:2]}, ArgumentError, "must be square"),
        ({"covariance": np.triu(SIGMA)}, ArgumentError, "not symmetric"),
        ({"covariance": SIGMA - np.eye(3)}, ArgumentError, "not positive semidefinite"),
        ({"covariance": np.where(SIGMA > 0.5, np.nan, SIGMA)}, MissingDataError, "covariance has no value"),
        ({"limits": Limits(max_weight=[0.5, 0.5])}, ArgumentError, "max_weight has 2 values where 3"),
        ({"limits": Limits(betas=[1, 2], target_beta=1)}, ArgumentError, "betas has 2 values where 3"),
        ({"limits": Limits(current_weights=[1, np.nan, 0], max_turnover=1)}, MissingDataError, "current_weights"),
        ({"objective": "semivariance"}, ArgumentError, "needs returns"),
        ({"objective": "semivariance", "returns": np.ones((5, 2))}, ArgumentError, "returns has 2 columns where 3"),
        (
            {"objective": "semivariance", "returns": np.full((5, 3), np.nan)},
            MissingDataError,
            "returns has too few complete rows",
        ),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    arguments = {"expected_returns": MU, "covariance": SIGMA, **changes}
    with pytest.raises(error, match=message):
        optimize(**arguments)


def test_every_objective_carries_its_certificate_and_route() -> None:
    returns = np.random.default_rng(5).multivariate_normal(np.zeros(3), SIGMA, 400)
    for objective in OBJECTIVES:
        least = None if objective == "risk_budget" else 0.3
        limits = Limits(target_return=least, target_volatility=0.7, uncertainty=0.1)
        optimum = optimize(MU, SIGMA, objective, limits, returns)
        assert optimum.objective == objective
        assert optimum.certificate.passes(1e-8)
        assert optimum.solver == ("daqp" if is_there("daqp") else "active set")


def test_the_first_optimum_of_a_process_imports_numpy_and_daqp_only() -> None:
    program = (
        "import sys; from core.decide.portfolio.optimize import optimize; optimize([0.1, 0.2], [[0.1, 0], [0, 0.2]]); "
        "print([m for m in ('scipy', 'pandas', 'numba', 'cvxpy', 'sklearn', 'piqp') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
