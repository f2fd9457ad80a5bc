"""Hedges through the door a cell uses: figures by hand."""

from __future__ import annotations

import pytest

from xladdin import call

NA = -2146826246


def why():
    return call("PERP_WHY")


class TestBetaHedge:
    def test_a_hundred_million_at_beta_1_4_to_1_1(self):
        """(1.1 - 1.4) 100 / 0.9 = -33.33 million, at 5 basis points and 50,000 a contract."""
        header, row = call("PERP_HEDGE", 100e6, 1.4, 1.1, 0.9, None, 50_000.0, None, 5.0)
        assert header == ["hedge", "trade_notional", "trade_contracts", "cost", "beta_before", "beta_after"]
        notional = -0.3 * 100e6 / 0.9
        assert row == [1.0, *map(pytest.approx, (notional, notional / 50_000, -notional * 5e-4, 1.4, 1.1))]

    def test_the_cheapest_hedge_per_unit_of_beta_is_traded(self):
        # 4 bp a unit of notional at beta 2 is 2 bp a unit of beta, less than 3 bp at beta 1.
        listing = call("PERP_HEDGE", 1000.0, 1.0, 0.0, ((1.0, 2.0),), None, None, None, ((3.0, 4.0),))
        assert [row[1] for row in listing[1:]] == [0.0, pytest.approx(-500.0)]

    def test_whole_lots_come_nearest_to_the_target(self):
        # 1,000 at beta 1 and lots of 300: four lots miss by -0.2, three by 0.1.
        listing = call("PERP_HEDGE", 1000.0, 1.0, 0.0, 1.0, None, 300.0, 1.0)
        assert listing[1][1:3] == [pytest.approx(-900), -3.0]
        assert listing[1][5] == pytest.approx(0.1)

    def test_a_lot_larger_than_the_hedge_says_so(self):
        listing = call("PERP_HEDGE", 100.0, 1.4, 1.1, 0.9, None, 100.0, 1.0)
        assert listing[1][1] == 0.0
        assert why() == "lot_sizes: one lot moves beta by 0.9 where 0.3 is needed; nothing is traded"

    def test_a_hedge_without_beta_is_passed_over_and_said(self):
        listing = call("PERP_HEDGE", 100.0, 1.0, 0.0, ((0.0, 1.0),))
        assert [row[1] for row in listing[1:]] == [0.0, pytest.approx(-100)]
        assert "hedge_betas is 0 at position 1" in why()

    def test_a_contract_held_needs_its_beta(self):
        assert call("PERP_HEDGE", ((100.0, 50.0),), ((1.0, NA),), 0.0, 1.0) == "#N/A"
        assert "betas has no value at position 2" in why()
        assert call("PERP_HEDGE", ((100.0, 0.0),), ((1.0, NA),), 0.0, 1.0)[1][1] == pytest.approx(-100)


class TestFactorHedge:
    def test_hedges_then_factors(self):
        # x + 2 y = -100 and y = -20.
        listing = call("PERP_HEDGE_FACTORS", 100.0, ((1.0,), (0.2,)), ((1.0, 2.0), (0.0, 1.0)))
        assert listing == [
            ["hedge", "trade_notional", ""],
            [1.0, pytest.approx(-60), ""],
            [2.0, pytest.approx(-20), ""],
            ["factor", "exposure_before", "exposure_after"],
            ["factor_1", pytest.approx(1.0), pytest.approx(0.0, abs=1e-12)],
            ["factor_2", pytest.approx(0.2), pytest.approx(0.0, abs=1e-12)],
        ]

    def test_exposures_are_measured_on_capital(self):
        listing = call("PERP_HEDGE_FACTORS", 100.0, 2.0, 1.0, 0.5, 50.0)
        assert listing[1][1] == pytest.approx(-175)
        assert listing[3][1:] == [pytest.approx(4.0), pytest.approx(0.5)]

    def test_what_is_out_of_reach_is_least_squares_and_said(self):
        listing = call("PERP_HEDGE_FACTORS", 100.0, ((1.0,), (1.0,)), ((1.0,), (0.5,)))
        assert listing[1][1] == pytest.approx(-120)
        assert [row[2] for row in listing[3:]] == [pytest.approx(-0.2), pytest.approx(0.4)]
        assert "factor 2 stays +0.4 away" in why()


class TestBand:
    @pytest.mark.parametrize(("beta", "due"), [(1.21, 1.0), (0.99, 1.0), (1.2, 0.0), (1.1, 0.0)])
    def test_a_hedge_is_due_outside_the_band_only(self, beta, due):
        assert call("PERP_HEDGE_BAND", beta, 1.1, 0.1) == due
