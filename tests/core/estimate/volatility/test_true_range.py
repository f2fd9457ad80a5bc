"""Average true range: Wilder's steps, the running form, gaps and bad input. Published sheet: tests/oracles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.estimate.volatility.true_range import AverageTrueRange, average_true_range

NAN = np.nan


def bars(size=60, seed=2):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, size)))
    opened = close * np.exp(rng.normal(0, 0.01, size))
    high = np.maximum(opened, close) * (1 + rng.exponential(0.005, size))
    low = np.minimum(opened, close) * (1 - rng.exponential(0.005, size))
    return high, low, close


def written_out(high, low, close, period):
    """Wilder's worksheet, line by line."""
    ranges = []
    for i in range(len(high)):
        candidates = [high[i] - low[i]]
        if i:
            candidates += [abs(high[i] - close[i - 1]), abs(low[i] - close[i - 1])]
        ranges.append(max(candidates))
    averages = [NAN] * (period - 1) + [sum(ranges[:period]) / period]
    for true_range in ranges[period:]:
        averages.append((averages[-1] * (period - 1) + true_range) / period)
    return averages


@given(seed=st.integers(0, 10_000), size=st.integers(1, 120), period=st.integers(1, 120))
def test_it_is_the_worksheet(seed, size, period):
    prices = bars(size, seed)
    if size >= period:
        np.testing.assert_allclose(average_true_range(*prices, period), written_out(*prices, period), rtol=1e-12)


def test_by_hand_with_gaps_between_bars():
    # True ranges 2, then a gap up (7 - 1 = 6) and a gap down (7 - 2 = 5).
    high, low, close = [3.0, 7.0, 4.0], [1.0, 6.0, 2.0], [1.0, 7.0, 3.0]
    found = average_true_range(high, low, close, 2)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [4.0, 4.5]


@pytest.mark.parametrize("scale", [1e-8, 1e5])
def test_the_unit_of_the_prices_is_its_unit(scale):
    prices = bars()
    np.testing.assert_allclose(
        average_true_range(*(scale * each for each in prices)), scale * average_true_range(*prices), rtol=1e-12
    )


def test_a_bar_with_a_gap_is_left_out_and_said():
    high, low, close = bars()
    close[20] = NAN
    with pytest.warns(DataWarning, match="1 of 60 bars left out because a price is missing"):
        found = average_true_range(high, low, close)
    keep = np.arange(60) != 20
    assert np.isnan(found[20])
    np.testing.assert_array_equal(found[keep], average_true_range(high[keep], low[keep], close[keep]))


@given(seed=st.integers(0, 10_000), period=st.integers(1, 14), more=st.integers(1, 60))
def test_bar_by_bar_is_the_whole_history(seed, period, more):
    prices = np.stack(bars(20 + more, seed))
    state = AverageTrueRange.start(*prices[:, :20], period)
    values = []
    for bar in prices.T[20:]:
        state = state.update(*bar)
        values.append(state.value)
    np.testing.assert_allclose(values, average_true_range(*prices, period)[20:], rtol=1e-12)


def test_the_running_form_skips_a_missing_bar_and_leaves_the_old_state():
    state = AverageTrueRange.start(*bars(), 14)
    assert state.value == average_true_range(*bars())[-1]
    assert state.update(NAN, 1.0, 1.0) is state
    state.update(500.0, 1.0, 2.0)
    assert state.value == average_true_range(*bars())[-1]


def test_the_running_form_warms_up():
    state = AverageTrueRange(3, 1, 10.0, 2.0)
    assert np.isnan(state.value)
    state = state.update(11.0, 10.0, 10.5).update(13.0, 10.0, 12.0)
    assert state.value == pytest.approx((2 + 1 + 3) / 3)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"high": [3.0]}, ArgumentError, "high has 1 rows and low has 3"),
        ({"low": [3.0]}, ArgumentError, "high has 3 rows and low has 1"),
        ({"close": [3.0]}, ArgumentError, "high has 3 rows and close has 1"),
        ({"high": [3.0, -3.0, 3.0]}, ArgumentError, "high is -3 at position 2"),
        ({"low": [0.0, 1.0, 1.0]}, ArgumentError, "low is 0 at position 1"),
        ({"close": [2.0, np.inf, 2.0]}, ArgumentError, "close is infinite at position 2"),
        ({"low": [1.0, 4.0, 1.0]}, ArgumentError, "high 3 is below low 4 in row 2"),
        ({"close": [[1.0, 2.0], [3.0, 4.0]]}, ArgumentError, "close must be one row or one column"),
        ({"period": 0}, ArgumentError, "period is 0; it must be at least 1"),
        ({"period": 1.5}, ArgumentError, "period is 1.5; it must be a whole number"),
        ({"period": 4}, MissingDataError, "period is 4 and there are 3 complete bars"),
        ({"close": [NAN] * 3}, MissingDataError, "period is 2 and there are 0 complete bars"),
    ],
)
def test_bad_input_is_refused_by_name(changed, error, words):
    good = {"high": [3.0, 3.0, 3.0], "low": [1.0, 1.0, 1.0], "close": [2.0, 2.0, 2.0], "period": 2}
    with pytest.raises(error, match=words):
        average_true_range(**(good | changed))
