"""The overlay, risk contributions and sizes by true range through the door a cell uses."""

from __future__ import annotations

import pytest

from xladdin import call

BASELINE = ((0.40, 0.35, 0.25),)


def test_the_overlay_moves_weight_from_the_lowest_score():
    limits = (("max_weight", 0.5),)
    assert call("PERP_OVERLAY", BASELINE, ((1.0, 1.0, -2.0),), 0.2, limits) == [pytest.approx([0.45, 0.40, 0.15])]
    assert call("PERP_OVERLAY", BASELINE, ((0.6, 0.4, -1.0),), 0.4, limits) == [pytest.approx([0.50, 0.44, 0.06])]


def test_a_column_of_weights_stays_a_column():
    shown = call("PERP_OVERLAY", ((0.4,), (0.35,), (0.25,)), ((1.0,), (1.0,), (-2.0,)))
    assert [row[0] for row in shown] == pytest.approx([0.45, 0.40, 0.15])


def test_a_blank_score_is_not_tilted_and_says_so():
    shown = call("PERP_OVERLAY", BASELINE, ((1.0, None, -1.0),), 0.1)
    assert shown == [pytest.approx([0.45, 0.35, 0.20])]
    assert "scores has no value at position 2: not tilted" in call("PERP_WHY")


def test_risk_contributions_sum_to_one():
    shown = call("PERP_RISK_CONTRIBUTION", ((0.5, 0.5),), ((0.04, 0.01), (0.01, 0.09)))
    assert shown == [pytest.approx([1 / 3, 2 / 3])]


def test_the_size_loses_its_share_of_equity_in_two_ranges():
    assert call("PERP_SIZE_ATR", 50_000.0, 74.0, 0.80, 0.02) == pytest.approx(625.0)
    assert call("PERP_SIZE_ATR", 50_000.0, 74.0, 0.80, 0.02, 2.0, 3.0, 400.0) == pytest.approx(400.0)


def test_sizes_of_several_contracts_have_one_leverage():
    shown = call("PERP_SIZE_ATR", 1000.0, ((50.0, 100.0),), ((0.1, 4.0),), 0.05, 1.0, 2.0)
    assert shown == [pytest.approx([40.0, 12.5])]


def test_the_size_by_volatility_is_equity_times_leverage_over_price():
    # 100,000 x min(0.3 / 0.6, 3) / 30,000 = 1.6667, and 100,000 x 3 / 3,000 = 100 where volatility is low.
    shown = call("PERP_SIZE_VOL", 100_000.0, ((30_000.0,), (3_000.0,)), ((0.6,), (0.05,)), 0.3, None, 0.01)
    assert shown == [[pytest.approx(1.66)], [pytest.approx(100.0)]]


@pytest.mark.parametrize(
    "cells", [("PERP_SIZE_VOL", 1e6, 100.0, 0.5, 0.3, 3.0, 1e9), ("PERP_SIZE_ATR", 1e6, 100.0, 2.0, 0.0048, 2, 3, 1e9)]
)
def test_a_lot_larger_than_the_size_is_said(cells):
    assert call(*cells) == 0.0
    assert "lot_size is 1e+09 at position 1 where the size is" in call("PERP_WHY")


def test_a_target_of_zero_is_no_position_and_no_news():
    assert call("PERP_SIZE_VOL", 1e6, 100.0, 0.5, 0.0, 3.0, 0.1, caller="Sizes!B2") == 0.0
    assert call("PERP_WHY", "Sizes!B2").startswith("No failure")
