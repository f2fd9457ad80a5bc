"""A book: what its positions are worth and must hold, by hand, and bad input by name."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.market.contract import inverse_pnl, linear_pnl
from core.market.tiers import Tiers
from core.verify.path.account import needs
from core.verify.path.book import as_book

NAN = np.nan
TIERS = Tiers([0, 50_000], [50_000, NAN], [0.005, 0.01], [NAN, NAN], [100, 50])
COIN_TIERS = Tiers([0, 1], [1, NAN], [0.005, 0.01], [NAN, NAN], [100, 50])


def test_profit_in_quote_is_coins_times_the_move_for_both_kinds():
    book = as_book([2, -3], [100, 50], 1000, inverse=[False, True], multipliers=[1, 10])
    later = np.array([80.0, 60.0])
    expected = [linear_pnl(2, 100, 80), inverse_pnl(-3, 50, 60, 10) * 60]
    np.testing.assert_allclose(book.coins * (later - book.prices), expected, rtol=1e-12)


def test_a_linear_notional_grows_with_the_price_and_an_inverse_one_does_not():
    book = as_book([2, 3], [100, 50], 1000, inverse=[0, 1], multipliers=10)
    np.testing.assert_allclose(book.account.sizes(np.array([2.0, 2.0])), [400, 30])


def test_maintenance_is_that_of_the_tiers():
    book = as_book([1, 1], [60_000, 60_000], 1e5, 0.02, tiers=[TIERS, None])
    np.testing.assert_allclose(needs(book.account, np.ones(2)), [60_000 * 0.01 - 250, 1200])
    np.testing.assert_allclose(needs(book.account, np.ones(2), np.array([0.5, 0.0])), [150, 0])


def test_tiers_of_an_inverse_contract_count_coins():
    book = as_book([1200], [60_000], 1e5, tiers=COIN_TIERS, inverse=True, multipliers=100)  # 2 coins
    np.testing.assert_allclose(needs(book.account, np.ones(1)), [(2 * 0.01 - 0.005) * 60_000])
    # At twice the price it is one coin, in the lowest tier.
    np.testing.assert_allclose(needs(book.account, np.array([2.0])), [0.005 * 120_000])


def test_tiers_are_an_income_tax_on_what_they_count_at_any_price():
    """Quote for a linear contract, coin for an inverse one: each rate on the part of the notional within its tier."""
    book = as_book([1, -1500], [60_000, 60_000], 1e6, tiers=[TIERS, COIN_TIERS], inverse=[0, 1], multipliers=100)
    for ratio in (0.3, 1.0, 2.5):
        price = ratio * 60_000
        quote, coin = price, 150_000 / price
        linear = 0.005 * min(quote, 50_000) + 0.01 * max(quote - 50_000, 0)
        inverse = (0.005 * min(coin, 1) + 0.01 * max(coin - 1, 0)) * price
        np.testing.assert_allclose(needs(book.account, np.full(2, ratio)), [linear, inverse], rtol=1e-12)


def test_headroom_of_each_that_stands_alone_and_of_the_rest():
    book = as_book([1, 1, 0], [100, 100, NAN], 50, 0.05, isolated=[20, NAN, 7])
    cross, own = book.account.headroom
    assert cross == pytest.approx(25)
    np.testing.assert_allclose(own, [15, np.inf, np.inf])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"isolated": [0, NAN]}, ArgumentError, "isolated is 0 at position 1; it must be above 0, or blank"),
        ({"isolated": [60, 60]}, ArgumentError, "isolated adds up to 120, more than the equity of 100"),
        ({"isolated": [1] * 3}, ArgumentError, "isolated has 3 values where 2"),
        ({"liquidation_fee": -0.1}, ArgumentError, "liquidation_fee is -0.1"),
        ({"liquidation_fee": 1}, ArgumentError, "liquidation_fee is 1 at position 1; it must be below 1"),
        ({"stops": [0, NAN]}, ArgumentError, "stops is 0 at position 1"),
        ({"stops": [1] * 3}, ArgumentError, "stops has 3 values where 2"),
        ({"inverse": [NAN, 1]}, MissingDataError, "inverse has no value at position 1"),
        ({"multipliers": 0}, ArgumentError, "multipliers is 0 at position 1; it must be above 0"),
        ({"tiers": [TIERS]}, ArgumentError, "tiers has 1 tables where 2 are needed"),
        ({"maintenance_rates": 1.5}, ArgumentError, "maintenance_rates is 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    with pytest.raises(error, match=words):
        as_book(**({"quantities": [1, 2], "prices": [100, 50], "equity": 100} | changes))
