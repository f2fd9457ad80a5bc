from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.risk_contribution import risk_contribution
from core.errors import ArgumentError, DataWarning, UndefinedError

SIGMA = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])

CANCELLING = np.array([[0.04, 0.0, -0.06], [0.0, 0.25, 0.0], [-0.06, 0.0, 0.09]])
"""Contract 3 undoes contract 1: three parts of the one and two of the other have no risk."""


def random_covariance(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 12))
    factors = rng.normal(size=(n + 20, n)) * rng.uniform(0.2, 3, n)
    return factors.T @ factors / n


def weights(covariance: np.ndarray, **stated: object) -> np.ndarray:
    return optimize(np.zeros(len(covariance)), covariance, "risk_budget", Limits(**stated)).weights


@given(st.integers(0, 10**6))
def test_each_contract_carries_its_budget(seed: int) -> None:
    covariance = random_covariance(seed)
    budgets = np.random.default_rng(seed).dirichlet(np.ones(len(covariance))) + 0.01
    found = weights(covariance, budgets=budgets)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert risk_contribution(found, covariance) == pytest.approx(budgets / budgets.sum(), abs=1e-9)


def test_uncorrelated_contracts_are_held_by_the_inverse_of_their_volatility() -> None:
    volatilities = np.array([0.2, 0.5, 1.0, 0.8])
    parity = weights(np.diag(volatilities**2))
    assert parity == pytest.approx((1 / volatilities) / (1 / volatilities).sum(), abs=1e-12)
    budgets = np.array([0.4, 0.3, 0.2, 0.1])
    expected = np.sqrt(budgets) / volatilities
    assert weights(np.diag(volatilities**2), budgets=budgets) == pytest.approx(expected / expected.sum(), abs=1e-12)


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.99])
def test_two_contracts_of_equal_budgets_do_not_mind_their_correlation(correlation: float) -> None:
    covariance = np.array([[0.04, correlation * 0.06], [correlation * 0.06, 0.09]])
    assert weights(covariance) == pytest.approx([0.6, 0.4], abs=1e-12)


@pytest.mark.parametrize("budget", [0.1, 0.35, 0.8])
@pytest.mark.parametrize("correlation", [-0.5, 0.3, 0.9])
def test_two_contracts_of_any_budgets_are_the_closed_form(budget: float, correlation: float) -> None:
    # Bruder and Roncalli, Managing Risk Exposures using the Risk Budgeting Approach (2012), section 2.2.2.
    s1, s2 = 0.2, 0.5
    covariance = np.array([[s1**2, correlation * s1 * s2], [correlation * s1 * s2, s2**2]])
    root = np.sqrt((budget - 0.5) ** 2 * correlation**2 + budget * (1 - budget))
    above = (budget - 0.5) * correlation * s1 * s2 - budget * s2**2 + s1 * s2 * root
    below = (1 - budget) * s1**2 - budget * s2**2 + 2 * (budget - 0.5) * correlation * s1 * s2
    assert weights(covariance, budgets=[budget, 1 - budget])[0] == pytest.approx(above / below, abs=1e-12)


@given(st.integers(0, 10**6))
def test_order_and_units_do_not_matter(seed: int) -> None:
    covariance = random_covariance(seed)
    order = np.random.default_rng(seed).permutation(len(covariance))
    straight = weights(covariance)
    assert weights(covariance[np.ix_(order, order)]) == pytest.approx(straight[order], abs=1e-10)
    assert weights(covariance * 1e-9) == pytest.approx(straight, abs=1e-10)


def test_a_free_size_is_the_largest_that_the_limits_allow() -> None:
    invested = weights(SIGMA)
    geared = weights(SIGMA, net=None, gross_max=2.5, max_weight=3)
    assert geared == pytest.approx(2.5 * invested, abs=1e-9)


def test_contracts_that_may_only_be_short_carry_risk_on_that_side() -> None:
    found = weights(SIGMA, net=None, min_weight=[0, -2, 0], max_weight=[2, 0, 2], gross_max=1)
    assert found[1] < 0
    assert risk_contribution(found, SIGMA) == pytest.approx(np.full(3, 1 / 3), abs=1e-9)


def test_a_contract_that_the_limits_exclude_has_no_share() -> None:
    found = weights(SIGMA, max_weight=[1, 0, 1])
    assert risk_contribution(found, SIGMA) == pytest.approx([0.5, 0, 0.5], abs=1e-9)


def test_a_budget_of_zero_leaves_a_contract_out() -> None:
    covariance = np.diag([0.04, 0.09, 0.16])
    assert weights(covariance, budgets=[1, 0, 1]) == pytest.approx([2 / 3, 0, 1 / 3], abs=1e-9)


def test_a_cap_that_prevents_a_budget_is_told() -> None:
    with pytest.warns(DataWarning, match=r"contract 1 carries 2\d\.\d+% of the risk where its budget is 33\.33%"):
        found = weights(SIGMA, max_weight=0.36)
    assert found.max() == pytest.approx(0.36, abs=1e-9)


@pytest.mark.parametrize(
    ("covariance", "stated", "error", "message"),
    [
        (SIGMA, {"budgets": [1, 1]}, ArgumentError, "budgets has 2 values where 3"),
        (SIGMA, {"budgets": [1, 1, 1], "max_weight": [1, 0, 1]}, ArgumentError, "contract 2 .* set its budget to 0"),
        (SIGMA, {"net": None, "max_weight": 0}, UndefinedError, "no position at all"),
        (np.diag([0.0, 1, 1]), {}, UndefinedError, "contract 1 has a risk budget but no variance"),
        (SIGMA, {"min_weight": [0, 0, 1]}, UndefinedError, "leave contract [12] no position on its side"),
        (CANCELLING, {}, UndefinedError, "contracts such as 1 and 3 .* no risk, .* set the budget of one to 0"),
    ],
)
def test_a_budget_that_cannot_be_carried_says_why(
    covariance: np.ndarray, stated: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        weights(covariance, **stated)


def test_a_singular_covariance_whose_contracts_cannot_cancel_has_its_budgets() -> None:
    same = np.ones((3, 3)) + np.diag([0.0, 0.0, 1.0])  # contracts 1 and 2 move as one
    found = weights(same, max_weight=[1, 1, 1])
    assert risk_contribution(found, same) == pytest.approx(np.full(3, 1 / 3), abs=1e-9)


def test_cancelling_contracts_have_budgets_where_one_is_left_out() -> None:
    found = weights(CANCELLING, budgets=[1, 1, 0], max_weight=[1, 1, 0])
    assert risk_contribution(found, CANCELLING) == pytest.approx([0.5, 0.5, 0], abs=1e-9)
