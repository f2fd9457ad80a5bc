"""Liquidation prices and margin tiers through the door a cell uses: figures by hand and from the venues' pages."""

from __future__ import annotations

import pytest

from xladdin import call

BITCOIN = (
    (0.0, 50_000.0, 0.004, 0.0, 125.0),
    (50_000.0, 250_000.0, 0.005, 50.0, 100.0),
    (250_000.0, 1_000_000.0, 0.01, 1_300.0, 50.0),
)


def why():
    return call("PERP_WHY")


class TestLiquidation:
    def test_one_position_is_one_number(self):
        # 40 + 2 (p - 100) = 0.01 x 2 p: p = 160 / 1.98.
        assert call("PERP_LIQUIDATION", 2.0, 100.0, 40.0, 0.01) == pytest.approx(160 / 1.98)
        assert call("PERP_LIQUIDATION", -2.0, 100.0, 40.0, 0.01) == pytest.approx(240 / 2.02)

    def test_each_style_is_its_venues(self):
        # Binance's FAQ, Gate's by freqtrade's test, Bybit's help centre.
        bitcoin = call("PERP_LIQUIDATION", 109.488, 32_481.98, 1_535_443.01, 0.025, 16_300.0)
        assert bitcoin == pytest.approx(18_778.73, abs=0.005)
        gate = call("PERP_LIQUIDATION", -1.0, 10.0, 2.0, 0.01, 0.0, 0.0006, "linear", "rate_and_fee")
        assert gate == pytest.approx(11.87413417771621)
        bybit = call("PERP_LIQUIDATION", 1.0, 20_000.0, 400.0, 0.005, None, None, None, "initial_less_maintenance")
        assert bybit == pytest.approx(19_700.0)

    def test_an_inverse_position_is_in_quote_value_and_its_collateral_in_coin(self):
        bybit = call(
            "PERP_LIQUIDATION", -60_000.0, 50_000.0, 0.12, 0.005, 0.0, 0.0, "inverse", "initial_less_maintenance"
        )
        assert bybit == pytest.approx(60_000 / 1.086)

    def test_several_positions_keep_the_orientation_of_the_first_argument(self):
        column = call("PERP_LIQUIDATION", ((2.0,), (-2.0,)), 100.0, 40.0, 0.01)
        assert column == [[pytest.approx(160 / 1.98)], [pytest.approx(240 / 2.02)]]

    def test_under_tiers_the_one_met_on_the_way_counts(self):
        # A short of 10 at 100 has 1,000 now, in the first tier; at its price it is in the second: 300 - 10 (p - 100) =
        # 0.05 x 10 p - 48, p = 1,348 / 10.5, a value of 1,284 beyond the edge at 1,200.
        tiers = ((0.0, 1_200.0, 0.01, None, 20.0), (1_200.0, None, 0.05, None, 10.0))
        by_tiers = call("PERP_LIQUIDATION", -10.0, 100.0, 300.0, 0.01, None, None, None, None, tiers)
        assert by_tiers == pytest.approx(1_348 / 10.5)
        assert call("PERP_LIQUIDATION", -10.0, 100.0, 300.0, 0.05, 48.0) == pytest.approx(by_tiers)
        assert call("PERP_LIQUIDATION", -10.0, 100.0, 300.0, 0.01) > by_tiers

    def test_a_position_that_is_never_liquidated(self):
        assert call("PERP_LIQUIDATION", 1.0, 100.0, 100.0, 0.01) == "#N/A"
        assert why() == "the collateral of the long covers it at any price; no price above 0 liquidates it"
        assert call("PERP_LIQUIDATION", ((1.0, 1.0),), 100.0, ((100.0, 50.0),), 0.0) == [["#N/A", pytest.approx(50.0)]]
        assert "the long at position 1 covers it at any price" in why()

    def test_a_position_that_is_liquidated_at_once(self):
        assert call("PERP_LIQUIDATION", 1.0, 100.0, 0.5, 0.01) == "#NUM!"
        assert "collateral is 0.5, below the maintenance margin 1 already at entry_price" in why()

    def test_a_fee_that_the_style_does_not_use_is_said(self):
        assert call("PERP_LIQUIDATION", 2.0, 100.0, 40.0, 0.01, 0.0, 0.0005) == pytest.approx(160 / 1.98)
        assert "taker_fee has no part in style 'amount'" in why()


class TestCross:
    def test_the_worked_example_of_binance(self):
        prices = call(
            "PERP_LIQUIDATION_CROSS",
            ((109.488, 3_683.979),),
            ((32_481.98, 1_456.84),),
            ((31_967.27, 1_335.18),),
            1_535_443.01,
            ((0.025, 0.1),),
            ((16_300.0, 135_365.0),),
        )
        assert prices == [[pytest.approx(26_316.89, abs=0.005), pytest.approx(1_153.26, abs=0.005)]]

    def test_a_contract_that_cannot_sink_the_account_is_not_available(self):
        held, price = ((1.0,), (-10.0,), (0.0,)), ((100.0,), (20.0,), (None,))
        # Equity 1,000, maintenance 3: only the short can lose it all, at 20 + 997 / 10.1.
        assert call("PERP_LIQUIDATION_CROSS", held, price, price, 1_000.0, 0.01) == [
            ["#N/A"],
            [pytest.approx(20 + 997 / 10.1)],
            ["#N/A"],
        ]

    def test_no_price_that_liquidates_is_not_available_and_says_so(self):
        assert call("PERP_LIQUIDATION_CROSS", 1.0, 100.0, 100.0, 1_000.0, 0.01) == "#N/A"
        assert why() == "no price above 0 of the coin at position 1 alone liquidates the account"

    def test_a_long_and_a_short_of_one_coin_have_one_price(self):
        # 8,000 + (p - 51,000) = 0.004 x 3 p; the pair of one each only owes: 5,000 = 0.004 x 2 p.
        book = ((2.0,), (-1.0,)), ((50_000.0,), (52_000.0,)), ((51_000.0,), (51_000.0,)), 5_000.0, 0.004, None
        for coin in (("BTC", " btc "), (1.0, 1)):
            shown = call("PERP_LIQUIDATION_CROSS", *book, tuple((label,) for label in coin))
            assert shown == [[pytest.approx(43_522.27, abs=0.005)]] * 2
        pair = call(
            "PERP_LIQUIDATION_CROSS", ((1.0, -1.0),), *[((50_000.0,) * 2,)] * 2, 5_000.0, 0.004, None, (("B",) * 2,)
        )
        assert pair == [[pytest.approx(625_000.0)] * 2]

    def test_without_labels_or_with_blank_ones_each_contract_is_its_own_coin(self):
        book = ((1.0, -10.0),), ((100.0, 20.0),), ((110.0, 20.0),), 100.0, 0.01, None
        apart = [[pytest.approx(110 - 106.9 / 0.99), pytest.approx(20 + 106.9 / 10.1)]]
        assert call("PERP_LIQUIDATION_CROSS", *book) == apart
        assert call("PERP_LIQUIDATION_CROSS", *book, ((None, ""),)) == apart
        assert call("PERP_LIQUIDATION_CROSS", *book, (("BTC", "ETH"),)) == apart

    def test_an_account_below_maintenance_is_told_what_is_missing(self):
        assert call("PERP_LIQUIDATION_CROSS", 1.0, 100.0, 100.0, 0.4, 0.01) == "#NUM!"
        assert "below maintenance already: equity 0.4 where 1 must be held; add 0.6 to wallet_balance" in why()


class TestTier:
    def test_one_notional_and_several(self):
        assert call("PERP_TIER", -60_000.0, BITCOIN) == [
            ["", "asset_1"],
            ["maintenance_rate", 0.005],
            ["maintenance_amount", 50.0],
            ["max_leverage", 100.0],
        ]
        assert call("PERP_TIER", ((50_000.0,), (1e6,), (None,)), BITCOIN)[1:] == [
            ["maintenance_rate", 0.004, 0.01, "#N/A"],
            ["maintenance_amount", 0.0, 1_300.0, "#N/A"],
            ["max_leverage", 125.0, 50.0, "#N/A"],
        ]

    def test_amounts_and_the_last_end_may_be_blank(self):
        blank = tuple((low, None if low == 250_000 else high, rate, None, most) for low, high, rate, _, most in BITCOIN)
        table = call("PERP_TIER", 1e9, blank, caller="Tiers!G2")
        assert table[2] == ["maintenance_amount", pytest.approx(1_300.0)]
        assert call("PERP_WHY", "Tiers!G2").startswith("No failure")

    def test_a_notional_beyond_the_last_tier_is_said(self):
        assert call("PERP_TIER", 2e6, BITCOIN)[3] == ["max_leverage", 50.0]
        assert "notional 2000000 at position 1 is beyond the last tier, which ends at 1000000" in why()

    def test_a_header_and_empty_rows_around_the_table_are_left_out(self):
        header, empty = ("min_notional", "max_notional", "maintenance_rate", "amount", "max_leverage"), (None, "") * 2
        framed = (header, *BITCOIN, (*empty, None), (*empty, None))
        assert call("PERP_TIER", 60_000.0, framed) == call("PERP_TIER", 60_000.0, BITCOIN)

    def test_a_wrong_amount_is_named_with_the_right_one(self):
        wrong = (*BITCOIN[:2], (250_000.0, 1e6, 0.01, 1_250.0, 50.0))
        assert call("PERP_TIER", 1e6, wrong) == "#VALUE!"
        assert "maintenance_amount is 1250 in tier row 3 where the rates make it 1300" in why()

    def test_the_tier_gives_what_a_liquidation_price_needs(self):
        # 10 BTC from 60,000: at the price the notional is still in the third tier.
        rate, amount = (row[1] for row in call("PERP_TIER", 600_000.0, BITCOIN)[1:3])
        found = call("PERP_LIQUIDATION", 10.0, 60_000.0, 60_000.0, rate, amount)
        assert 60_000 + 10 * (found - 60_000) == pytest.approx(10 * found * 0.01 - 1_300)


class TestMargin:
    def test_a_long_and_a_short_by_hand(self):
        # 200 long and 300 short on 100; together they fall by x: 100 - 100 x against 5 + x 5.
        table = call("PERP_MARGIN", ((2.0, -6.0),), ((100.0, 50.0),), 100.0, 0.01, ((20.0, 10.0),))
        assert table == [
            ["", "value"],
            ["gross", pytest.approx(500.0)],
            ["net", pytest.approx(-100.0)],
            ["leverage", pytest.approx(5.0)],
            ["initial_margin", pytest.approx(40.0)],
            ["maintenance_margin", pytest.approx(5.0)],
            ["margin_ratio", pytest.approx(0.05)],
            ["headroom", pytest.approx(60.0)],
            ["distance_to_liquidation", pytest.approx(95 / 105)],
        ]

    def test_what_is_not_held_needs_no_price(self):
        held = call("PERP_MARGIN", 2.0, 100.0, 100.0)
        assert call("PERP_MARGIN", ((2.0, 0.0),), ((100.0, None),), 100.0) == held

    def test_a_rate_above_the_initial_margin_may_be_in_percent(self):
        assert dict(call("PERP_MARGIN", 1.0, 100.0, 80.0, 0.5)[1:])["maintenance_margin"] == pytest.approx(50.0)
        assert "maintenance_rates is 0.5 at position 1, above the initial margin 1 / 20" in why()
        assert "write 1 % as 0.01" in why()


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_equity_at_the_liquidation_price_is_the_maintenance_margin(side):
    """For one position on its own, for one of a cross account, and of the account that PERP_MARGIN sees there."""
    price = call("PERP_LIQUIDATION", side * 2.0, 100.0, 40.0, 0.01, 0.5)
    assert 40 + side * 2 * (price - 100) == pytest.approx(0.01 * 2 * price - 0.5, rel=1e-9)

    quantities, entries, marks = (side * 2.0, -side * 3.0), (100.0, 50.0), (98.0, 52.0)
    crossed = call("PERP_LIQUIDATION_CROSS", (quantities,), (entries,), (marks,), 100.0, 0.01)[0]
    for contract, level in enumerate(crossed):
        if level == "#N/A":
            continue
        there = tuple(level if i == contract else mark for i, mark in enumerate(marks))
        equity = 100.0 + sum(q * (p - e) for q, p, e in zip(quantities, there, entries, strict=True))
        ratio = dict(call("PERP_MARGIN", (quantities,), (there,), equity)[1:])["margin_ratio"]
        assert ratio == pytest.approx(1.0, rel=1e-9)
    assert any(level != "#N/A" for level in crossed)


def test_alone_an_isolated_and_a_cross_position_have_one_price():
    isolated = call("PERP_LIQUIDATION", -2.0, 100.0, 40.0, 0.01)
    assert call("PERP_LIQUIDATION_CROSS", -2.0, 100.0, 100.0, 40.0, 0.01) == pytest.approx(isolated, rel=1e-12)
