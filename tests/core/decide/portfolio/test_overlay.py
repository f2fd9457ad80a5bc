from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.decide.limits.declared import Limits
from core.decide.portfolio.nearest import limits_broken
from core.decide.portfolio.overlay import overlay
from core.decide.portfolio.scores import overlay_scores
from core.errors import ArgumentError, DataWarning, InfeasibleError, MissingDataError

BASELINE = [0.40, 0.35, 0.25]  # BTC, ETH, SOL
HALF = Limits(max_weight=0.5)


class TestWorkedCase:
    """BTC/ETH/SOL 40/35/25, cap 20 %, no contract above 50 %; SOL falls hard and its options are cheap."""

    def test_weight_moves_from_sol_to_btc_and_eth(self) -> None:
        scores = overlay_scores([0.36, 0.42, 0.72], [0.05, 0.05, -0.10], [0.60, 0.70, 0.90])
        tilted = overlay(BASELINE, scores, 0.2, HALF)
        # Scores (1, 1, -2) / sqrt 2: a gross of 4 / sqrt 2 a unit of scale, so 0.2 asks for +0.05, +0.05, -0.10.
        assert tilted.weights == pytest.approx([0.45, 0.40, 0.15], abs=1e-12)
        assert tilted.gross == pytest.approx(0.2, abs=1e-12)
        assert tilted.scale == pytest.approx(0.1 / 2**0.5, abs=1e-12)
        assert tilted.stopped_by == ()

    def test_a_limit_that_stops_btc_passes_the_rest_to_the_others(self) -> None:
        tilted = overlay(BASELINE, [0.6, 0.4, -1.0], 0.4, HALF)
        # +0.12, +0.08, -0.20 would make BTC 0.52; the 0.02 above its limit is shared by ETH and SOL.
        assert tilted.weights == pytest.approx([0.50, 0.44, 0.06], abs=1e-12)
        assert tilted.gross == pytest.approx(0.38, abs=1e-12)
        assert tilted.stopped_by == ("max_weight",)
        assert tilted.certificate.passes(1e-9)

    def test_with_a_real_short_only_of_what_is_held(self) -> None:
        tilted = overlay(BASELINE, [0.6, 0.4, -1.0], 0.6)
        # +0.18, +0.12, -0.30 would make SOL -0.05; it stops at 0 and BTC and ETH give up 0.025 each.
        assert tilted.weights == pytest.approx([0.555, 0.445, 0.0], abs=1e-12)
        assert tilted.stopped_by == ("min_weight",)

    def test_every_limit_still_holds(self) -> None:
        limits = Limits(
            max_weight=0.5, betas=[1.0, 1.2, 1.6], target_beta=1.2, beta_tolerance=0.05, max_step=0.15,
            current_weights=BASELINE, max_turnover=0.25, gross_max=1.0, initial_margin_rates=0.1, margin_buffer=0.5,
        )  # fmt: skip
        tilted = overlay(BASELINE, [1, 1, -2], 0.4, limits)
        assert limits_broken(limits, tilted.weights) == ()
        assert set(tilted.stopped_by) == {"max_turnover", "target_beta", "max_step"}
        # Turnover binds: half of 0.25 one way, shared 1 : 1 by what is bought.
        assert tilted.weights == pytest.approx([0.4625, 0.4125, 0.125], abs=1e-9)


def test_a_cap_of_zero_is_the_baseline() -> None:
    assert overlay(BASELINE, [3, 1, -2], 0).weights.tolist() == BASELINE


def test_equal_scores_tilt_nothing() -> None:
    assert overlay(BASELINE, [0.3, 0.1 + 0.2, 0.3]).weights.tolist() == BASELINE


def test_an_all_cash_baseline_stays_in_cash() -> None:
    assert overlay([0, 0], [1, -1], 0.2, Limits(net=None)).weights.tolist() == [0, 0]


def test_a_market_neutral_book_moves_both_legs() -> None:
    tilted = overlay([0.5, -0.5], [-1, 1], 0.2, Limits(net=0, min_weight=-1))
    assert tilted.weights == pytest.approx([0.4, -0.4])  # 20 % of a gross of 1


def test_what_is_bought_and_what_is_sold_count_together() -> None:
    tilted = overlay(BASELINE, [1, 1, -2], 0.2, Limits(net=1.15))
    # +0.05, +0.05, -0.10 with a net 0.15 higher would be +0.10, +0.10, -0.05; of 0.2 in all, 0.175 buy and 0.025 sell.
    assert tilted.weights == pytest.approx([0.4875, 0.4375, 0.225])
    assert tilted.gross == pytest.approx(0.2)


def test_with_a_free_net_a_limit_gives_nothing_to_the_others() -> None:
    tilted = overlay(BASELINE, [1, 1, -2], 0.2, Limits(net=None, max_weight=[0.42, 1, 1]))
    assert tilted.weights == pytest.approx([0.42, 0.40, 0.15])


def test_a_contract_that_may_not_move_is_not_scored() -> None:
    tilted = overlay([0.4, 0.4, 0.2], [1, -1, 50], 0.1, Limits(min_weight=[0, 0, 0.2], max_weight=[1, 1, 0.2]))
    assert tilted.weights == pytest.approx([0.45, 0.35, 0.2])


def test_a_contract_without_a_score_is_not_tilted() -> None:
    with pytest.warns(DataWarning, match="scores has no value at position 2: not tilted"):
        assert overlay(BASELINE, [1, np.nan, -1], 0.1).weights == pytest.approx([0.45, 0.35, 0.20])


def test_a_baseline_outside_the_limits_is_brought_inside() -> None:
    tilted = overlay([0.4, 0.4, 0.1], [1, 1, 1], 0.2)
    assert tilted.weights == pytest.approx([0.4333333333, 0.4333333333, 0.1333333333])


def test_limits_out_of_reach_of_the_baseline_are_told_with_the_cap_that_would_do() -> None:
    limits = Limits(max_weight=[0.1, 0.5, 0.5])
    with pytest.raises(
        InfeasibleError, match=r"0\.6 of weight must be bought and sold, .* cap of at least 0\.6"
    ) as error:
        overlay(BASELINE, [1, 1, -2], 0.05, limits)
    assert "baseline_weights" in str(error.value)
    assert overlay(BASELINE, [1, 1, -2], 0.6, limits).weights == pytest.approx([0.1, 0.5, 0.4], abs=1e-8)


def test_limits_out_of_reach_of_a_baseline_in_cash() -> None:
    with pytest.raises(InfeasibleError, match=r"choose a baseline inside the limits$"):
        overlay([0, 0], [1, 1])


def test_limits_in_conflict_are_explained() -> None:
    with pytest.raises(InfeasibleError, match="cannot reach net 1"):
        overlay(BASELINE, [1, 1, -2], 0.2, Limits(max_weight=0.2))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"baseline_weights": [0.5, np.nan, 0.5]}, MissingDataError, "baseline_weights has no value at position 2"),
        ({"baseline_weights": "x"}, ArgumentError, "baseline_weights must hold numbers"),
        ({"baseline_weights": []}, ArgumentError, "baseline_weights is empty"),
        ({"scores": [1, 2]}, ArgumentError, "scores has 2 values where 3"),
        ({"scores": [1, 2, np.inf]}, ArgumentError, "scores is infinite at position 3"),
        ({"cap": -0.1}, ArgumentError, "cap is -0.1; it must be at least 0"),
        ({"cap": 1.1}, ArgumentError, "cap is 1.1; it must be at most 1"),
        ({"cap": np.nan}, ArgumentError, "cap must be a finite number"),
        ({"limits": Limits(max_weight=[0.5, 0.5])}, ArgumentError, "max_weight has 2 values where 3"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        overlay(**{"baseline_weights": BASELINE, "scores": [1, 0, -1], **changes})


SCORES = hnp.arrays(np.float64, 5, elements=st.floats(-5, 5).map(lambda x: round(x, 3)))
BASELINES = hnp.arrays(np.float64, 5, elements=st.floats(0.02, 1)).map(lambda x: x / x.sum())
CAPS = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(BASELINES, SCORES, CAPS)
def test_limits_and_cap_hold(baseline: np.ndarray, scores: np.ndarray, cap: float) -> None:
    limits = Limits(max_weight=max(0.5, baseline.max()))
    tilted = overlay(baseline, scores, cap, limits)
    assert limits_broken(limits, tilted.weights) == ()
    assert tilted.gross <= cap + 1e-9
    assert tilted.certificate.passes(1e-9)
    assert tilted.shift @ tilted.scores >= -1e-9


@settings(max_examples=40, deadline=None)
@given(BASELINES, SCORES, CAPS, st.permutations(range(5)))
def test_the_order_of_contracts_does_not_count(baseline, scores, cap, order) -> None:
    whole = overlay(baseline, scores, cap).weights
    assert overlay(baseline[order], scores[order], cap).weights == pytest.approx(whole[order], abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(BASELINES, SCORES, CAPS, st.floats(0.01, 100), st.floats(-10, 10))
def test_the_unit_of_the_scores_does_not_count(baseline, scores, cap, unit, origin) -> None:
    assume(np.ptp(scores) > 0.01)
    whole = overlay(baseline, scores, cap).weights
    assert overlay(baseline, unit * scores + origin, cap).weights == pytest.approx(whole, abs=1e-8)
