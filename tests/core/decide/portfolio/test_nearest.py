from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.decide.limits.declared import Limits
from core.decide.portfolio.nearest import least_reach, limits_broken, nearest_within
from core.errors import ArgumentError, InfeasibleError, MissingDataError

FREE = Limits(net=None, min_weight=-1)


def test_what_keeps_the_limits_is_its_own_answer() -> None:
    nearest = nearest_within([0.5, 0.3, 0.2])
    assert nearest.weights.tolist() == [0.5, 0.3, 0.2]
    assert (nearest.certificate.worst, nearest.solver) == (0.0, "none needed")


def test_onto_the_simplex_each_weight_gives_the_same() -> None:
    assert nearest_within([0.6, 0.5, 0.2]).weights == pytest.approx([0.5, 0.4, 0.1])
    assert nearest_within([1.2, 0.4, -0.5]).weights == pytest.approx([0.9, 0.1, 0.0])


def test_onto_the_gross_ball_each_leg_gives_the_same() -> None:
    wanted = nearest_within([0.8, -0.6], Limits(net=None, min_weight=-1, gross_max=1.0))
    assert wanted.weights == pytest.approx([0.6, -0.4])


def test_within_reach_what_is_bought_and_sold_is_bounded_together() -> None:
    assert nearest_within([0.5, 0.3], FREE, [0, 0], 0.4).weights == pytest.approx([0.3, 0.1])
    assert nearest_within([-0.5, -0.3], FREE, [0, 0], 0.4).weights == pytest.approx([-0.3, -0.1])
    assert nearest_within([0.3, -0.3], FREE, [0, 0], 0.4).weights == pytest.approx([0.2, -0.2])


def test_a_reach_of_nothing_is_the_anchor() -> None:
    assert nearest_within([0.5, -0.3], FREE, [0.2, 0.1], 0).weights == pytest.approx([0.2, 0.1])


def test_a_target_return_is_left_to_the_optimiser() -> None:
    assert nearest_within([0.5, 0.5], Limits(target_return=9.9)).weights.tolist() == [0.5, 0.5]


def test_limits_broken_are_named_once_each() -> None:
    limits = Limits(max_weight=0.4, gross_max=0.9, net=None, max_turnover=0.1, current_weights=[0.5, 0.5])
    assert limits_broken(limits, [0.6, 0.5]) == ("gross_max", "max_weight")
    assert limits_broken(limits, [0.1, 0.4]) == ("max_turnover",)
    assert limits_broken(limits, [0.45, 0.45]) == ("max_weight",)
    assert limits_broken(Limits(), [-0.1, 1.1]) == ("min_weight", "max_weight")


def test_the_least_reach_is_what_must_move() -> None:
    assert least_reach(Limits(max_weight=0.3, net=0.9), np.array([0.5, 0.3, 0.2])) == pytest.approx(0.3)
    assert least_reach(Limits(), np.array([0.5, 0.3, 0.2])) == pytest.approx(0, abs=1e-9)


class TestConditionalValueAtRisk:
    """Two contracts, ten rows, level 0.9: the CVaR is the worst row, -0.2 of the first or -0.1 of the second."""

    RETURNS = np.vstack([[-0.2, 0.0], [0.0, -0.1], np.full((8, 2), 0.01)])

    def test_it_is_kept(self) -> None:
        limits = Limits(net=None, cvar_level=0.9, cvar_max=0.06)
        assert nearest_within([0.2, 0.5], limits, returns=self.RETURNS).weights.tolist() == [0.2, 0.5]
        assert nearest_within([0.5, 0.5], limits, returns=self.RETURNS).weights == pytest.approx([0.3, 0.5])
        assert nearest_within([0.5, 0.9], limits, returns=self.RETURNS).weights == pytest.approx([0.3, 0.6])

    def test_within_reach_as_well(self) -> None:
        limits = Limits(net=None, cvar_level=0.9, cvar_max=0.06)
        assert nearest_within([0.5, 0.9], limits, [0, 0], 0.7, self.RETURNS).weights == pytest.approx([0.15, 0.55])

    def test_one_too_low_is_told_with_the_least_there_is(self) -> None:
        # Net 1 with equal worst rows: 0.2 w = 0.1 (1 - w), so w = 1/3 and both lose 1/15.
        with pytest.raises(InfeasibleError, match=r"cvar_max 0\.06 is below 0\.06667, the least that the other limits"):
            nearest_within([0.5, 0.5], Limits(cvar_level=0.9, cvar_max=0.06), returns=self.RETURNS)


def test_limits_in_conflict_are_explained() -> None:
    with pytest.raises(InfeasibleError, match=r"max_weight 0\.2 x 3 contracts = 0\.6 cannot reach net 1"):
        nearest_within([1, 1, 1], Limits(max_weight=0.2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.5, np.nan],), MissingDataError, "wanted has no value at position 2"),
        ((["x"],), ArgumentError, "wanted must hold numbers"),
        (([0.5, 0.5], None, [0.5, 0.2, 0.3], 0.1), ArgumentError, "anchor has 3 values where 2"),
        (([0.5, 0.5], None, [0.5, np.nan], 0.1), MissingDataError, "anchor has no value at position 2"),
        (([0.5, 0.5], Limits(cvar_max=0.1)), ArgumentError, "cvar_max needs returns"),
        (([0.5, 0.5], Limits(cvar_max=0.1), None, 1, [[0.1]]), ArgumentError, "returns has 1 columns where 2"),
        (([0.5, 0.5], Limits(max_step=[0.1, 0.1, 0.1])), ArgumentError, "max_step has 3 values where 2"),
    ],
)
def test_bad_input_is_named(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nearest_within(*arguments)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, st.integers(2, 6), elements=st.floats(-2, 2)), st.integers(0, 2**32 - 1))
def test_no_portfolio_allowed_is_nearer(wanted: np.ndarray, seed: int) -> None:
    limits = Limits(net=None, net_min=0, min_weight=-0.5, max_weight=0.8, gross_max=1.5)
    nearest = nearest_within(wanted, limits)
    assert limits_broken(limits, nearest.weights) == ()
    distance = np.linalg.norm(nearest.weights - wanted)
    rng = np.random.default_rng(seed)
    tried = np.clip(nearest.weights + 0.3 * rng.normal(size=(200, wanted.size)), -0.5, 0.8)
    allowed = tried[(tried.sum(axis=1) >= 0) & (np.abs(tried).sum(axis=1) <= 1.5)]
    assert all(np.linalg.norm(other - wanted) >= distance - 1e-9 for other in allowed)
    assert nearest_within(nearest.weights, limits).weights == pytest.approx(nearest.weights, abs=1e-9)
