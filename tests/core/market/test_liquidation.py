"""Liquidation prices: equity there is what must be held, in each style, for both sides and every kind of contract."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.market.contract import CONTRACTS, pnl, settled_value
from core.market.liquidation import (
    STYLES,
    bankruptcy_price,
    liquidation_price,
    safe_tick,
    tiered_liquidation_price,
)
from core.market.tiers import Tiers

SIDES = st.sampled_from([1.0, -1.0])
SIZES = st.floats(1e-3, 1e4)
PRICES = st.floats(1e-2, 1e5)
SHARES = st.floats(0.06, 0.9)
"""Collateral as a share of the value at entry: less than all of it, so that a price liquidates."""
RATES = st.floats(1e-4, 0.05)
KINDS = st.sampled_from(CONTRACTS)
MULTIPLIERS = st.sampled_from([1e-6, 1.0, 100.0])

TABLE = Tiers.from_rows(
    [
        [0, 5e4, 0.004, 0, 125],
        [5e4, 2.5e5, 0.005, 50, 100],
        [2.5e5, 1e6, 0.01, 1_300, 50],
        [1e6, 1e7, 0.025, 16_300, 20],
        [1e7, 5e7, 0.1, 766_300, 5],
    ]
)


def quiet(function, *arguments, **named):
    """The one price of a position, without a word about what its style leaves out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return float(function(*arguments, **named)[0])


class TestByHand:
    # A long of 2 coins from 100 with 40 of collateral: equity 40 + 2 (p - 100).
    def test_amount(self):
        # 40 + 2 p - 200 = 0.01 x 2 p - 0.4: p = 159.6 / 1.98.
        assert liquidation_price(2, 100, 40, 0.01, 0.4) == pytest.approx([159.6 / 1.98], rel=1e-14)
        assert liquidation_price(-2, 100, 40, 0.01, 0.4) == pytest.approx([240.4 / 2.02], rel=1e-14)

    def test_rate_and_fee(self):
        price = liquidation_price([2, -2], 100, 40, 0.01, taker_fee=0.0005, style="rate_and_fee")
        assert price == pytest.approx([160 / (2 * (1 - 0.0105)), 240 / (2 * (1 + 0.0105))], rel=1e-14)

    def test_initial_less_maintenance(self):
        # Maintenance at entry is 2 - 0.4: the loss may be 38.4, that is 19.2 a coin.
        price = liquidation_price([2, -2], 100, 40, 0.01, 0.4, style="initial_less_maintenance")
        assert price == pytest.approx([80.8, 119.2], rel=1e-14)

    def test_inverse(self):
        # 10,000 quote from 50,000: value 0.2 coin, collateral 0.02: p = 10,000 x 1.01 / (0.02 + 0.2).
        assert liquidation_price(1e4, 5e4, 0.02, 0.01, contract="inverse") == pytest.approx([10_100 / 0.22], rel=1e-14)
        assert liquidation_price(-1e4, 5e4, 0.02, 0.01, contract="inverse") == pytest.approx([9_900 / 0.18], rel=1e-14)

    def test_quanto_is_linear_in_the_multiplier(self):
        # 1,000 contracts of 0.000001 XBT a dollar from 500: value 0.5 XBT.
        price = liquidation_price(1_000, 500, 0.1, 0.01, contract="quanto", multiplier=1e-6)
        assert price == pytest.approx(liquidation_price(1e-3, 500, 0.1, 0.01), rel=1e-14)

    def test_bankruptcy_leaves_nothing(self):
        np.testing.assert_allclose(bankruptcy_price([2, -2], 100, 40), [80, 120], rtol=1e-15)


@given(SIDES, SIZES, PRICES, SHARES, RATES, KINDS, MULTIPLIERS, st.sampled_from(STYLES), st.floats(0, 0.001))
def test_at_its_price_equity_is_what_must_be_held(side, size, entry, share, rate, kind, face, style, fee):
    at_entry = abs(float(settled_value(size, entry, kind, face)))
    collateral, amount = share * at_entry, 0.001 * at_entry
    price = quiet(liquidation_price, side * size, entry, collateral, rate, amount, fee, kind, style, face)
    equity = collateral + float(pnl(side * size, entry, price, kind, face))
    value = abs(float(settled_value(size, price, kind, face)))
    needed = {
        "amount": value * rate - amount,
        "rate_and_fee": value * (rate + fee),
        "initial_less_maintenance": at_entry * rate - amount,
    }[style]
    assert equity == pytest.approx(needed, rel=1e-9, abs=1e-12 * (at_entry + value))


@given(SIDES, SIZES, PRICES, SHARES, KINDS, MULTIPLIERS)
def test_at_the_bankruptcy_price_no_equity_is_left(side, size, entry, share, kind, face):
    collateral = share * abs(float(settled_value(size, entry, kind, face)))
    price = float(bankruptcy_price(side * size, entry, collateral, kind, face)[0])
    equity = collateral + float(pnl(side * size, entry, price, kind, face))
    assert equity == pytest.approx(0, abs=1e-9 * collateral / share * (1 + entry / price))


@given(SIDES, SIZES, PRICES, SHARES, RATES, KINDS, st.sampled_from(STYLES))
def test_a_long_falls_to_it_and_a_short_rises_to_it_and_bankruptcy_lies_beyond(
    side, size, entry, share, rate, kind, style
):
    collateral = share * abs(float(settled_value(size, entry, kind)))
    price = quiet(liquidation_price, side * size, entry, collateral, rate, contract=kind, style=style)
    beyond = float(bankruptcy_price(side * size, entry, collateral, kind)[0])
    assert side * entry > side * price > side * beyond


@given(SIDES, SIZES, PRICES, SHARES, RATES, KINDS, st.sampled_from(STYLES))
def test_a_larger_account_is_liquidated_at_the_same_price(side, size, entry, share, rate, kind, style):
    collateral = share * abs(float(settled_value(size, entry, kind)))
    terms = {"contract": kind, "style": style}
    one = quiet(liquidation_price, side * size, entry, collateral, rate, collateral / 100, **terms)
    many = quiet(liquidation_price, side * size * 7, entry, collateral * 7, rate, collateral * 7 / 100, **terms)
    assert many == pytest.approx(one, rel=1e-11)


@given(SIZES, PRICES, SHARES, st.sampled_from(STYLES))
def test_without_a_rate_long_and_short_are_as_far_away(size, entry, share, style):
    long, short = (quiet(liquidation_price, q, entry, share * size * entry, 0, style=style) for q in (size, -size))
    assert entry - long == pytest.approx(short - entry, rel=1e-9, abs=1e-9 * entry)
    # For an inverse contract the mirror is in 1 / p, since that is what its profit is linear in.
    coins = share * size / entry
    long, short = (quiet(liquidation_price, q, entry, coins, 0, contract="inverse", style=style) for q in (size, -size))
    assert 1 / long - 1 / entry == pytest.approx(1 / entry - 1 / short, rel=1e-8, abs=1e-9 / entry)


@given(SIDES, st.floats(1e-4, 0.02))
def test_linear_and_inverse_agree_to_second_order(side, share):
    # Value 1 at entry 1, collateral and half of it as rate: the two prices differ by the square of the distance.
    linear = quiet(liquidation_price, side, 1.0, share, share / 2)
    inverse = quiet(liquidation_price, side, 1.0, share, share / 2, contract="inverse")
    assert abs(linear - inverse) <= share**2


@given(SIDES, SIZES, PRICES, SHARES, st.floats(1, 3), RATES)
def test_more_collateral_is_never_liquidated_sooner(side, size, entry, share, more, rate):
    assume(share * more < 0.9)
    value = size * entry
    thin, thick = (quiet(liquidation_price, side * size, entry, c * value, rate) for c in (share, share * more))
    assert side * thick <= side * thin + 1e-9 * entry


class TestTiers:
    @given(SIDES, st.floats(1e-2, 1e3), st.floats(10, 4e4), st.floats(0.12, 0.9))
    def test_the_price_lies_in_the_tier_that_it_is_reckoned_with(self, side, size, entry, share):
        collateral = share * size * entry
        price = float(tiered_liquidation_price(side * size, entry, collateral, TABLE)[0])
        rate, amount, _ = TABLE.at(size * price)
        assert price == pytest.approx(quiet(liquidation_price, side * size, entry, collateral, rate, amount), rel=1e-9)
        equity = collateral + side * size * (price - entry)
        assert equity == pytest.approx(float(TABLE.maintenance(size * price)), rel=1e-9, abs=1e-10 * size * entry)

    @given(SIDES, st.floats(1e2, 1e7), st.floats(0.01, 1e3), st.floats(0.12, 0.9))
    def test_an_inverse_contract_has_its_tiers_in_coin(self, side, size, entry, share):
        collateral = share * size / entry
        price = float(tiered_liquidation_price(side * size, entry, collateral, TABLE, "inverse")[0])
        equity = collateral + float(pnl(side * size, entry, price, "inverse"))
        held = float(TABLE.maintenance(size / price))
        assert equity == pytest.approx(held, rel=1e-9, abs=1e-10 * size * (1 / entry + 1 / price))

    def test_one_table_for_all_or_one_each(self):
        flat = Tiers([0], [np.nan], [0.01], [np.nan], [50])
        prices = tiered_liquidation_price([2, -2], 100, 40, [flat, TABLE])
        assert prices[0] == liquidation_price(2, 100, 40, 0.01)[0]
        assert prices[1] == liquidation_price(-2, 100, 40, 0.004)[0]
        np.testing.assert_array_equal(tiered_liquidation_price([2, -2], 100, 40, flat)[0], prices[0])

    def test_a_position_that_no_tier_liquidates(self):
        with pytest.warns(DataWarning, match="covers it at any price"):
            assert np.isnan(tiered_liquidation_price(1, 100, 100, TABLE)).all()
        with pytest.warns(DataWarning, match="covers it at any price"):
            assert np.isnan(tiered_liquidation_price(-100, 100, 1, TABLE, "inverse")).all()

    def test_tables_must_be_one_or_one_each(self):
        with pytest.raises(ArgumentError, match="tiers has 2 tables where 3 are needed"):
            tiered_liquidation_price([1, 2, 3], 100, 40, [TABLE, TABLE])
        with pytest.raises(ArgumentError, match="tiers has 0 tables"):
            tiered_liquidation_price(1, 100, 40, [])

    def test_collateral_below_the_maintenance_of_the_tier_is_refused(self):
        with pytest.raises(UndefinedError, match="collateral is 20000, below the maintenance margin 33700 already"):
            tiered_liquidation_price(20, 1e5, 2e4, TABLE)


class TestTicks:
    def test_the_price_is_rounded_to_where_it_comes_sooner(self):
        np.testing.assert_allclose(safe_tick([97.03, 97.03, 97.0], [1, -1, 1], 0.5), [97.5, 97.0, 97.0])

    def test_noise_costs_no_tick(self):
        assert safe_tick(0.1 + 0.2, 1, 0.1) == 0.3


class TestSaid:
    def test_a_fully_paid_long_and_an_inverse_short_are_never_liquidated(self):
        with pytest.warns(DataWarning, match="the collateral of the long covers it at any price"):
            assert np.isnan(liquidation_price(1, 100, 100, 0.01)).all()
        with pytest.warns(DataWarning, match="the collateral of the short covers it at any price"):
            assert np.isnan(liquidation_price(-100, 100, 1, 0.01, contract="inverse")).all()
        assert liquidation_price(1, 100, 99.9999, 0.01) > 0

    def test_one_of_several_is_missing_and_named(self):
        with pytest.warns(DataWarning, match="the collateral of the long at position 2 covers it"):
            prices = liquidation_price([1, 1], 100, [10, 200], 0.01)
        np.testing.assert_array_equal(np.isnan(prices), [False, True])

    def test_what_a_style_does_not_use_is_left_out_aloud(self):
        plain = liquidation_price(1, 100, 10, 0.01)
        for style in ("amount", "initial_less_maintenance"):
            with pytest.warns(DataWarning, match=f"taker_fee has no part in style '{style}'"):
                liquidation_price(1, 100, 10, 0.01, taker_fee=0.001, style=style)
        with pytest.warns(DataWarning, match="maintenance_amount has no part in style 'rate_and_fee'"):
            assert liquidation_price(1, 100, 10, 0.01, 0.5, style="rate_and_fee") == plain

    def test_collateral_below_maintenance_at_entry_is_refused(self):
        assert liquidation_price(1, 100, 1, 0.01) == pytest.approx([100], rel=1e-15)
        with pytest.raises(UndefinedError, match=r"collateral is 0.9, below the maintenance margin 1 already at entry"):
            liquidation_price(1, 100, 0.9, 0.01)
        with pytest.warns(DataWarning, match="collateral at position 2 is 1.5, below the maintenance margin 2 already"):
            prices = liquidation_price([1, 2], 100, 1.5, 0.01)
        np.testing.assert_array_equal(np.isnan(prices), [False, True])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantity": [1, 0]}, ArgumentError, "quantity is 0 at position 2; nothing is held"),
        ({"quantity": np.nan}, MissingDataError, "quantity has no value at position 1"),
        ({"entry_price": 0}, ArgumentError, "entry_price is 0"),
        ({"entry_price": [100, np.nan]}, MissingDataError, "entry_price has no value at position 2"),
        ({"entry_price": [1, 2], "quantity": [1, 2, 3]}, ArgumentError, "entry_price has 2 values where 3 are needed"),
        ({"collateral": 0}, ArgumentError, "collateral is 0; it must be above 0"),
        ({"collateral": -5}, ArgumentError, "collateral is -5; it must be above 0"),
        ({"maintenance_rate": 1}, ArgumentError, "maintenance_rate is 1; it must be below 1"),
        ({"maintenance_rate": 0.5}, UndefinedError, r"check that the rate is a decimal \(1 % = 0.01\)"),
        ({"maintenance_rate": -0.1}, ArgumentError, "maintenance_rate is -0.1"),
        ({"maintenance_amount": -1}, ArgumentError, "maintenance_amount is -1"),
        ({"taker_fee": 1}, ArgumentError, "taker_fee is 1; it must be below 1"),
        ({"contract": "cubic"}, ArgumentError, "contract 'cubic' is not known"),
        ({"style": "bybit"}, ArgumentError, "style 'bybit' is not known"),
        ({"multiplier": 0}, ArgumentError, "multiplier is 0; it must be above 0"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantity": 1, "entry_price": 100, "collateral": 10, "maintenance_rate": 0.01}
    with pytest.raises(error, match=words):
        liquidation_price(**(fields | changes))
