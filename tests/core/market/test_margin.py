"""Margin: the figures of an account, and that liquidation is as far as it says."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.market.margin import cross_margin, maintenance_margin, margin, margin_ratio


def test_the_figures_of_a_long_and_a_short():
    account = margin([2, -10], [100, 5], 100, [0.01, 0.02], [20, 10])
    assert (account.gross, account.net, account.leverage) == (250, 150, 2.5)
    assert account.initial_margin == 200 / 20 + 50 / 10
    assert account.maintenance_margin == pytest.approx(2 + 1)
    assert account.margin_ratio == pytest.approx(0.03)
    assert account.headroom == 85


def test_a_three_times_long_is_liquidated_by_a_fall_of_a_third():
    # 100 + 300 x = 3 (1 + x): x = -97 / 297.
    assert margin([3], [100], 100).distance_to_liquidation == pytest.approx(97 / 297, rel=1e-14)


def test_a_short_is_liquidated_by_a_rise():
    # 100 - 300 x = 3 (1 + x): x = 97 / 303.
    assert margin([-3], [100], 100).distance_to_liquidation == pytest.approx(97 / 303, rel=1e-14)


def test_an_unlevered_long_survives_any_fall():
    assert np.isnan(margin([1], [100], 100).distance_to_liquidation)
    assert np.isnan(margin([1], [100], 200).distance_to_liquidation)


def test_an_empty_book_has_no_distance_and_a_ratio_of_zero():
    account = margin([0, 0], [100, 5], 100)
    assert account.margin_ratio == 0
    assert np.isnan(account.distance_to_liquidation)


def test_an_account_below_maintenance_has_no_distance_left():
    account = margin([1], [100], 0.5)
    assert account.margin_ratio == 2
    assert account.distance_to_liquidation == 0


BOOKS = hnp.arrays(float, 4, elements=st.floats(-10, 10))
PRICES = hnp.arrays(float, 4, elements=st.floats(0.5, 100))


@given(BOOKS, PRICES, st.floats(1, 1e4), st.floats(0, 0.05))
def test_at_its_distance_the_account_just_meets_its_maintenance(quantities, prices, equity, rate):
    account = margin(quantities, prices, equity, rate)
    assume(np.isfinite(account.distance_to_liquidation) and account.distance_to_liquidation > 0)
    notionals = quantities * prices
    surpluses = [
        equity + move * notionals.sum() - maintenance_margin(notionals * (1 + move), rate)
        for move in (account.distance_to_liquidation, -account.distance_to_liquidation)
    ]
    assert min(map(abs, surpluses)) <= 1e-9 * (equity + account.gross * (1 + account.distance_to_liquidation))


@given(BOOKS, PRICES, st.floats(1, 1e4), st.floats(1e-3, 1e3))
def test_the_currency_changes_money_and_no_ratio(quantities, prices, equity, rate):
    here, there = margin(quantities, prices, equity), margin(quantities, prices * rate, equity * rate)
    assert there.headroom == pytest.approx(here.headroom * rate, rel=1e-9, abs=1e-6)
    assert there.leverage == pytest.approx(here.leverage, rel=1e-9)
    assert there.margin_ratio == pytest.approx(here.margin_ratio, rel=1e-9)


def test_the_ratio_without_equity_is_infinite_and_without_maintenance_zero():
    np.testing.assert_array_equal(margin_ratio([1, 1, 0, 0], [0, -5, -5, 1]), [np.inf, np.inf, 0, 0])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantities": [1, np.nan]}, MissingDataError, "quantities has no value at position 2"),
        ({"mark_prices": [1, 0]}, ArgumentError, "mark_prices is 0"),
        ({"mark_prices": [1]}, ArgumentError, "quantities has 2 rows and mark_prices has 1"),
        ({"mark_prices": [1, np.nan]}, MissingDataError, "mark_prices has no value at position 2"),
        ({"equity": 0}, ArgumentError, "equity is 0; it must be above 0"),
        ({"equity": "x"}, ArgumentError, "equity must be a number"),
        ({"maintenance_rates": -0.1}, ArgumentError, "maintenance_rates is -0.1"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1 at position 1; it must be below 1"),
        ({"maintenance_rates": [0.1] * 3}, ArgumentError, "maintenance_rates has 3 values where 2"),
        ({"max_leverage": 0}, ArgumentError, "max_leverage is 0"),
        ({"max_leverage": [20, np.nan]}, MissingDataError, "max_leverage has no value"),
        ({"maintenance_amounts": -1}, ArgumentError, "maintenance_amounts is -1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantities": [1, 2], "mark_prices": [10, 20], "equity": 100}
    with pytest.raises(error, match=words):
        margin(**(fields | changes))


def test_amounts_lower_the_maintenance_of_what_is_held():
    account = margin([2, 0], [100, 5], 100, 0.05, maintenance_amounts=[4, 7])
    assert account.maintenance_margin == pytest.approx(6)
    # 100 + 200 x = 10 (1 + x) - 4: x = -94 / 190.
    assert account.distance_to_liquidation == pytest.approx(94 / 190, rel=1e-14)


class TestCross:
    def test_the_equity_is_the_wallet_and_the_profit_to_come(self):
        account = cross_margin([2, -10], [90, 5.5], [100, 5], 75, [0.01, 0.02], [20, 10])
        assert account == margin([2, -10], [100, 5], 100, [0.01, 0.02], [20, 10])

    @pytest.mark.parametrize(
        ("changes", "error", "words"),
        [
            ({"entry_prices": [1]}, ArgumentError, "quantities has 2 rows and entry_prices has 1"),
            ({"entry_prices": [90, 0]}, ArgumentError, "entry_prices is 0"),
            ({"mark_prices": [100, np.nan]}, MissingDataError, "mark_prices has no value at position 2"),
            ({"wallet_balance": -25}, UndefinedError, "wallet_balance with unrealised profit is 0; the account has no"),
            ({"wallet_balance": np.inf}, ArgumentError, "wallet_balance must be a finite number"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, changes, error, words):
        fields = {
            "quantities": [2, -10],
            "entry_prices": [90, 5.5],
            "mark_prices": [100, 5],
            "wallet_balance": 75,
        }
        with pytest.raises(error, match=words):
            cross_margin(**(fields | changes))


def test_a_contract_that_is_not_held_needs_no_price():
    assert margin([2, 0], [100, np.nan], 100) == margin([2], [100], 100)
    assert cross_margin([2, 0], [90, np.nan], [100, np.nan], 100) == cross_margin([2], [90], [100], 100)


def test_a_rate_above_the_initial_margin_is_said():
    with pytest.warns(DataWarning, match="maintenance_rates is 0.1 at position 2, above the initial margin 1 / 20"):
        margin([1, 1], [100, 100], 100, [0.05, 0.1])
