"""The panel: one clock, no bridged holes, and errors that name symbol and time."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.market.panel import Panel
from core.market.returns import total_returns

NAN = np.nan


def clock(*hours):
    return np.datetime64("2024-06-01T00:00:00") + np.array(hours) * np.timedelta64(1, "h")


def panel(**changes):
    fields = {
        "times": clock(0, 1, 2, 3),
        "symbols": ("BTCUSDT", "ETHUSDT"),
        "prices": np.array([[100.0, 10.0], [101.0, 11.0], [102.0, 10.0], [103.0, 12.0]]),
        "funding": np.array([[NAN, NAN], [1e-4, NAN], [NAN, -2e-4], [NAN, NAN]]),
        "bar_hours": 1,
    }
    return Panel(**(fields | changes))


def test_returns_are_total_returns():
    book = panel()
    np.testing.assert_array_equal(book.returns(), total_returns(book.prices, np.nan_to_num(book.funding)))


def test_a_hole_in_the_clock_is_not_bridged():
    returns = panel(times=clock(0, 1, 5, 6)).returns()
    assert np.isnan(returns).all(axis=1).tolist() == [False, True, False]


def test_the_latest_prices_are_the_last_that_are_known():
    prices = panel().prices.copy()
    prices[2:, 1], prices[0, 0] = NAN, NAN
    assert panel(prices=prices).latest_prices().tolist() == [103.0, 11.0]
    prices[:, 1] = NAN
    assert np.isnan(panel(prices=prices).latest_prices()).tolist() == [False, True]


def test_missing_counts_returns_by_symbol():
    prices = panel().prices.copy()
    prices[1, 1] = NAN
    assert panel(prices=prices).missing() == {"BTCUSDT": 0, "ETHUSDT": 2}


def test_times_are_kept_in_whole_seconds():
    assert panel(times=clock(0, 1, 2, 3).astype("datetime64[ns]")).times.dtype == "datetime64[s]"


class TestLast:
    def test_bars_are_returns_so_there_is_one_row_more(self):
        tail = panel().last(2)
        assert len(tail.times) == 3
        assert tail.returns().shape == (2, 2)
        np.testing.assert_array_equal(tail.returns(), panel().returns()[-2:])

    def test_a_longer_window_than_the_history_is_refused(self):
        with pytest.raises(MissingDataError, match="prices hold 3 bars up to 2024-06-01 03:00 UTC and 4 are needed"):
            panel().last(4)

    @pytest.mark.parametrize("bad", [0, -1, NAN, "x"])
    def test_a_window_that_is_no_window_is_refused(self, bad):
        with pytest.raises(ArgumentError, match="bars"):
            panel().last(bad)


class TestOver:
    @pytest.mark.parametrize("asked_before", [False, True])
    def test_the_returns_of_some_rows_are_theirs_to_the_last_bit(self, asked_before):
        times = clock(0, 1, 2, 5, 6, 7)
        random = np.random.default_rng(3)
        prices, funding = random.uniform(1, 2, (6, 2)), random.normal(0, 1e-4, (6, 2))
        prices[4, 0], funding[2, 1] = NAN, NAN
        unread = np.zeros((6, 2), dtype=bool)
        unread[3, 1] = True
        whole = panel(times=times, prices=prices, funding=funding, funding_unread=unread)
        if asked_before:
            whole.returns()
        cut = whole.over(slice(1, 5))
        alone = panel(times=times[1:5], prices=prices[1:5], funding=funding[1:5], funding_unread=unread[1:5])
        assert cut.returns().tobytes() == alone.returns().tobytes()
        assert (cut.times == alone.times).all()

    def test_who_writes_into_returns_changes_those_of_nobody_else(self):
        whole = panel()
        before = whole.returns().copy()
        whole.returns()[:] = 0.0
        whole.over(slice(0, 3)).returns()[:] = 0.0
        np.testing.assert_array_equal(whole.returns(), before)
        np.testing.assert_array_equal(whole.over(slice(0, 3)).returns(), before[:2])


class TestSelect:
    def test_columns_follow_the_order_asked_for(self):
        swapped = panel().select(["ETHUSDT", "BTCUSDT"])
        assert swapped.symbols == ("ETHUSDT", "BTCUSDT")
        np.testing.assert_array_equal(swapped.prices, panel().prices[:, ::-1])
        np.testing.assert_array_equal(swapped.funding, panel().funding[:, ::-1])

    def test_an_unknown_symbol_names_the_nearest(self):
        with pytest.raises(ArgumentError, match=r"symbol 'BTCUSD' has no prices \(did you mean 'BTCUSDT'\?\)"):
            panel().select(["BTCUSD"])


def test_funding_that_cannot_be_read_leaves_the_return_of_its_bar_missing():
    unread = np.zeros((4, 2), dtype=bool)
    unread[2, 1] = True
    book = panel(funding_unread=unread)
    assert np.argwhere(np.isnan(book.returns())).tolist() == [[1, 1]]
    assert np.isnan(book.select(["ETHUSDT"]).returns()).ravel().tolist() == [False, True, False]
    assert np.isnan(book.last(2).returns()).sum() == 1


class TestFundingAnnual:
    def test_it_is_the_sum_settled_over_the_time_covered(self):
        np.testing.assert_allclose(panel().funding_annual(), [1e-4 * 8760 / 3, -2e-4 * 8760 / 3])

    def test_funding_of_the_bar_before_the_first_price_is_not_counted(self):
        funding = panel().funding.copy()
        funding[0] = 0.5
        np.testing.assert_array_equal(panel(funding=funding).funding_annual(), panel().funding_annual())

    def test_a_late_listing_is_annualised_over_its_own_life(self):
        prices = panel().prices.copy()
        prices[0, 1] = NAN
        assert panel(prices=prices).funding_annual()[1] == pytest.approx(-2e-4 * 8760 / 2)

    def test_a_delisting_ends_the_time_and_what_was_settled_after_it(self):
        prices, funding = panel().prices.copy(), panel().funding.copy()
        prices[3, 1], funding[3, 1] = NAN, 0.5
        assert panel(prices=prices, funding=funding).funding_annual()[1] == pytest.approx(-2e-4 * 8760 / 2)

    def test_a_hole_in_the_clock_counts_as_time(self):
        assert panel(times=clock(0, 1, 2, 12)).funding_annual()[0] == pytest.approx(1e-4 * 8760 / 12)

    def test_a_contract_never_priced_has_none(self):
        prices = panel().prices.copy()
        prices[:, 1] = NAN
        assert np.isnan(panel(prices=prices).funding_annual()).tolist() == [False, True]

    def test_a_rate_paid_every_eight_hours_comes_back_as_three_a_day(self):
        rows = 721
        funding = np.full((rows, 1), NAN)
        funding[::8] = 1e-4
        month = Panel(clock(*range(rows)), ("X",), np.ones((rows, 1)), funding, 1)
        assert month.funding_annual()[0] == pytest.approx(1e-4 * 3 * 365, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"times": clock(0, 2, 1, 3)}, ArgumentError, "2024-06-01 01:00 UTC after 2024-06-01 02:00 UTC"),
        ({"times": clock(0, 1, 1, 3)}, ArgumentError, "times has 2024-06-01 01:00 UTC twice"),
        ({"times": np.append(clock(0, 1, 2), np.datetime64("NaT", "s"))}, ArgumentError, "times has no value in row 4"),
        ({"times": clock(0, 1, 2)}, ArgumentError, "prices is 4 x 2 where there are 3 times and 2 symbols"),
        ({"symbols": ("BTCUSDT",)}, ArgumentError, "prices is 4 x 2 where there are 4 times and 1 symbols"),
        ({"symbols": ("BTCUSDT", "BTCUSDT")}, ArgumentError, "symbol 'BTCUSDT' heads two columns"),
        ({"symbols": ("BTCUSDT", " ")}, ArgumentError, "no symbol"),
        ({"prices": np.array([[1.0, 1], [1, 1], [1, -5], [1, 1]])}, ArgumentError, "ETHUSDT is -5 at 2024-06-01 02:00"),
        ({"prices": "x"}, ArgumentError, "prices must hold numbers"),
        ({"funding": np.ones((3, 2))}, ArgumentError, "funding is 3 x 2"),
        ({"bar_hours": 0}, ArgumentError, "bar_hours is 0"),
        ({"bar_hours": 8}, ArgumentError, "bar_hours is 8 and the nearest two rows are 1 hours apart"),
        (
            {"times": clock(0), "prices": np.ones((1, 2)), "funding": np.ones((1, 2))},
            MissingDataError,
            "prices has too few complete rows, 1 where 2",
        ),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    with pytest.raises(error, match=words):
        panel(**changes)
