"""A walk by hand: stops, margin at lows and highs, isolated collateral, interest, inverse contracts, ruin."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from core.errors import ArgumentError
from core.numeric.compiled import loading
from core.verify.walk.given import Given
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk, walk_again


def once(prices, weights, rates=None, terms=None, **bars):
    """A book of these weights from row 0 on, never traded again."""
    history = as_history(np.array(prices, dtype=float), rates, periods_per_year=100, **bars)
    return walk(history, [0], lambda now: np.array(weights, dtype=float), terms or Terms())


def column(*values):
    return np.array([values], dtype=float).T


def test_a_stop_inside_the_bar_is_filled_at_the_stop_and_pays_for_it():
    terms = Terms(fee=0.001, slippage=0.002, stops=0.1)
    books = once(
        column(100, 101, 99, 120), [1.0], terms=terms, lows=column(100, 95, 89, 99), highs=column(100, 105, 101, 120)
    )
    assert books.stopped == ((2, 0),)
    assert books.pnl[:, 0].tolist() == pytest.approx([0, 0.01, -0.11, 0])
    assert (books.fees[2, 0], books.slippage[2, 0]) == (pytest.approx(0.9e-3), pytest.approx(1.8e-3))
    assert books.turnover[2] == pytest.approx(0.9 / books.equity[1])
    assert books.equity[-1] == pytest.approx(1 - 0.003 - 0.1 - 0.0027)
    assert not books.quantities[2:].any()


@pytest.mark.parametrize(
    ("weight", "opened", "fill"), [(1.0, 80, 80), (1.0, 92, 90), (-1.0, 130, 130), (-1.0, 105, 110)]
)
def test_a_stop_jumped_over_by_the_open_is_filled_at_the_open(weight, opened, fill):
    books = once(
        column(100, 95, 95), [weight], terms=Terms(stops=0.1),
        opens=column(100, opened, 95), lows=column(100, 79, 95), highs=column(100, 131, 95),
    )  # fmt: skip
    assert books.equity[1] == pytest.approx(1 + weight * (fill / 100 - 1))


def test_closes_alone_reach_a_stop_only_at_a_close():
    assert once(column(100, 85, 120), [1.0], terms=Terms(stops=0.1)).equity.tolist() == pytest.approx([1, 0.9, 0.9])
    assert once(column(100, 91, 120), [1.0], terms=Terms(stops=0.1)).equity.tolist() == pytest.approx([1, 0.91, 1.2])


def test_the_stop_follows_the_mean_entry_and_the_policy_is_told_of_it():
    seen = []

    def decide(now):
        seen.append(now)
        return [np.array([0.5]), np.array([1.0]), None, np.array([0.2])][len(seen) - 1]

    prices = column(100, 110, 112, 99, 104)
    books = walk(as_history(prices), [0, 1, 3, 4], decide, Terms(stops=0.05))
    added = books.quantities[1, 0] - 0.005
    mean = (0.005 * 100 + added * 110) / books.quantities[1, 0]
    assert seen[1].entries.tolist() == [100.0]
    assert mean * 0.95 > 99  # so that it is left at the stop in row 3
    assert books.stopped == ((3, 0),)
    assert books.pnl[3, 0] == pytest.approx(books.quantities[2, 0] * (mean * 0.95 - 112))
    assert (seen[2].stopped.tolist(), np.isnan(seen[2].entries).tolist()) == ([True], [True])
    assert seen[2].path.tolist() == books.equity[:4].tolist()
    assert seen[3].stopped.tolist() == [True]  # nothing was traded in between
    assert books.quantities[4, 0] == pytest.approx(0.2 * books.equity[3] / 104)


def test_a_hedged_book_is_not_liquidated_by_lows_and_highs_that_never_met():
    """Longs at their lows with shorts at their highs would lose 40 % of a book of 2 x 2; together they lose nothing."""
    prices = np.array([[100.0, 100.0]] * 3)
    lows, highs = prices.copy(), prices.copy()
    lows[1], highs[1] = 80.0, 120.0
    terms = Terms(maintenance_rates=0.05, margin="range")
    books = once(prices, [2.5, -2.5], terms=terms, lows=lows, highs=highs)
    assert (books.liquidated, books.equity[-1]) == ((), 1.0)
    alone = once(prices[:, :1], [5.0], terms=terms, lows=lows[:, :1], highs=highs[:, :1])
    assert alone.liquidated == ((1, 0),)
    assert alone.equity.tolist() == pytest.approx([1, 0, 0])  # closed at 80, where nothing was left


def test_a_wick_of_the_last_price_is_none_of_the_mark():
    prices, bars = column(100, 100, 100), {"lows": column(100, 70, 99), "highs": column(100, 101, 101)}
    marks = {"mark_lows": column(100, 90, 99), "mark_highs": column(100, 101, 101)}
    closed = {
        margin: once(prices, [3.0], terms=Terms(maintenance_rates=0.1, margin=margin), **bars, **marks).liquidated
        for margin in ("close", "range", "mark")
    }
    assert closed == {"close": (), "range": ((1, 0),), "mark": ()}


def test_a_position_alone_loses_its_collateral_and_no_more():
    prices = np.array([[100.0, 100.0], [70.0, 100.0], [70.0, 90.0]])
    terms = Terms(maintenance_rates=0.02, liquidation_fee=0.01, isolated=[0.2, np.nan])
    books = once(prices, [1.0, 1.0], terms=terms)
    assert books.liquidated == ((1, 0),)
    assert books.equity.tolist() == pytest.approx([1.0, 0.8, 0.7])
    assert books.liquidation[1, 0] == pytest.approx(-0.1)  # 0.3 were lost, 0.2 were there
    assert (books.quantities[1] == [0.0, 0.01]).all()


def test_collateral_beyond_the_equity_is_cut_to_it():
    books = once(column(100, 92, 91), [4.0], terms=Terms(isolated=0.5, maintenance_rates=0.01))
    assert books.equity[1] == pytest.approx(0.68)  # with all of the equity behind it, it stays


def test_interest_compounds_on_the_equity_before_the_bar():
    books = once(column(100, 110, 110), [0.5], terms=Terms(interest=1.0))
    assert books.interest.tolist() == pytest.approx([0, 0.01, (1 + 0.05 + 0.01) * 0.01])
    assert books.equity[-1] == pytest.approx((1 + 0.05 + 0.01) * 1.01)
    assert books.largest_difference < 1e-15


@pytest.mark.parametrize("given", [False, True])
def test_interest_begins_with_the_first_decision(given):
    """The rows before it are there for whoever decides, and would be counted in a return that begins with it."""
    history = as_history(column(100, 90, 100, 110, 110), None, periods_per_year=100)
    books = walk(history, [2], lambda now: np.array([0.5]), Terms(interest=1.0))
    if given:
        books = walk_again(history, books, Terms(interest=1.0))
    assert books.interest.tolist() == pytest.approx([0, 0, 0, 0.01, (1 + 0.05 + 0.01) * 0.01])
    assert books.equity[:3].tolist() == [1, 1, 1]
    assert books.equity[-1] == pytest.approx((1 + 0.05 + 0.01) * 1.01)


def test_an_inverse_contract_earns_in_coin_and_pays_funding_on_a_fixed_value():
    rates = column(0, 0.001, 0)
    terms = Terms(inverse=True, lots=0.3, fee=0.01)
    books = once(column(100, 125, 50), [1.0], rates, terms)
    assert books.quantities[0, 0] == pytest.approx(0.9 / 100)
    assert books.fees[0, 0] == pytest.approx(0.009)
    assert books.pnl[:, 0].tolist() == pytest.approx([0, 0.9 * 0.25, 0.009 * -75])
    assert books.funding[1, 0] == pytest.approx(-0.0009)


def test_what_is_lost_beyond_all_equity_is_borne_by_the_exchange_and_told():
    books = once(column(100, 40, 80), [3.0])
    assert books.equity.tolist() == pytest.approx([1, 0, 0])
    assert books.shortfall == pytest.approx(0.8)
    assert books.liquidation[1, 0] == pytest.approx(-0.8)
    assert not books.quantities[1:].any()


def test_a_run_is_walked_again_on_other_terms_with_the_same_decisions():
    rng = np.random.default_rng(0)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (120, 3)), axis=0))
    history, asked = as_history(prices), []

    def decide(now):
        asked.append(now.row)
        return rng.normal(0, 1, 3) if now.row % 20 else None

    first = walk(history, range(0, 120, 10), decide, Terms(fee=1e-3))
    same, dear, late = (
        walk_again(history, first, terms) for terms in (Terms(fee=1e-3), Terms(fee=3e-3), Terms(delay=1))
    )
    assert asked == list(range(0, 120, 10))
    for name in ("equity", "quantities", "pnl", "fees", "turnover", "decisions"):
        np.testing.assert_array_equal(getattr(same, name), getattr(first, name))
    assert dear.equity[-1] < first.equity[-1]
    assert np.flatnonzero(late.turnover).tolist() == (first.ordered.rows + 1).tolist()


@pytest.mark.parametrize("by_loop", [False, True])
@pytest.mark.parametrize("every", [24, 100_000])
def test_memory_is_bounded_by_a_few_tables_of_the_history(by_loop, every):
    """The three columns that every row has, and no table beside them, whatever the length of the stretches."""
    rows, contracts = 10_000, 100
    rng = np.random.default_rng(1)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, (rows, contracts)), axis=0))
    history, weights = as_history(prices, np.zeros_like(prices)), np.full((rows, contracts), 1 / contracts)
    given, table = Given(weights), prices.nbytes
    with loading() if by_loop else pytest.MonkeyPatch.context():
        walk(history, [0], given, Terms())
        tracemalloc.start()
        books = walk(history, range(0, rows, every), given, Terms(fee=1e-3))
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert books.equity[-1] != 1
    assert kept < 6.3 * table  # six columns, of which three stay empty pages but for the rows of trades
    assert peak < kept + 2 * table


@pytest.mark.parametrize(
    ("bars", "reason"),
    [
        ({"lows": column(1, 1, 1)}, "lows are given without highs"),
        ({"mark_highs": column(1, 1, 1)}, "mark_highs are given without mark_lows"),
        (
            {"lows": column(99, 99, 101), "highs": column(101, 101, 101)},
            r"prices is 100 at row 3, column 1, below the low",
        ),
        (
            {"lows": column(99, 99, 99), "highs": column(101, 99, 101)},
            r"prices is 100 at row 2, column 1, above the high",
        ),
        (
            {"lows": column(99, 102, 99), "highs": column(101, 101, 101)},
            r"lows is 102 at row 2, column 1, above its highs",
        ),
        (
            {"opens": column(100, 90, 100), "lows": column(99, 99, 99), "highs": column(101, 101, 101)},
            r"opens is 90 at row 2, column 1, below the low of its bar",
        ),
        ({"opens": column(100, 100)}, r"opens has shape \(2, 1\) and prices \(3, 1\)"),
        ({"opens": column(100, -1, 100)}, "opens is -1 at row 2, column 1"),
    ],
)
def test_bars_that_cannot_be(bars, reason):
    with pytest.raises(ArgumentError, match=reason):
        as_history(column(100, 100, 100), **bars)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"isolated": 0.0}, "isolated is 0; it must be above 0, or blank for none"),
        ({"stops": [0.1, -0.2]}, "stops is -0.2 at position 2; it must be above 0"),
        ({"interest": float("nan")}, "interest must be a finite number"),
        ({"interest": -100.0}, "interest is -100 a year, which takes all in one of 100 bars"),
        ({"margin": "mark"}, "margin is 'mark' and the history has no mark_lows and mark_highs"),
        ({"margin": "rang"}, r"margin 'rang' is not known \(did you mean 'range'\?\)"),
        ({"tiers": [None]}, "tiers has 1 tables where 2 are needed"),
        ({"inverse": [0, 1, 0]}, "inverse has 3 values where 2 are needed"),
    ],
)
def test_terms_that_cannot_be(terms, reason):
    with pytest.raises(ArgumentError, match=reason):
        once(np.full((3, 2), 100.0), [0.5, 0.5], terms=Terms(**terms))


def test_a_contract_without_a_weight_stays_as_it_is_and_a_row_without_any_is_no_trade():
    given = Given([[0.5, 0.4], [np.nan, 0.1], [np.nan, np.nan]])
    books = walk(as_history([[100.0, 100.0], [110.0, 90.0], [120.0, 80.0]]), range(3), given, Terms())
    assert books.quantities[:, 0].tolist() == [0.005] * 3
    assert books.quantities[1, 1] == pytest.approx(0.1 * 1.01 / 90)
    assert books.ordered.rows.tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(3, 1), (2, 2)])
def test_weights_of_another_shape(shape):
    history = as_history(np.full((3, 2), 100.0))
    with pytest.raises(ArgumentError, match=r"weights has shape .* and prices \(3, 2\)"):
        walk(history, [0], Given(np.zeros(shape)), Terms())
    with pytest.raises(ArgumentError, match="weights has 3 values where 2 are needed"):
        walk(history, [0], lambda now: np.zeros(3), Terms())
    ledger = walk(history, [0], lambda now: np.zeros(2), Terms())
    with pytest.raises(ArgumentError, match="give its history"):
        walk_again(as_history(np.full(shape, 100.0)), ledger, Terms())
