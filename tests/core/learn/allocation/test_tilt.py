from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.portfolio.nearest import nearest_within
from core.errors import ArgumentError
from core.learn.allocation.state import Scales
from core.learn.allocation.tilt import RULE_SHAPE, TiltRule, nearest_of_sum, tilted

RNG = np.random.default_rng(2)
SCALES = Scales(np.ones(5), 0.0)


@pytest.mark.parametrize("seed", range(30))
def test_the_nearest_weights_of_a_sum_are_those_of_an_independent_solver(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 9))
    lower = rng.uniform(-1, 0, count)
    upper = lower + rng.uniform(0, 1, count)
    total = float(rng.uniform(lower.sum(), upper.sum()))
    wanted = rng.normal(0, 1, count)
    w = cp.Variable(count)
    cp.Problem(cp.Minimize(cp.sum_squares(w - wanted)), [w >= lower, w <= upper, cp.sum(w) == total]).solve(
        solver=cp.CLARABEL, tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12
    )
    found = nearest_of_sum(wanted[np.newaxis], lower, upper, total)[0]
    assert found == pytest.approx(w.value, abs=1e-6)
    assert found.sum() == pytest.approx(total, abs=1e-12)


def test_they_are_those_that_a_policy_would_be_brought_to() -> None:
    limits = Limits(net=0.8, min_weight=[-0.1, 0.0, 0.2, 0.0], max_weight=[0.3, 0.4, 0.5, 0.1])
    for _ in range(20):
        wanted = RNG.normal(0.2, 0.5, 4)
        own = nearest_of_sum(wanted[np.newaxis], limits.vector("min_weight", 4), limits.vector("max_weight", 4), 0.8)[0]
        assert own == pytest.approx(nearest_within(wanted, limits).weights, abs=1e-9)


@pytest.mark.parametrize(("total", "answer"), [(5.0, [1.0, 1.0]), (-5.0, [0.0, 0.0])])
def test_where_no_sum_is_possible_the_nearest_one_is_taken(total: float, answer: list[float]) -> None:
    found = nearest_of_sum(np.array([[0.2, 0.7]]), np.zeros(2), np.ones(2), total)
    assert found[0].tolist() == pytest.approx(answer)


@settings(max_examples=200, deadline=None)
@given(
    actions=st.lists(st.floats(-1, 1), min_size=4, max_size=4),
    cap=st.floats(0, 1),
    room=st.lists(st.floats(0, 0.5), min_size=8, max_size=8),
)
def test_a_tilt_keeps_the_limits_the_sum_and_the_cap(actions: list[float], cap: float, room: list[float]) -> None:
    base = np.array([0.4, 0.3, -0.2, 0.1])
    lower, upper = base - room[:4], base + room[4:]
    weights = tilted(base, np.array([actions]), cap, lower, upper)[0]
    shift = weights - base
    assert (weights >= lower - 1e-12).all()
    assert (weights <= upper + 1e-12).all()
    assert weights.sum() == pytest.approx(base.sum(), abs=1e-12)
    assert np.maximum(shift, 0).sum() <= cap * np.abs(base).sum() + 1e-12


def test_actions_are_relative_and_a_full_one_goes_to_the_cap() -> None:
    base, wide = np.full(4, 0.25), (np.full(4, -9.0), np.full(4, 9.0))
    assert tilted(base, np.full((1, 4), 0.7), 0.2, *wide)[0] == pytest.approx(base)
    full = tilted(base, np.array([[1.0, 1.0, -1.0, -1.0]]), 0.2, *wide)[0]
    assert full == pytest.approx([0.35, 0.35, 0.15, 0.15])
    slight = tilted(base, np.array([[0.1, -0.1, 0.0, 0.0]]), 0.2, *wide)[0]
    assert slight == pytest.approx([0.27, 0.23, 0.25, 0.25])


def test_a_contract_that_may_not_move_stays_and_where_none_may_nothing_is_tilted() -> None:
    base = np.array([0.5, 0.3, 0.2])
    lower, upper = np.array([0.5, 0.0, 0.0]), np.array([0.5, 1.0, 1.0])
    weights = tilted(base, np.array([[1.0, 1.0, -1.0]]), 0.2, lower, upper)[0]
    assert weights == pytest.approx([0.5, 0.5, 0.0])
    assert tilted(base, np.array([[1.0, 1.0, -1.0]]), 0.2, base, base)[0].tolist() == base.tolist()


def test_infinite_limits_limit_nothing() -> None:
    base, infinite = np.array([0.6, 0.4]), np.full(2, np.inf)
    assert tilted(base, np.array([[1.0, -1.0]]), 0.2, -infinite, infinite)[0] == pytest.approx([0.8, 0.2])


def test_a_rule_acts_on_figures_about_their_means_and_by_regime_and_drawdown() -> None:
    theta = RNG.normal(size=RULE_SHAPE)
    state = RNG.normal(size=6 * 4 + 2)
    figures, (regime, drawdown) = state[:-2].reshape(6, 4), state[-2:]
    by_hand = [
        np.tanh(sum((figures[k, i] - figures[k].mean()) * (theta[k] @ [1, regime, drawdown]) for k in range(6)))
        for i in range(4)
    ]
    assert TiltRule(theta, SCALES).action(state) == pytest.approx(by_hand, abs=1e-14)


def test_contracts_in_another_order_are_tilted_in_that_order() -> None:
    rule, state, order = TiltRule(RNG.normal(size=RULE_SHAPE), SCALES), RNG.normal(size=26), [2, 0, 3, 1]
    turned = np.concatenate([state[:-2].reshape(6, 4)[:, order].ravel(), state[-2:]])
    assert rule.action(turned) == pytest.approx(rule.action(state)[order], abs=1e-14)


@pytest.mark.parametrize(
    ("theta", "scales", "words"),
    [
        (np.zeros((7, 3)), SCALES, "theta has shape"),
        (np.full(RULE_SHAPE, np.nan), SCALES, "not finite"),
        (np.zeros(RULE_SHAPE), Scales(np.zeros(5), 0.0), "spread of a figure is not above 0"),
        (np.zeros(RULE_SHAPE), Scales(np.ones(4), 0.0), "spread"),
    ],
)
def test_a_rule_of_another_form_is_refused(theta: np.ndarray, scales: Scales, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        TiltRule(theta, scales)
