"""Reverse stress: closed forms, and the stress at the shock lands on maintenance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError, UndefinedError
from core.market.liquidation_cross import cross_liquidation_prices
from core.market.margin import margin
from core.verify.path.book import as_book
from core.verify.stress.reverse import liquidation_ladder, market_reach
from tests.verify_by_parts import reverse_stress, stress

NAN = np.nan


def test_one_long_by_hand():
    # 100 + 300 x = 3 (1 + x) at x = -97/297.
    result = reverse_stress([3], [100], [1], 100)
    assert result.adverse_shock == pytest.approx(-97 / 297, rel=1e-12)
    np.testing.assert_allclose(result.price, [100 * 200 / 297])


def test_a_short_is_liquidated_by_a_rise():
    # 100 - 300 x = 3 (1 + x)
    assert reverse_stress([-3], [100], [1], 100).adverse_shock == pytest.approx(97 / 303, rel=1e-12)


def test_with_betas_of_one_it_is_the_distance_of_the_margin():
    quantities, prices = [1, -0.5, 2], [100, 60, 40]
    result = reverse_stress(quantities, prices, [1, 1, 1], 60)
    assert abs(result.adverse_shock) == pytest.approx(margin(quantities, prices, 60).distance_to_liquidation, rel=1e-12)


def test_what_no_market_move_can_liquidate_is_missing():
    result = reverse_stress([1, -1], [100, 100], [1, 1], 100, 0.0)
    assert np.isnan([result.adverse_shock, *result.price]).all()


def test_a_contract_not_held_has_a_price_only_with_a_beta():
    result = reverse_stress([3, 0, 0], [100, 10, NAN], [1, 2, NAN], 100)
    np.testing.assert_allclose(result.price, [100 * 200 / 297, 10 * (1 - 2 * 97 / 297), NAN])


books = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.5, 50), st.floats(-1, 2.5)), min_size=1, max_size=6)


@given(books, st.floats(0.1, 1.5))
def test_the_stress_at_the_shock_stands_on_maintenance(book, share):
    quantities, prices, betas = np.transpose(book)
    gross = np.abs(quantities * prices).sum()
    if gross < 1e-3:
        return
    result = reverse_stress(quantities, prices, betas, gross * share)
    if np.isnan(result.adverse_shock):
        return
    at = stress(quantities, prices, betas, gross * share, result.adverse_shock)
    needed = at.margin_ratio[0] * at.equity_after[0]
    assert at.equity_after[0] == pytest.approx(needed, abs=1e-9 * gross * (1 + abs(result.adverse_shock)))


@given(books, st.floats(0.1, 1.5))
def test_mirrored_betas_mirror_the_moves(book, share):
    quantities, prices, betas = np.transpose(book)
    gross = np.abs(quantities * prices).sum()
    if gross < 1e-3:
        return
    account = as_book(quantities, prices, gross * share)
    one, other = market_reach(account, betas), market_reach(account, -betas)
    if not np.isnan(one.fall):
        np.testing.assert_allclose(-other.rise, one.fall, rtol=1e-9)
    if not np.isnan(one.rise) and one.rise <= 1:
        np.testing.assert_allclose(-other.fall, one.rise, rtol=1e-9)


def test_an_isolated_position_can_be_the_first():
    account = as_book([1, 1], [100, 100], 100, isolated=[11, NAN])
    # 11 + 100 x = 1 + x at x = -10/99, long before the 89 that back the other.
    assert market_reach(account, [1, 1]).fall == pytest.approx(-10 / 99, rel=1e-12)


class TestLadder:
    def test_one_price_alone_by_hand(self):
        ladder = liquidation_ladder(as_book([1, -2, 0], [100, 50, NAN], 30), [0.04, 0.05, NAN])
        # Long: 30 + 100 y = 1 (1 + y) + 1; short: 30 - 100 y = 1 + 1 (1 + y).
        np.testing.assert_allclose(ladder.distance, [-28 / 99, 28 / 101, NAN])
        np.testing.assert_allclose(ladder.price, [100 * 71 / 99, 50 * 129 / 101, NAN])
        np.testing.assert_allclose(ladder.sigmas, [28 / 99 / 0.04, 28 / 101 / 0.05, NAN])
        assert np.isnan([ladder.up[0], ladder.down[1]]).all()

    def test_a_position_too_small_to_liquidate_has_no_price(self):
        ladder = liquidation_ladder(as_book([1, 0.1, 0], [100, 100, NAN], 50))
        assert np.isnan(ladder.price[1:]).all()
        assert np.isnan(ladder.sigmas).all()

    def test_where_there_is_one_contract_it_is_the_move_of_the_market(self):
        account = as_book([3], [100], 100, inverse=True, multipliers=100)
        ladder = liquidation_ladder(account)
        assert ladder.distance[0] == pytest.approx(market_reach(account, [1]).fall, rel=1e-12)

    def test_it_is_the_liquidation_price_of_a_cross_account_entered_at_the_mark(self):
        quantities, prices, rates = [1, -2, 0.5], [100, 50, 300], [0.01, 0.02, 0.005]
        ladder = liquidation_ladder(as_book(quantities, prices, 90, rates))
        expected = cross_liquidation_prices(quantities, prices, prices, 90, rates)
        np.testing.assert_allclose(ladder.price, expected, rtol=1e-12)

    def test_a_position_alone_falls_by_its_own_collateral(self):
        ladder = liquidation_ladder(as_book([1, 1], [100, 100], 100, isolated=[11, NAN]))
        np.testing.assert_allclose(ladder.distance, [-10 / 99, -88 / 99])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantities": [0, 0]}, UndefinedError, "quantities holds no position"),
        ({"equity": 1}, UndefinedError, "equity is below the maintenance margin by 1 before any move"),
        ({"equity": 0}, ArgumentError, "equity is 0"),
        ({"betas": [1]}, ArgumentError, "quantities has 2 rows and betas has 1"),
        ({"betas": [1, NAN]}, MissingDataError, "betas has no value at position 2"),
        ({"prices": [100, NAN]}, MissingDataError, "prices has no value at position 2"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantities": [1, 2], "prices": [100, 50], "betas": [1, 1], "equity": 100}
    with pytest.raises(error, match=words):
        reverse_stress(**(fields | changes))


def test_bad_volatilities_are_refused():
    with pytest.raises(ArgumentError, match="daily_volatilities is 0"):
        liquidation_ladder(as_book([1], [100], 50), 0)


@pytest.mark.parametrize("seed", range(200, 230))
def test_a_book_worth_its_equity_to_the_last_digit_survives_every_fall(seed):
    """Long for exactly its equity, all is lost when all prices are zero and not before: rounding is no breach."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 30))
    weights, prices = random.dirichlet(np.ones(count)), 10 ** random.uniform(-2, 4, count)
    book = as_book(weights * 1e7 / prices, prices, 1e7, np.full(count, 0.01))
    assert np.isnan(market_reach(book, random.uniform(0.3, 1.9, count)).fall)
