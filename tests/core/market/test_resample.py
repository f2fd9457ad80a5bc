"""Resampling: bars labelled by their close, nothing invented, what is partial said. pandas as oracle: tests/oracles."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning
from core.market.resample import AGGREGATIONS, interval_seconds, resample, resample_candles

NAN = np.nan
MIDNIGHT = np.datetime64("2024-06-01T00:00", "s")
QUIET = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


def hours(*values):
    return MIDNIGHT + np.array(values, dtype=float) * np.timedelta64(3600, "s")


def said(times, interval):
    """What is said of the bars of these times."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        resample(times, np.ones(len(times)), interval)
    assert all(warning.category is DataWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_a_bar_holds_the_rows_after_the_previous_close_up_to_its_own():
    times, values = hours(*range(1, 9)), np.arange(1.0, 9.0)
    closes, last = resample(times, values, "4h")
    np.testing.assert_array_equal(closes, hours(4, 8))
    np.testing.assert_array_equal(last, [[4.0], [8.0]])
    np.testing.assert_array_equal(resample(times, values, "4h", "sum")[1], [[10.0], [26.0]])
    np.testing.assert_array_equal(resample(times, values, "4h", "mean")[1], [[2.5], [6.5]])
    np.testing.assert_array_equal(resample(times, values, "4h", " OHLC ")[1], [[1, 4, 1, 4], [5, 8, 5, 8]])


def test_ohlc_gives_four_columns_a_column():
    _, candles = resample(hours(1, 2, 3), [[3.0, 30], [1, 10], [2, 20]], "3h", "ohlc")
    np.testing.assert_array_equal(candles, [[3, 3, 1, 2, 30, 30, 10, 20]])


def test_candles_come_from_candles():
    shorter = [[10, 12, 9, 11, 1, 1, 1, 1], [11, 15, 10, 14, 1, 2, 1, 2.0], [14, 14, 5, 6, 2, 2, 0, 1]]
    closes, longer = resample_candles(hours(1, 2, 3), shorter, "3h")
    np.testing.assert_array_equal(closes, hours(3))
    np.testing.assert_array_equal(longer, [[10, 15, 5, 6, 1, 2, 0, 1]])


def test_candles_from_closes_and_from_the_candles_between_agree():
    values = np.random.default_rng(0).normal(100, 5, (96, 2))
    times = hours(*range(1, 97))
    np.testing.assert_array_equal(
        resample_candles(*resample(times, values, "4h", "ohlc"), "1d")[1], resample(times, values, "1d", "ohlc")[1]
    )


def test_settlements_are_summed_whatever_their_interval():
    every_two_hours_then_eight = hours(2, 4, 6, 8, 16, 24, 32, 40, 48)
    _, settled = resample(every_two_hours_then_eight, np.full(9, 1e-4), "1d", "sum")
    np.testing.assert_allclose(settled, [[6e-4], [3e-4]])


class TestMissing:
    def test_a_missing_value_is_left_out_of_its_bar(self):
        values = [[NAN, 1.0], [2, NAN], [4, NAN], [NAN, NAN]]
        times = hours(1, 2, 3, 4)
        np.testing.assert_array_equal(resample(times, values, "4h", "last")[1], [[4, 1]])
        np.testing.assert_array_equal(resample(times, values, "4h", "sum")[1], [[6, 1]])
        np.testing.assert_array_equal(resample(times, values, "4h", "mean")[1], [[3, 1]])
        np.testing.assert_array_equal(resample(times, values, "4h", "ohlc")[1], [[2, 4, 2, 4, 1, 1, 1, 1]])

    @pytest.mark.parametrize("how", AGGREGATIONS)
    def test_a_bar_without_a_value_is_missing_and_not_zero(self, how):
        _, bars = resample(hours(1, 2, 3, 4), [NAN, NAN, 1, 2], "2h", how)
        assert np.isnan(bars[0]).all()
        assert np.isfinite(bars[1]).all()

    @QUIET
    @pytest.mark.parametrize("how", AGGREGATIONS)
    def test_a_bar_without_a_row_is_not_invented(self, how):
        closes, _ = resample(hours(1, 2, 9, 10), np.arange(4), "2h", how)
        np.testing.assert_array_equal(closes, hours(2, 10))


class TestPartial:
    def test_whole_bars_say_nothing(self):
        assert said(hours(*range(1, 25)), "8h") == []
        assert said(hours(8, 16, 24), "1d") == []
        assert said(hours(8), "1d") == [], "one row has no usual step"

    def test_the_ends_are_stated(self):
        (message,) = said(hours(*range(31)), "8h")
        assert message == (
            "times: 2 of 5 bars are partial, rows 1h apart are missing in them (the first closes 2024-06-01 00:00)"
        )

    @pytest.mark.parametrize("absent", [9, 12, 16])
    def test_a_hole_is_stated_wherever_it_lies(self, absent):
        rows = [hour for hour in range(1, 25) if hour != absent]
        (message,) = said(hours(*rows), "8h")
        assert "1 of 3 bars are partial" in message
        assert "closes 2024-06-01 16:00" in message

    def test_a_hole_between_bars_is_one_of_both(self):
        (message,) = said(hours(*range(1, 7), *range(11, 25)), "8h")
        assert "2 of 3 bars are partial" in message

    def test_an_interval_shorter_than_the_rows_is_stated(self):
        messages = said(hours(1, 2, 3), "15m")
        assert messages == ["interval is 15m and the rows of times are 1h apart, so each keeps a bar of its own"]
        closes, bars = resample(hours(1, 2), [5.0, 6.0], "1h")
        np.testing.assert_array_equal(closes, hours(1, 2))
        np.testing.assert_array_equal(bars, [[5.0], [6.0]])

    def test_more_frequent_settlements_are_no_hole(self):
        assert said(hours(8, 16, 24, 26, 28, 30, 32, 40, 48, 56, 64, 72), "1d") == []


class TestInterval:
    @pytest.mark.parametrize(
        ("interval", "seconds"),
        [("15m", 900), ("1h", 3600), (" 8H ", 28_800), ("1d", 86_400), ("24h", 86_400), ("7 d", 604_800)],
    )
    def test_it_is_a_number_and_a_unit(self, interval, seconds):
        assert interval_seconds(interval) == seconds

    @pytest.mark.parametrize("interval", ["", "8", "h", "0h", "-1h", "1.5h", "1w", "8 hours", "1e3m", 8, None])
    def test_anything_else_is_refused(self, interval):
        with pytest.raises(ArgumentError, match=f"interval '{interval}' is not understood; write a whole number and m"):
            interval_seconds(interval)

    @pytest.mark.parametrize("interval", ["7h", "36h", "25m"])
    def test_closes_never_wander_over_the_day(self, interval):
        with pytest.raises(ArgumentError, match="does not divide a day"):
            interval_seconds(interval)

    @QUIET
    @given(st.sampled_from(["15m", "1h", "8h", "1d", "3d"]), st.integers(-10_000, 10_000))
    def test_closes_lie_on_the_utc_clock(self, interval, start):
        times = hours(*range(start, start + 200, 3)) - np.timedelta64(7, "s")
        closes, _ = resample(times, np.ones(67), interval if interval_seconds(interval) > 10_000 else "4h")
        assert (closes.astype(np.int64) % min(interval_seconds(interval), 86_400) == 0).all()


class TestInvariants:
    @QUIET
    @given(st.sets(st.integers(0, 400), min_size=2), st.sampled_from(["1h", "4h", "1d", "2d"]))
    def test_a_sum_loses_and_doubles_nothing(self, rows, interval):
        times = hours(*sorted(rows))
        values = np.arange(1.0, len(rows) + 1)
        assert resample(times, values, interval, "sum")[1].sum() == pytest.approx(values.sum(), rel=1e-12)

    @QUIET
    @given(st.sets(st.integers(0, 400), min_size=2), st.sampled_from(AGGREGATIONS))
    def test_eight_hours_and_then_a_day_is_a_day(self, rows, how):
        times = hours(*(8 * row for row in sorted(rows)))
        values = np.random.default_rng(1).normal(size=(len(rows), 2))
        if how == "mean":  # a mean of means is no mean
            return
        closes, direct = resample(times, values, "2d", how)
        middle = resample(times, values, "1d", how)
        again = resample_candles(*middle, "2d") if how == "ohlc" else resample(*middle, "2d", how)
        np.testing.assert_array_equal(again[0], closes)
        np.testing.assert_allclose(again[1], direct, rtol=1e-12)

    @pytest.mark.parametrize("how", AGGREGATIONS)
    def test_an_interval_of_one_row_keeps_the_rows(self, how):
        values = np.random.default_rng(1).normal(size=(5, 2))
        closes, bars = resample(hours(*range(5)), values, "1h", how)
        np.testing.assert_array_equal(closes, hours(*range(5)))
        np.testing.assert_array_equal(bars, np.repeat(values, 4, axis=1) if how == "ohlc" else values)

    def test_units_of_time_may_differ(self):
        for unit in ("m", "ms", "ns"):
            closes, _ = resample(hours(1, 2).astype(f"datetime64[{unit}]"), [1.0, 2.0], "2h")
            np.testing.assert_array_equal(closes, hours(2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"times": hours(1, 3, 2)}, "times: row 3 lies before the row above it"),
        ({"times": hours(1, 2, 2)}, "times: row 3 repeats the time above it"),
        ({"times": np.array(["2024-06-01T01", "NaT", "2024-06-01T02"], "datetime64[s]")}, "times has no date in row 2"),
        ({"times": np.arange(3.0)}, "times must be dates"),
        ({"times": hours(1, 2)}, "times has 2 rows and values has 3"),
        ({"values": ["x", 1, 2]}, "values must hold numbers"),
        ({"values": [1, np.inf, 2]}, "values is infinite in row 2"),
        ({"interval": "fortnight"}, "interval 'fortnight' is not understood"),
        ({"how": "median"}, "how 'median' is not known"),
    ],
)
def test_bad_input_is_refused_by_name(changes, words):
    with pytest.raises(ArgumentError, match=words):
        resample(**({"times": hours(1, 2, 3), "values": [1.0, 2, 3], "interval": "3h"} | changes))


def test_candles_come_in_fours():
    with pytest.raises(ArgumentError, match="candles has 3 columns; give open, high, low and close"):
        resample_candles(hours(1, 2), np.ones((2, 3)), "2h")
