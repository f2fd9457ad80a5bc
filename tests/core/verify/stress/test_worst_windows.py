"""Worst windows of a history: against a search through all of them, with gaps, liquidations and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.verify.path.book import as_book
from core.verify.stress.worst_windows import worst_windows as core_worst_windows
from tests.verify_by_parts import worst_windows

NAN = np.nan


def a_history(seed, rows=60, size=3):
    returns = np.random.default_rng(seed).normal(0, 0.03, (rows, size))
    return 100 * np.cumprod(1 + returns, axis=0)


def one_by_one(quantities, prices, history, horizon, worst):
    """Start rows and profits found by looking through all windows again after each find."""
    profits = {
        start: sum(q * p * (b / a - 1) for q, p, a, b in zip(quantities, prices, *ends, strict=True))
        for start in range(len(history) - horizon)
        for ends in [(history[start], history[start + horizon])]
    }
    found = []
    while profits and len(found) < worst:
        start = min(profits, key=profits.__getitem__)
        found.append((start, profits[start]))
        profits = {other: value for other, value in profits.items() if abs(other - start) >= horizon}
    return found


@given(st.integers(0, 200), st.integers(1, 25), st.integers(1, 12))
def test_the_windows_are_those_of_a_search_through_all(seed, horizon, worst):
    quantities, prices, history = [2.0, -1.0, 0.5], [60.0, 30.0, 10.0], a_history(seed)
    result = worst_windows(quantities, prices, 500, history, horizon, worst)
    found = one_by_one(quantities, prices, history, horizon, worst)
    assert result.start_row.tolist() == [start + 1 for start, _ in found]
    np.testing.assert_allclose(result.pnl, [profit for _, profit in found], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(result.end_row - result.start_row, horizon)
    np.testing.assert_array_equal(result.window, np.arange(1, len(found) + 1))
    np.testing.assert_allclose(result.equity_after, 500 + result.pnl)
    assert (result.windows, result.left_out) == (60 - horizon, 0)


def test_a_crash_by_hand():
    # 100 -> 50 is the worst hour, 60 -> 55 the next that shares no hour with it.
    result = worst_windows([2], [10], 100, [100, 50, 60, 55, 70], worst=2)
    assert result.start_row.tolist() == [1, 3]
    assert result.end_row.tolist() == [2, 4]
    np.testing.assert_allclose(result.pnl, [-10, 20 * (55 / 60 - 1)])


def test_liquidation_is_looked_at_within_the_window():
    """The way down and up again liquidates the account, which the end of the window does not show."""
    history = [100, 40, 99.0]
    result = worst_windows([2], [100], 100, history, horizon=2, worst=1)
    assert (result.start_row[0], result.liquidated[0]) == (1, 1)
    np.testing.assert_allclose([result.pnl[0], result.equity_after[0], result.path_equity[0]], [-2, 98, -20])
    assert worst_windows([2], [100], 200, history, horizon=2, worst=1).liquidated[0] == 0


def test_the_maintenance_rate_and_the_stop_reach_the_path():
    history = [100, 80, 90.0]
    held = worst_windows([1], [100], 30, history, 2, 1)
    assert (held.liquidated[0], held.path_equity[0]) == (0, pytest.approx(20))
    dear = worst_windows([1], [100], 30, history, 2, 1, maintenance_rates=0.2)
    assert (dear.liquidated[0], dear.path_equity[0]) == (1, pytest.approx(10))
    stopped = worst_windows([1], [100], 30, history, 2, 1, stops=[95])
    assert stopped.liquidated[0] == 0
    np.testing.assert_allclose([stopped.path_equity[0], stopped.pnl[0]], [25, -10])


def test_windows_with_a_gap_of_a_held_contract_are_left_out_and_said():
    history = a_history(1, rows=10, size=2)
    history[4, 0] = NAN
    with pytest.warns(DataWarning, match="3 of 8 windows left out"):
        result = worst_windows([1, 1], [100, 100], 1000, history, horizon=2)
    assert (result.windows, result.left_out) == (8, 3)
    assert not {3, 4, 5} & set(result.start_row.tolist())


@pytest.mark.filterwarnings("error")
def test_a_contract_that_is_not_held_needs_no_prices():
    history = a_history(1, rows=10, size=2)
    alone = worst_windows([1], [100], 1000, history[:, [0]])
    history[:, 1] = NAN
    result = worst_windows([1, 0], [100, NAN], 1000, history)
    np.testing.assert_array_equal(result.pnl, alone.pnl)


def test_a_short_history_lists_fewer_windows():
    assert worst_windows([1], [100], 1000, a_history(2, rows=7, size=1), horizon=3, worst=10).window.tolist() == [1, 2]


@given(st.integers(0, 100), st.sampled_from([2.0**-10, 2.0**10]))
def test_scaling_the_book_and_its_equity_scales_the_money_and_nothing_else(seed, scale):
    history, quantities = a_history(seed), np.array([2.0, -1.0, 0.5])
    here = worst_windows(quantities, [60, 30, 10], 20, history, 5)
    there = worst_windows(scale * quantities, [60, 30, 10], scale * 20, history, 5)
    np.testing.assert_array_equal(here.start_row, there.start_row)
    np.testing.assert_array_equal(here.liquidated, there.liquidated)
    np.testing.assert_allclose(there.path_equity, scale * here.path_equity, rtol=1e-12)


@pytest.mark.parametrize(
    ("changed", "error", "reason"),
    [
        ({"quantities": [0, 0]}, ArgumentError, "quantities are all 0"),
        ({"quantities": [1, NAN]}, MissingDataError, "quantities"),
        ({"prices": [1, NAN]}, MissingDataError, "prices has no value at position 2"),
        ({"prices": [1, 0]}, ArgumentError, "prices is 0"),
        ({"prices": [1, 2, 3]}, ArgumentError, "prices"),
        ({"equity": 0}, ArgumentError, "equity is 0"),
        ({"price_history": [[1.0], [2.0]]}, ArgumentError, "price_history has 1 columns where 2"),
        ({"price_history": [[1.0, 1.0]]}, MissingDataError, "1 rows and a window of 1 moves needs 2"),
        ({"price_history": [[1.0, 1.0], [1.0, -1.0]]}, ArgumentError, "price_history is -1 at row 2, column 2"),
        ({"price_history": [[1.0, NAN], [1.0, 1.0]]}, MissingDataError, "a gap in each window of 1"),
        ({"horizon": 0}, ArgumentError, "horizon is 0; it must be at least 1"),
        ({"horizon": 1.5}, ArgumentError, "horizon is 1.5; it must be a whole number"),
        ({"horizon": 20}, MissingDataError, "select a longer history or a shorter horizon"),
        ({"worst": 0}, ArgumentError, "worst is 0"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1"),
        ({"maintenance_rates": [0.1, 0.1, 0.1]}, ArgumentError, "maintenance_rates has 3 values"),
    ],
)
def test_bad_input(changed, error, reason):
    good = {
        "quantities": [1, 2],
        "prices": [10, 20],
        "equity": 100,
        "price_history": a_history(1, rows=20, size=2),
    }
    worst_windows(**good)
    with pytest.raises(error, match=reason):
        worst_windows(**{**good, **changed})


def test_what_is_held_beside_the_account_ranks_the_windows_and_liquidates_nothing():
    history = a_history(5)
    book, horizon = as_book([2.0, -1.0, 0.5], [60.0, 30.0, 10.0], 500), 4
    random = np.random.default_rng(1)
    beside = random.normal(0, 30, len(history) - horizon)
    beside[7] = NAN
    alone = core_worst_windows(book, history, horizon, worst=60)
    with pytest.warns(DataWarning, match="1 of 56 windows left out"):
        found = core_worst_windows(book, history, horizon, worst=3, beside=beside)
    growth = history[horizon:] / history[:-horizon] - 1
    pnl = growth @ book.values + beside
    assert found.start_row[0] - 1 == np.nanargmin(pnl)
    assert found.pnl == pytest.approx(pnl[found.start_row - 1])
    assert found.equity_after == pytest.approx(500 + found.pnl)
    assert found.path_equity == pytest.approx(found.equity_after)
    assert not found.liquidated.any()
    assert alone.pnl[0] != pytest.approx(found.pnl[0])
    with pytest.raises(ArgumentError, match="beside has 3 values where 56 are needed"):
        core_worst_windows(book, history, horizon, beside=[1.0, 2.0, 3.0])
