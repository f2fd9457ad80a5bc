from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.hedge.beta import hedge_beta
from core.decide.hedge.overlay_book import OverlayBook
from core.errors import ArgumentError, MissingDataError


def held(quantity: float, price: float) -> OverlayBook:
    return OverlayBook.empty(1).trade(quantity, price)


def test_a_new_book_holds_and_has_earned_nothing() -> None:
    book = OverlayBook.empty(2)
    assert book.quantities.tolist() == [0, 0]
    assert np.isnan(book.entry_prices).all()
    assert book.mark([np.nan, 5.0]).total.tolist() == [0, 0]


def test_a_short_hedge_earns_what_the_price_falls() -> None:
    pnl = held(-2.0, 100.0).mark(90.0)
    assert (pnl.price.tolist(), pnl.total.tolist()) == ([20.0], [20.0])


def test_adding_averages_the_entry() -> None:
    book = held(-1.0, 100.0).trade(-3.0, 80.0)
    assert book.entry_prices == pytest.approx([85.0])
    assert book.realised.tolist() == [0.0]


def test_reducing_keeps_the_entry_and_realises_its_part() -> None:
    book = held(-4.0, 100.0).trade(1.0, 90.0)
    assert book.entry_prices.tolist() == [100.0]
    assert book.realised.tolist() == [10.0]


def test_flipping_closes_all_and_opens_the_rest() -> None:
    book = held(2.0, 100.0).trade(-5.0, 110.0)
    assert (book.quantities.tolist(), book.entry_prices.tolist()) == ([-3.0], [110.0])
    assert book.realised.tolist() == [20.0]


def test_closing_leaves_no_position_and_no_dust() -> None:
    book = held(0.1, 100.0).trade(0.2, 100.0).trade(-0.3, 130.0)
    assert book.quantities.tolist() == [0.0]
    assert np.isnan(book.entry_prices).all()
    assert book.realised == pytest.approx([9.0])


def test_longs_pay_positive_funding_and_shorts_earn_it() -> None:
    book = OverlayBook.empty(3).trade([1.0, -2.0, 0.0], [100.0, 50.0, np.nan])
    book = book.settle([0.001, 0.001, np.nan], [200.0, 50.0, np.nan])
    assert book.funding == pytest.approx([-0.2, 0.1, 0.0])
    assert book.mark([100.0, 50.0, np.nan]).funding == pytest.approx([-0.2, 0.1, 0.0])


def test_costs_are_taken_from_the_profit() -> None:
    pnl = OverlayBook.empty(1).trade(1.0, 100.0, 0.5).trade(-1.0, 101.0, 0.25).mark(np.nan)
    assert (pnl.price.tolist(), pnl.cost.tolist(), pnl.total.tolist()) == ([1.0], [0.75], [0.25])


def test_a_step_leaves_the_book_before_as_it_was() -> None:
    book = held(1.0, 100.0)
    book.trade(1.0, 120.0).settle(0.01, 120.0)
    assert (book.quantities.tolist(), book.entry_prices.tolist(), book.funding.tolist()) == ([1.0], [100.0], [0.0])


steps = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(10, 1000), st.floats(0, 3), st.floats(-0.01, 0.01)), min_size=1, max_size=20
)


@given(steps, st.floats(10, 1000))
def test_the_parts_sum_to_the_change_of_value(path: list, last: float) -> None:
    """An independent ledger: cash in and out, and the value of what is held at the end."""
    book, cash, coins = OverlayBook.empty(1), 0.0, 0.0
    for quantity, price, cost, rate in path:
        book = book.trade(quantity, price, cost).settle(rate, price)
        coins += quantity
        cash -= quantity * price + cost + coins * price * rate
    pnl = book.mark(last)
    assert pnl.total[0] == pytest.approx(cash + coins * last, rel=1e-9, abs=1e-8)
    assert pnl.total == pytest.approx(pnl.price + pnl.funding - pnl.cost)


def test_the_core_book_and_the_overlay_make_the_whole_exposure() -> None:
    notionals, betas = np.array([60e6, 40e6]), np.array([1.2, 1.7])
    prices, hedge_betas = np.array([60_000.0, 3_000.0]), np.array([1.0, 1.3])
    hedge = hedge_beta(notionals, betas, 1.1, hedge_betas, prices=prices)
    book = OverlayBook.empty(2).trade(hedge.trade_contracts, prices, hedge.cost)
    whole = notionals @ betas + book.exposure(hedge_betas, prices)
    assert whole / 100e6 == pytest.approx([1.1])
    assert book.exposure([[1.0, 1.3], [0.5, np.nan]] if book.quantities[1] == 0 else np.eye(2), prices).shape == (2,)
    again = hedge_beta(notionals, betas, 1.1, hedge_betas, hedge_notionals=book.notionals(prices))
    assert again.beta_before == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (lambda book: book.trade([1.0, 2.0, 3.0], 5.0), ArgumentError, "quantities has 3 values where 2"),
        (lambda book: book.trade([np.nan, 0.0], 5.0), MissingDataError, "quantities"),
        (lambda book: book.trade([1.0, 1.0], [5.0, np.nan]), MissingDataError, "prices has no value at position 2"),
        (lambda book: book.trade([1.0, 1.0], [5.0, -1.0]), ArgumentError, "prices is -1"),
        (lambda book: book.trade([1.0, 1.0], 5.0, -1.0), ArgumentError, "costs is -1"),
        (lambda book: book.settle(np.nan, 5.0), MissingDataError, "funding_rates has no value at position 1"),
        (lambda book: book.settle(0.1, [np.nan, 1.0]), MissingDataError, "prices has no value at position 1"),
        (lambda book: book.mark([np.nan, 1.0]), MissingDataError, "prices has no value at position 1"),
        (lambda book: book.notionals([np.nan, 1.0]), MissingDataError, "prices has no value at position 1"),
        (lambda book: book.exposure([1.0, 2.0, 3.0], 5.0), ArgumentError, "loadings has 3 columns where 2"),
        (lambda book: book.exposure([np.nan, 2.0], 5.0), MissingDataError, "loadings has no value"),
    ],
)
def test_bad_input_is_named(step, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        step(OverlayBook.empty(2).trade([1.0, 0.0], [10.0, np.nan]))
