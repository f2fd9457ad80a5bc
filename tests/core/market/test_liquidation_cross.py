"""Cross liquidation prices: with the others at their mark, the whole account then just meets its maintenance."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.market.contract import CONTRACTS, pnl, settled_value
from core.market.liquidation import liquidation_price, tiered_liquidation_price
from core.market.liquidation_cross import cross_liquidation_prices, tiered_cross_liquidation_prices
from core.market.margin import margin
from core.market.tiers import Tiers

pytestmark = pytest.mark.filterwarnings("ignore:.*no price above 0 :core.errors.DataWarning")

BOOKS = hnp.arrays(float, 3, elements=st.floats(-10, 10).filter(lambda q: q == 0 or abs(q) > 0.1))
PRICES = hnp.arrays(float, 3, elements=st.floats(10, 100))
RATES = hnp.arrays(float, 3, elements=st.floats(0.001, 0.05))
FREE = st.floats(0.05, 2)
"""Headroom, as a share of the gross value."""

TABLE = Tiers.from_rows([[0, 200, 0.01, 0, 40], [200, 500, 0.05, 8, 10], [500, np.nan, 0.2, 83, 2]])


def account(quantities, entries, marks, free, needed, kind="linear"):
    """The wallet balance that leaves `free` x gross above the maintenance."""
    gross = np.abs(settled_value(quantities, marks, kind)).sum()
    return float(free * gross + needed - pnl(quantities, entries, marks, kind).sum())


@given(BOOKS, PRICES, PRICES, RATES, FREE, st.sampled_from(CONTRACTS))
def test_at_each_price_the_account_just_meets_its_maintenance(quantities, entries, marks, rates, free, kind):
    assume(quantities.any())
    amounts = 0.0005 * np.abs(settled_value(quantities, marks, kind))
    held = np.abs(settled_value(quantities, marks, kind))
    wallet = account(quantities, entries, marks, free, (held * rates - amounts).sum(), kind)
    prices = cross_liquidation_prices(quantities, entries, marks, wallet, rates, amounts, kind)
    for contract in np.flatnonzero(np.isfinite(prices)):
        there = np.where(np.arange(3) == contract, prices, marks)
        equity = wallet + pnl(quantities, entries, there, kind).sum()
        values = np.abs(settled_value(quantities, there, kind))
        needed = (values * rates - amounts).sum()
        assert equity == pytest.approx(needed, rel=1e-9, abs=1e-9 * (held.sum() + values.sum()))


@given(BOOKS, PRICES, PRICES, RATES, FREE)
def test_a_long_is_liquidated_below_its_mark_and_a_short_above(quantities, entries, marks, rates, free):
    assume(quantities.any())
    wallet = account(quantities, entries, marks, free, (np.abs(quantities * marks) * rates).sum())
    prices = cross_liquidation_prices(quantities, entries, marks, wallet, rates)
    known = np.isfinite(prices)
    assert (np.sign(quantities) * (marks - prices) > 0)[known].all()
    assert np.isnan(prices[quantities == 0]).all()
    assert known[quantities < 0].all()


@given(BOOKS, PRICES, RATES, FREE)
def test_all_together_liquidate_no_later_than_any_one_alone(quantities, marks, rates, free):
    quantities = np.abs(quantities)
    assume(quantities.any())
    wallet = account(quantities, marks, marks, free, (quantities * marks * rates).sum())
    prices = cross_liquidation_prices(quantities, marks, marks, wallet, rates)
    alone = np.nanmin(np.append(1 - prices / marks, np.inf))
    together = margin(quantities, marks, wallet, rates).distance_to_liquidation
    assert np.isnan(together) or together <= alone * (1 + 1e-9)


@given(
    st.floats(0.1, 10),
    st.sampled_from([1, -1]),
    st.floats(10, 100),
    st.floats(0.97, 1.03),
    st.floats(0.1, 0.8),
    st.floats(0.001, 0.05),
    st.sampled_from(CONTRACTS),
)
def test_a_cross_account_of_one_is_an_isolated_one(size, side, entry, move, share, rate, kind):
    wallet = share * float(settled_value(size, entry, kind))
    cross = cross_liquidation_prices([side * size], [entry], [entry * move], wallet, rate, contract=kind)
    isolated = liquidation_price(side * size, entry, wallet, rate, contract=kind)
    np.testing.assert_allclose(cross, isolated, rtol=1e-9)
    tiered = tiered_cross_liquidation_prices([side * size], [entry], [entry * move], wallet * 2, TABLE, kind)
    one = tiered_cross_or_nan(side * size, entry, wallet * 2, kind)
    np.testing.assert_allclose(tiered, one, rtol=1e-9)


def tiered_cross_or_nan(quantity, entry, collateral, kind):
    try:
        return tiered_liquidation_price(quantity, entry, collateral, TABLE, kind)
    except UndefinedError:
        return [np.nan]


@given(BOOKS, PRICES, PRICES, RATES, FREE)
def test_a_book_ten_times_as_large_has_the_same_prices(quantities, entries, marks, rates, free):
    assume(quantities.any())
    wallet = account(quantities, entries, marks, free, (np.abs(quantities * marks) * rates).sum())
    here = cross_liquidation_prices(quantities, entries, marks, wallet, rates)
    there = cross_liquidation_prices(quantities * 8, entries, marks, wallet * 8, rates)
    np.testing.assert_array_equal(there, here)  # eight is exact in binary


@given(BOOKS, PRICES, PRICES, FREE)
def test_under_tiers_the_account_just_meets_its_maintenance_too(quantities, entries, marks, free):
    assume(quantities.any())
    tables = [TABLE, Tiers([0], [np.inf], [0.02], [0], [20]), TABLE]
    needed = sum(float(table.maintenance(q * m)) for table, q, m in zip(tables, quantities, marks, strict=True))
    wallet = account(quantities, entries, marks, free, needed)
    prices = tiered_cross_liquidation_prices(quantities, entries, marks, wallet, tables)
    for contract in np.flatnonzero(np.isfinite(prices)):
        there = np.where(np.arange(3) == contract, prices, marks)
        equity = wallet + (quantities * (there - entries)).sum()
        held = sum(float(table.maintenance(q * p)) for table, q, p in zip(tables, quantities, there, strict=True))
        assert equity == pytest.approx(held, rel=1e-9, abs=1e-9 * np.abs(quantities * there).sum())
    one_for_all = tiered_cross_liquidation_prices(quantities, entries, marks, wallet * 2 + 1e4, TABLE)
    np.testing.assert_array_equal(
        one_for_all, tiered_cross_liquidation_prices(quantities, entries, marks, wallet * 2 + 1e4, [TABLE] * 3)
    )


def test_an_account_of_two_by_hand():
    # Equity 100 + 10 = 110 at marks 110 and 20, maintenance 1.1 + 2 = 3.1, headroom 106.9.
    prices = cross_liquidation_prices([1, -10], [100, 20], [110, 20], 100, 0.01)
    assert prices == pytest.approx([110 - 106.9 / 0.99, 20 + 106.9 / 10.1], rel=1e-14)


def test_a_contract_too_small_to_sink_the_account_has_no_price():
    with pytest.warns(DataWarning, match="no price above 0 of the coin at position 1 alone liquidates the account$"):
        prices = cross_liquidation_prices([1, -10], [100, 20], [100, 20], 1_000, 0.01)
    np.testing.assert_array_equal(np.isnan(prices), [True, False])


class TestOneCoin:
    """A long and a short of one coin have one price between them."""

    def test_a_long_and_a_short_by_hand(self):
        """Long 2 at 50,000 and short 1 at 52,000, mark 51,000, wallet 5,000, rate 0.4 %.

        Equity at the mark: 5,000 + 2 x 1,000 + 1 x 1,000 = 8,000. Both together gain 2 - 1 = 1 a unit of the price p
        and owe 0.004 x (2 + 1) p:

            8,000 + (p - 51,000) = 0.012 p        p = 43,000 / 0.988 = 43,522.27
        """
        prices = cross_liquidation_prices(
            [2, -1], [50_000, 52_000], [51_000, 51_000], 5_000, 0.004, underlyings=["BTC", "BTC"]
        )
        assert prices == pytest.approx([43_000 / 0.988] * 2, rel=1e-14)
        assert prices[0] == pytest.approx(43_522.27, abs=0.005)

    def test_a_balanced_pair_by_hand(self):
        """Long 1 and short 1 at 50,000, wallet 5,000, rate 0.4 %.

        No price earns or loses anything, but both owe more as it rises: 5,000 = 0.004 x (1 + 1) p, p = 625,000.
        """
        prices = cross_liquidation_prices([1, -1], [50_000] * 2, [50_000] * 2, 5_000, 0.004, underlyings=[7, 7])
        assert prices == pytest.approx([625_000] * 2, rel=1e-14)

    def test_a_balanced_inverse_pair_by_hand(self):
        """1,000 and -1,000 contracts of a dollar at 100, wallet 1 coin, rate 1 %: 1 = 0.01 x 2,000 / p, p = 20."""
        prices = cross_liquidation_prices([1_000, -1_000], [100] * 2, [100] * 2, 1, 0.01, None, "inverse", 1.0, "bb")
        assert prices == pytest.approx([20] * 2, rel=1e-14)

    def test_marks_of_one_coin_that_differ_go_by_the_same_ratio(self):
        """Long 2 at a mark of 100 and short 1 at one of 102 are worth 200 and -102, wallet 20, rate 1 %.

        20 + 98 (s - 1) = 3.02 s        s = 78 / 94.98
        """
        prices = cross_liquidation_prices([2, -1], [100, 102], [100, 102], 20, 0.01, underlyings=["a", "a"])
        assert prices == pytest.approx([100 * 78 / 94.98, 102 * 78 / 94.98], rel=1e-14)

    def test_a_contract_without_a_label_is_a_coin_of_its_own(self):
        apart = cross_liquidation_prices([1, -10], [100, 20], [110, 20], 100, 0.01)
        labelled = cross_liquidation_prices([1, -10], [100, 20], [110, 20], 100, 0.01, underlyings=[None, None])
        np.testing.assert_array_equal(labelled, apart)

    def test_a_coin_that_cannot_sink_the_account_is_said_once_with_how_many_more(self):
        with pytest.warns(
            DataWarning, match="position 1 alone liquidates the account, nor the coins of 1 more position"
        ):
            prices = cross_liquidation_prices([2, -1], [100] * 2, [100] * 2, 1_000, 0.0, underlyings=["a", "a"])
        assert np.isnan(prices).all()

    @given(BOOKS, PRICES, PRICES, RATES, FREE, st.permutations(["a", "b", "c"]))
    def test_without_a_repeated_label_it_is_as_without_labels(self, quantities, entries, marks, rates, free, labels):
        assume(quantities.any())
        wallet = account(quantities, entries, marks, free, (np.abs(quantities * marks) * rates).sum())
        plain = cross_liquidation_prices(quantities, entries, marks, wallet, rates)
        np.testing.assert_array_equal(
            cross_liquidation_prices(quantities, entries, marks, wallet, rates, underlyings=labels), plain
        )

    @given(BOOKS, PRICES, PRICES, RATES, FREE, st.permutations(range(3)), st.sampled_from(CONTRACTS))
    def test_the_order_of_contracts_does_not_count(self, quantities, entries, marks, rates, free, order, kind):
        assume(quantities.any())
        needed = (np.abs(settled_value(quantities, marks, kind)) * rates).sum()
        wallet, labels = account(quantities, entries, marks, free, needed, kind), np.array(["a", "b", "a"])
        prices = cross_liquidation_prices(
            quantities, entries, marks, wallet, rates, None, kind, underlyings=labels.tolist()
        )
        moved = cross_liquidation_prices(
            quantities[order], entries[order], marks[order], wallet, rates[order], None, kind,
            underlyings=labels[order].tolist(),
        )  # fmt: skip
        np.testing.assert_allclose(moved, prices[order], rtol=1e-9)

    @given(BOOKS, PRICES, PRICES, RATES, FREE, st.floats(0.1, 0.9), st.sampled_from(CONTRACTS))
    def test_a_position_split_in_two_with_one_label_keeps_its_price(
        self, quantities, entries, marks, rates, free, part, kind
    ):
        assume(quantities[0] != 0)
        needed = (np.abs(settled_value(quantities, marks, kind)) * rates).sum()
        wallet = account(quantities, entries, marks, free, needed, kind)
        whole = cross_liquidation_prices(quantities, entries, marks, wallet, rates, None, kind)
        twice = np.array([0, 0, 1, 2])
        shares = np.array([part, 1 - part, 1, 1])
        split = cross_liquidation_prices(
            quantities[twice] * shares, entries[twice], marks[twice], wallet, rates[twice], None, kind,
            underlyings=["a", "a", "b", "c"],
        )  # fmt: skip
        np.testing.assert_allclose(split, whole[twice], rtol=1e-9)

    @given(BOOKS, PRICES, PRICES, RATES, FREE, st.sampled_from(CONTRACTS))
    def test_where_the_coin_leads_the_account_just_meets_its_maintenance(
        self, quantities, entries, marks, rates, free, kind
    ):
        assume(quantities.all())
        amounts = 0.0005 * np.abs(settled_value(quantities, marks, kind))
        held = np.abs(settled_value(quantities, marks, kind))
        wallet = account(quantities, entries, marks, free, (held * rates - amounts).sum(), kind)
        prices = cross_liquidation_prices(
            quantities, entries, marks, wallet, rates, amounts, kind, underlyings=["a", "b", "a"]
        )
        assume(np.isfinite(prices[0]))
        there = np.array([prices[0], marks[1], prices[2]])
        equity = wallet + pnl(quantities, entries, there, kind).sum()
        values = np.abs(settled_value(quantities, there, kind))
        assert equity == pytest.approx(
            (values * rates - amounts).sum(), rel=1e-9, abs=1e-9 * (held.sum() + values.sum())
        )


def test_a_contract_that_is_not_held_needs_no_price_and_owes_nothing():
    prices = cross_liquidation_prices([0, 1], [np.nan, 100], [np.nan, 100], 20, 0.01, [5, 0])
    np.testing.assert_allclose(prices, [np.nan, 80 / 0.99], rtol=1e-14)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantities": [0, 0]}, ArgumentError, "quantities are all 0; nothing is held"),
        ({"quantities": [1, np.nan]}, MissingDataError, "quantities has no value at position 2"),
        ({"entry_prices": [1]}, ArgumentError, "quantities has 2 rows and entry_prices has 1"),
        ({"entry_prices": [100, np.nan]}, MissingDataError, "entry_prices has no value at position 2"),
        ({"mark_prices": [0, 20]}, ArgumentError, "mark_prices is 0 at position 1"),
        ({"mark_prices": [np.nan, 20]}, MissingDataError, "mark_prices has no value at position 1"),
        (
            {"wallet_balance": 0},
            UndefinedError,
            "wallet_balance with unrealised profit is 0; the account has no equity",
        ),
        ({"wallet_balance": -5}, UndefinedError, "the account has no equity left"),
        ({"wallet_balance": 2}, UndefinedError, "below maintenance already: equity 2 where 3 must be held; add 1 to"),
        ({"wallet_balance": np.nan}, ArgumentError, "wallet_balance must be a finite number"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1"),
        ({"maintenance_rates": [0.1] * 3}, ArgumentError, "maintenance_rates has 3 values where 2"),
        ({"maintenance_amounts": -1}, ArgumentError, "maintenance_amounts is -1"),
        ({"underlyings": ["BTC"]}, ArgumentError, "underlyings has 1 labels where 2 are needed, one for each contract"),
        ({"contract": "cubic"}, ArgumentError, "contract 'cubic' is not known"),
        ({"multiplier": -1}, ArgumentError, "multiplier is -1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {
        "quantities": [1, -10],
        "entry_prices": [100, 20],
        "mark_prices": [100, 20],
        "wallet_balance": 50,
        "maintenance_rates": 0.01,
    }
    with pytest.raises(error, match=words):
        cross_liquidation_prices(**(fields | changes))


def test_tables_must_be_one_or_one_each():
    with pytest.raises(ArgumentError, match="tiers has 3 tables where 2 are needed"):
        tiered_cross_liquidation_prices([1, 2], [1, 1], [1, 1], 10, [TABLE] * 3)
