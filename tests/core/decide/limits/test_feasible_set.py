from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Factor, Group, Limits
from core.decide.limits.feasible_set import excess_return, feasible_set, lifted, minimum, violation
from core.errors import ArgumentError, MissingDataError


def test_without_shorts_gross_is_net_and_needs_no_extra_variable() -> None:
    allowed = feasible_set(Limits(gross_max=2, margin_buffer=0.3, initial_margin_rates=0.1), 4)
    assert allowed.lower.size == 4


def test_shorts_need_one_extra_variable_for_each_kink_inside_the_box() -> None:
    limits = Limits(
        min_weight=[-1, 0, -1], max_weight=[1, 1, 0], gross_max=2, max_turnover=1, current_weights=[0, 0.5, 0]
    )
    allowed = feasible_set(limits, 3)
    # Contract 1 folds at 0 for gross and turnover alike, contract 2 at its current 0.5; contract 3 is never above 0.
    assert list(zip(allowed.kink_contract, allowed.kink_at, strict=True)) == [(0, 0.0), (1, 0.5)]


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_the_excess_return_of_a_lifted_portfolio_counts_the_cost_exactly(weights: list[float]) -> None:
    w, premium = np.array(weights), np.array([0.1, -0.2, 0.3])
    limits = Limits(min_weight=-1, turnover_cost=[0.01, 0.02, 0.03], current_weights=[0.2, 0, -0.5])
    allowed = feasible_set(limits, 3, premium)
    excess = excess_return(limits, allowed, premium)
    expected = premium @ w - np.array([0.01, 0.02, 0.03]) @ np.abs(w - [0.2, 0, -0.5])
    assert excess.coefficients @ lifted(allowed, w) + excess.constant == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("weights", "missed"),
    [([0.5, 0.5, 0.0], 0.0), ([0.5, 0.6, 0.0], 0.1), ([1.2, 0.3, -0.5], 0.5), ([0.9, 0.35, -0.25], 0.1)],
)
def test_violation_is_by_how_much_the_worst_limit_is_missed(weights: list[float], missed: float) -> None:
    allowed = feasible_set(Limits(min_weight=-0.25, max_weight=0.8, gross_max=1.5), 3)
    assert violation(allowed, np.array(weights)) == pytest.approx(missed)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_funding_held_back_counts_what_is_paid_and_not_what_is_received(weights: list[float]) -> None:
    w, rates, funding = np.array(weights), np.array([0.1, 0.05, 0.2]), np.array([0.4, -0.6, 0.0])
    limits = Limits(
        net=None,
        min_weight=-2,
        max_weight=2,
        initial_margin_rates=rates,
        margin_buffer=0.2,
        funding_rates=funding,
        funding_buffer_days=73,
    )
    allowed = feasible_set(limits, 3)
    row = allowed.names.index("funding_buffer_days")
    held = allowed.rows[row] @ lifted(allowed, w) - allowed.row_upper[row] + 0.8
    assert held == pytest.approx(rates @ np.abs(w) + 73 / 365 * np.maximum(w * funding, 0).sum(), abs=1e-12)


def test_the_funding_buffer_stands_alone_without_margin() -> None:
    limits = Limits(net=None, max_weight=50, funding_rates=[0.1, -0.1], funding_buffer_days=365)
    allowed = feasible_set(limits, 2)
    assert violation(allowed, np.array([10.0, 50.0])) == pytest.approx(0.0)
    assert violation(allowed, np.array([11.0, 50.0])) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("limits", "weights", "missed"),
    [
        (Limits(net=None, maintenance_rates=[0.1, 0.5, 0.2]), [1.0, 1.0, 1.0], 0.0),
        (Limits(net=None, maintenance_rates=[0.1, 0.5, 0.2], maintenance_max=0.5), [1.0, 1.0, 1.0], 0.3),
        (Limits(net=None, daily_volumes=[1, 5, 10], max_volume_share=0.1), [0.1, 0.5, 1.0], 0.0),
        (Limits(net=None, daily_volumes=[1, 5, 10], max_volume_share=0.1), [0.3, 0.5, 1.0], 0.2),
        (
            Limits(net=None, daily_volumes=1, max_volume_share=0.1, current_weights=[0.5, 0.5, 0]),
            [0.6, 0.3, 0.1],
            0.1,
        ),
        (Limits(net=None, factors=(Factor("factor_1", [1, -1, 2], target=0.5),)), [0.5, 0.2, 0.0], 0.2),
        (Limits(net=None, factors=(Factor("factor_1", [1, -1, 2], minimum=0.5),)), [0.5, 0.2, 0.0], 0.2),
        (Limits(net=None, factors=(Factor("factor_1", [1, -1, 2], maximum=0.5),)), [0.5, 0.2, 0.0], 0.0),
        (Limits(net=None, groups=(Group("group_1", [1, 0, 1], minimum=0.9),)), [0.5, 0.2, 0.1], 0.3),
    ],
)
def test_each_limit_is_missed_by_what_its_formula_says(limits: Limits, weights: list[float], missed: float) -> None:
    assert violation(feasible_set(limits, 3), np.array(weights)) == pytest.approx(missed, abs=1e-15)


@pytest.mark.parametrize(
    ("limits", "error", "message"),
    [
        (Limits(maintenance_rates=[0.1, 0.2]), ArgumentError, "maintenance_rates has 2 values where 3"),
        (Limits(daily_volumes=[1, np.nan, 2], max_volume_share=1), MissingDataError, "daily_volumes has no value"),
        (Limits(funding_rates=[1, np.nan, 2], funding_buffer_days=1), MissingDataError, "funding_rates has no value"),
        (Limits(factors=(Factor("factor_1", [1, 2], maximum=1),)), ArgumentError, "factor_1 has 2 values where 3"),
        (Limits(factors=(Factor("factor_1", [1, np.nan, 2], 1),)), MissingDataError, "factor_1 has no value"),
    ],
)
def test_values_a_contract_must_be_there_for_each(limits: Limits, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        feasible_set(limits, 3)


def test_rounding_does_not_make_limits_cross() -> None:
    allowed = feasible_set(Limits(net=None, current_weights=0.1, max_step=0.2, min_weight=0.1 + 0.2), 2)
    assert (allowed.lower <= allowed.upper).all()


def test_minimum_without_variance_is_a_linear_program() -> None:
    best = minimum(feasible_set(Limits(max_weight=0.4), 3), None, -np.array([1.0, 2.0, 3.0]))
    assert best.x == pytest.approx([0.2, 0.4, 0.4], abs=1e-9)
