"""Factors on calendars of their own: what was known when, which rows are compared, and bad input."""

import warnings

import numpy as np
import pytest

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.estimate.beta.calendars import Factor, align_factors

NAN = np.nan
HOURS = np.arange("2024-01-05T00", "2024-01-11T00", dtype="datetime64[h]") + np.timedelta64(1, "h")
"""Closes of hourly bars from Friday to Wednesday."""

WEEKDAYS = np.array(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"], dtype="datetime64[D]")
CLOSES = WEEKDAYS.astype("datetime64[h]") + np.timedelta64(21, "h")
STOCKS = Factor("stocks", CLOSES, [100.0, 102.0, 101.0, 105.0])


def at(aligned, moment):
    return aligned.values[np.datetime64(moment) == HOURS][0]


def test_each_bar_shows_the_last_value_known_by_its_close():
    aligned = align_factors(HOURS, [STOCKS])
    assert at(aligned, "2024-01-05T20") == 100
    assert at(aligned, "2024-01-05T21") == 102
    assert at(aligned, "2024-01-07T12") == 102
    assert at(aligned, "2024-01-08T20") == 102
    assert at(aligned, "2024-01-08T21") == 101


def test_returns_run_from_one_trading_day_to_the_next_and_a_weekend_has_none():
    aligned = align_factors(HOURS, [STOCKS])
    np.testing.assert_array_equal(HOURS[aligned.rows], CLOSES[1:])
    np.testing.assert_allclose(aligned.returns()[:, 0], [101 / 102 - 1, 105 / 101 - 1])


def test_a_date_is_known_when_the_day_has_ended():
    aligned = align_factors(HOURS, [Factor("oil", WEEKDAYS, [70.0, 71.0, 72.0, 73.0])])
    assert at(aligned, "2024-01-05T23") == 70
    assert at(aligned, "2024-01-06T00") == 71
    months = Factor("currency", np.array(["2023-11", "2023-12"], dtype="datetime64[M]"), [1.0, 2.0])
    days = np.arange("2023-11-20", "2024-01-05", dtype="datetime64[D]").astype("datetime64[s]")
    values = align_factors(days, [months]).values[:, 0]
    assert np.isnan(values[days < np.datetime64("2023-12-01")]).all()
    assert (values[(days >= np.datetime64("2023-12-01")) & (days < np.datetime64("2024-01-01"))] == 1).all()
    assert (values[days >= np.datetime64("2024-01-01")] == 2).all()


def test_a_later_value_changes_nothing_before_it():
    other = Factor("stocks", CLOSES, [100.0, 102.0, 101.0, 999.0])
    one, two = align_factors(HOURS, [STOCKS]), align_factors(HOURS, [other])
    before = CLOSES[-1] > HOURS
    np.testing.assert_array_equal(one.values[before], two.values[before])
    np.testing.assert_array_equal(one.returns()[:-1], two.returns()[:-1])


def test_the_rows_wait_for_every_factor():
    # A holiday of one market: its Monday and Tuesday are one return, for the other and for the contracts as well.
    holiday = Factor("bonds", CLOSES[[0, 1, 3]] - np.timedelta64(4, "h"), [50.0, 51.0, 52.0])
    aligned = align_factors(HOURS, [STOCKS, holiday])
    np.testing.assert_array_equal(HOURS[aligned.rows], CLOSES[[1, 3]])
    np.testing.assert_allclose(aligned.returns(), [[105 / 102 - 1, 52 / 51 - 1]])


def test_contracts_are_compounded_over_the_same_stretches():
    aligned = align_factors(HOURS, [STOCKS])
    prices = np.random.default_rng(0).uniform(50, 60, (len(HOURS), 2))
    compounded = aligned.compound(prices[1:] / prices[:-1] - 1)
    expected = prices[aligned.rows][1:] / prices[aligned.rows][:-1] - 1
    np.testing.assert_allclose(compounded, expected, rtol=1e-12, atol=1e-14)
    gap = prices[1:] / prices[:-1] - 1
    gap[aligned.rows[0], 1] = NAN
    assert np.isnan(aligned.compound(gap)).tolist() == [[False, True], [False, False]]


def test_a_value_known_before_the_clock_begins_starts_no_return():
    aligned = align_factors(HOURS[30:], [STOCKS])
    np.testing.assert_array_equal(HOURS[30:][aligned.rows], CLOSES[2:])
    on_time = align_factors(HOURS[20:], [STOCKS])
    assert HOURS[20] == CLOSES[1]
    np.testing.assert_array_equal(HOURS[20:][on_time.rows], CLOSES[1:])


def test_a_day_without_a_value_is_a_day_without_trading():
    gap = Factor("stocks", CLOSES, [100.0, 102.0, NAN, 105.0])
    without = Factor("stocks", CLOSES[[0, 1, 3]], [100.0, 102.0, 105.0])
    np.testing.assert_array_equal(align_factors(HOURS, [gap]).values, align_factors(HOURS, [without]).values)
    np.testing.assert_allclose(align_factors(HOURS, [gap]).returns(), [[105 / 102 - 1]])


def test_a_price_below_zero_has_no_return_on_either_side():
    days = np.arange("2020-04-16", "2020-04-23", dtype="datetime64[D]")
    oil = Factor("oil", days, [19.8, 18.3, 18.3, 17.9, -36.98, 8.91, 13.64])
    aligned = align_factors(days + np.timedelta64(1, "D"), [oil])
    with pytest.warns(DataWarning, match="oil is not above zero in 1 rows"):
        returns = aligned.returns()[:, 0]
    np.testing.assert_array_equal(np.isnan(returns), [False, False, True, True, False])
    assert -36.98 in aligned.values


def test_factors_above_zero_need_no_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        align_factors(HOURS, [STOCKS]).returns()


@pytest.mark.parametrize(
    ("times", "values", "words"),
    [
        (CLOSES[::-1], [1.0] * 4, "the times of stocks is not later in row 2"),
        (CLOSES[[0, 0, 1, 2]], [1.0] * 4, "the times of stocks is not later in row 2"),
        (CLOSES, [1.0] * 3, "the times of stocks has 4 rows and the values of stocks has 3"),
        (CLOSES, [1.0, 2.0, 3.0, np.inf], "the values of stocks is infinite at position 4"),
        ([1, 2, 3, 4], [1.0] * 4, "the times of stocks must be dates or times"),
        (np.append(CLOSES[:3], np.datetime64("NaT", "h")), [1.0] * 4, "the times of stocks has no value in row 4"),
    ],
)
def test_a_bad_factor_is_refused_by_name(times, values, words):
    with pytest.raises(ArgumentError, match=words):
        Factor("stocks", times, values)


@pytest.mark.parametrize(
    ("clock", "factors", "error", "words"),
    [
        (HOURS[::-1], [STOCKS], ArgumentError, "times is not later in row 2"),
        (HOURS, [], ArgumentError, "factors is empty"),
        (
            HOURS + np.timedelta64(400, "D"),
            [STOCKS],
            MissingDataError,
            "stocks has no two values between 2025-02-08 and 2025-02-14, only from 2024-01-04 to 2024-01-09",
        ),
        (HOURS - np.timedelta64(400, "D"), [STOCKS], MissingDataError, "stocks has no two values between"),
        (HOURS, [Factor("gold", CLOSES, [NAN] * 4)], MissingDataError, "gold has no value at all"),
    ],
)
def test_a_clock_without_overlap_is_refused_by_name(clock, factors, error, words):
    with pytest.raises(error, match=words):
        align_factors(clock, factors)


def test_returns_of_another_clock_are_refused_by_name():
    with pytest.raises(ArgumentError, match="bar_returns has 3 rows where 143 are needed"):
        align_factors(HOURS, [STOCKS]).compound(np.zeros((3, 1)))
