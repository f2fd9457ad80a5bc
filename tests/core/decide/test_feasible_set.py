from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.feasible_set import excess_return, feasible_set, lifted, minimum, violation
from core.decide.limits import Limits


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


def test_rounding_does_not_make_limits_cross() -> None:
    allowed = feasible_set(Limits(net=None, current_weights=0.1, max_step=0.2, min_weight=0.1 + 0.2), 2)
    assert (allowed.lower <= allowed.upper).all()


def test_minimum_without_variance_is_a_linear_programme() -> None:
    best = minimum(feasible_set(Limits(max_weight=0.4), 3), None, -np.array([1.0, 2.0, 3.0]))
    assert best.x == pytest.approx([0.2, 0.4, 0.4], abs=1e-9)
