"""Contracts: P&L, value, fees and funding of each kind, and lots and ticks without floating-point loss."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.market.contract import (
    CONTRACTS,
    fee,
    funding_payment,
    in_coin,
    in_quote,
    inverse_pnl,
    linear_pnl,
    notional,
    pnl,
    quanto_pnl,
    round_to_lot,
    round_to_tick,
    settled_value,
)

POSITIVE = st.floats(1e-2, 1e6)
QUANTITY = st.floats(-1e6, 1e6)


def test_linear_profit_is_quantity_times_the_move():
    np.testing.assert_array_equal(linear_pnl([2.0, -2.0], [100.0, 100.0], [110.0, 110.0]), [20.0, -20.0])


def test_inverse_profit_in_coin_of_a_rise_from_10000_to_12500():
    # 10,000 contracts of 1 USD: 10,000 (1/10,000 - 1/12,500) = 0.2 coin.
    assert inverse_pnl(10_000, 10_000, 12_500) == pytest.approx(0.2, rel=1e-15)
    assert inverse_pnl(100, 10_000, 12_500, multiplier=100) == pytest.approx(0.2, rel=1e-15)


def test_notional_is_signed_and_an_inverse_one_does_not_follow_the_price():
    assert notional(-2, 100) == -200
    assert notional(-2, 100, "inverse", 10) == notional(-2, 500, "inverse", 10) == -20


def test_a_quanto_pays_its_multiplier_for_each_unit_of_price():
    # BitMEX, "Quanto for Speculators": 10,000 contracts of 0.000001 XBT a dollar from 500 are worth 5 XBT, of which
    # 2 % is 0.10 XBT of initial margin. A dollar earns 0.01 XBT.
    assert settled_value(10_000, 500, "quanto", 1e-6) * 0.02 == pytest.approx(0.10, rel=1e-14)
    assert quanto_pnl(10_000, 500, 501, 1e-6) == pytest.approx(0.01, rel=1e-12)


def test_value_in_the_currency_of_settlement():
    assert settled_value(-2, 100) == -200
    assert settled_value(-2, 100, "inverse", 10) == -0.2
    assert settled_value(-2, 100, "quanto", 1e-3) == pytest.approx(-0.2)


def test_fees_are_paid_by_both_sides_and_a_rebate_is_received():
    np.testing.assert_allclose(fee([2, -2], 100, [0.0005, -0.0001]), [0.1, -0.02])
    # 100 contracts of 100 USD at 50,000 are 0.2 coin.
    assert fee(100, 50_000, 0.0005, "inverse", 100) == pytest.approx(0.0001)


def test_a_long_pays_funding_and_a_short_receives_it():
    np.testing.assert_allclose(funding_payment([2, -2], 100, 0.0001), [-0.02, 0.02])
    assert funding_payment(100, 50_000, -0.0001, "inverse", 100) == pytest.approx(0.2e-4)
    assert np.isnan(funding_payment(1, 100, np.nan))


def test_equity_in_coin_follows_the_price_of_the_coin():
    np.testing.assert_array_equal(in_quote([0.5, -1], 40_000), [20_000, -40_000])
    assert in_coin(in_quote(0.3, 41_000), 41_000) == pytest.approx(0.3, rel=1e-15)


@given(QUANTITY, POSITIVE, POSITIVE, st.sampled_from(CONTRACTS))
def test_profit_is_the_change_of_value_with_the_sign_of_the_contract(quantity, entry, last, kind):
    change = settled_value(quantity, last, kind, 0.5) - settled_value(quantity, entry, kind, 0.5)
    sign = -1 if kind == "inverse" else 1
    size = abs(quantity) * max(entry, last, 1 / entry, 1 / last)
    assert pnl(quantity, entry, last, kind, 0.5) == pytest.approx(sign * change, rel=1e-9, abs=1e-9 * (size + 1e-300))


@given(QUANTITY, POSITIVE, POSITIVE)
def test_what_the_long_gains_the_short_loses(quantity, entry, last):
    assert linear_pnl(quantity, entry, last) == -linear_pnl(-quantity, entry, last)
    assert inverse_pnl(quantity, entry, last) == -inverse_pnl(-quantity, entry, last)


@given(QUANTITY, POSITIVE, POSITIVE)
def test_inverse_profit_valued_at_the_exit_is_the_linear_return_on_the_face(quantity, entry, last):
    assert inverse_pnl(quantity, entry, last) * last == pytest.approx(quantity * (last / entry - 1), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (linear_pnl, (1, 0, 1), "entry is 0"),
        (linear_pnl, (1, 1, -1), "exit is -1"),
        (inverse_pnl, (1, 1, 0), "exit is 0"),
        (linear_pnl, ([1, 2], [1, 2, 3], 1), r"shapes do not fit together: quantity \(2,\), entry \(3,\)"),
        (linear_pnl, ("x", 1, 1), "quantity must hold numbers"),
        (notional, (1, 1, "quanto"), "contract 'quanto' is not known"),
        (notional, (1, 0), "price is 0"),
        (pnl, (1, 1, 1, "cubic"), "contract 'cubic' is not known"),
        (quanto_pnl, (1, 0, 1, 1), "entry is 0"),
        (settled_value, (1, 0), "price is 0"),
        (settled_value, (1, 1, "cubic"), "contract 'cubic' is not known"),
        (fee, ([1, 2], 1, [1, 2, 3]), "shapes do not fit together"),
        (funding_payment, (1, -1, 0), "price is -1"),
        (in_quote, (1, 0), "coin_price is 0"),
        (in_coin, (1, -1), "coin_price is -1"),
    ],
)
def test_bad_input_is_refused_by_name(function, arguments, words):
    with pytest.raises(ArgumentError, match=words):
        function(*arguments)


class TestLots:
    def test_toward_zero_never_trades_more_than_asked(self):
        np.testing.assert_array_equal(round_to_lot([1.79, -1.79], 0.5), [1.5, -1.5])

    def test_nearest_sends_halves_away_from_zero(self):
        np.testing.assert_array_equal(round_to_lot([1.25, -1.25, 1.2], 0.5, "nearest"), [1.5, -1.5, 1.0])

    def test_a_lot_of_zero_leaves_the_quantity(self):
        np.testing.assert_array_equal(round_to_lot([1.79, 1.79], [0.0, 1.0]), [1.79, 1.0])

    @pytest.mark.parametrize("how", ["toward_zero", "nearest"])
    def test_floating_point_noise_does_not_cost_a_lot(self, how):
        assert round_to_lot(0.1 + 0.2, 0.1, how) == 0.3
        assert round_to_lot(0.3 - 1e-17, 0.1, how) == 0.3
        assert round_to_lot(4.35 * 100, 1, how) == 435

    def test_whole_lots_are_the_nearest_double(self):
        assert round_to_lot(0.1 * 3, 0.1) == 0.3
        assert round_to_lot(0.0070000000000000001, 0.001) == 0.007

    def test_large_lots_round_too(self):
        assert round_to_lot(123_456, 1000) == 123_000
        assert round_to_lot(-0.4, 1000, "nearest") == 0

    def test_nothing_is_traded_without_a_minus_sign(self):
        assert not np.signbit(round_to_lot(-0.4, 1))

    def test_a_missing_quantity_stays_missing(self):
        assert np.isnan(round_to_lot([np.nan], 0.1)[0])

    @given(st.integers(-(10**9), 10**9), st.sampled_from(["0.001", "0.01", "0.1", "0.05", "0.25", "1", "10", "1000"]))
    def test_whole_lots_are_left_alone(self, count, lot):
        exact = float(count * Fraction(lot))
        for how in ("toward_zero", "nearest"):
            assert round_to_lot(exact, float(lot), how) == exact

    @given(QUANTITY, st.sampled_from([0.001, 0.01, 0.3, 1.0, 7.0]))
    def test_rounding_twice_changes_nothing_and_stays_within_a_lot(self, quantity, lot):
        once = round_to_lot(quantity, lot)
        assert round_to_lot(once, lot) == once
        assert abs(once) <= abs(quantity) * (1 + 1e-12) + lot * 1e-9
        assert abs(quantity - once) < lot * (1 + 1e-6)
        assert abs(quantity - round_to_lot(quantity, lot, "nearest")) <= lot / 2 * (1 + 1e-6)

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ((1, -0.1), ArgumentError, "lot_size is -0.1"),
            ((1, np.nan), MissingDataError, "lot_size is missing"),
            ((1, 0.1, "up"), ArgumentError, "how 'up' is not known"),
            (([1, 2], [1, 2, 3]), ArgumentError, "shapes do not fit"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, arguments, error, words):
        with pytest.raises(error, match=words):
            round_to_lot(*arguments)


class TestTicks:
    def test_nearest_up_and_down(self):
        np.testing.assert_array_equal(round_to_tick([100.24, 100.25, 100.26], 0.5), [100.0, 100.5, 100.5])
        np.testing.assert_array_equal(round_to_tick([100.01, 100.0], 0.5, "up"), [100.5, 100.0])
        np.testing.assert_array_equal(round_to_tick([100.49, 100.5], 0.5, "down"), [100.0, 100.5])

    @pytest.mark.parametrize("how", ["nearest", "up", "down"])
    def test_floating_point_noise_does_not_cost_a_tick(self, how):
        assert round_to_tick(0.1 + 0.2, 0.1, how) == 0.3
        assert round_to_tick(4.35 * 100, 1, how) == 435

    def test_a_tick_of_zero_leaves_the_price_and_a_missing_price_stays_missing(self):
        np.testing.assert_array_equal(round_to_tick([1.234, np.nan], [0.0, 0.1]), [1.234, np.nan])

    @pytest.mark.parametrize(
        ("arguments", "error", "words"),
        [
            ((1, -0.1), ArgumentError, "tick_size is -0.1; it must be at least 0"),
            ((1, np.nan), MissingDataError, "tick_size is missing; enter the contract's tick"),
            ((1, 0.1, "sideways"), ArgumentError, "how 'sideways' is not known"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, arguments, error, words):
        with pytest.raises(error, match=words):
            round_to_tick(*arguments)

    @given(st.floats(1e-3, 1e6), st.sampled_from([0.001, 0.01, 0.5, 2.5]))
    def test_up_and_down_enclose_the_price(self, price, tick):
        down, up = round_to_tick(price, tick, "down"), round_to_tick(price, tick, "up")
        assert down - tick * 1e-6 <= price <= up + tick * 1e-6
        assert up - down <= tick * (1 + 1e-6)
        assert round_to_tick(price, tick) in (down, up)
