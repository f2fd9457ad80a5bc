"""Rolling beta: windows one by one, bad ticks, gaps, one bar at a time, invariants and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.beta import rolling_loops as kernels_rolling
from core.estimate.beta.methods import ols_beta
from core.estimate.beta.rolling import RollingBeta, rolling_beta

NAN = np.nan

pytestmark = pytest.mark.usefixtures("door")


@pytest.fixture(params=["numpy", "loops"])
def door(request, monkeypatch):
    """Every test runs through both, whatever the size of its work."""
    monkeypatch.setattr(kernels_rolling, "worth_compiling", lambda elements: request.param == "loops")


def sample(rows=150, columns=3, seed=5):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, rows)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + rng.normal(0, 0.01, (rows, columns)), market


@pytest.mark.parametrize("window", [2, 3, 20, 149, 150])
def test_each_row_is_the_beta_of_its_window(window):
    assets, market = sample()
    rolling = rolling_beta(assets, market, window)
    assert rolling.shape == assets.shape
    assert np.isnan(rolling[: window - 1]).all()
    for t in range(window - 1, 150):
        rows = slice(t - window + 1, t + 1)
        np.testing.assert_allclose(rolling[t], ols_beta(assets[rows], market[rows]), rtol=1e-11, atol=1e-12)


def test_fewer_rows_will_do_where_min_periods_says_so():
    assets, market = sample()
    rolling = rolling_beta(assets, market, 20, 5)
    assert np.isnan(rolling[:4]).all()
    for t in (4, 10, 18):
        np.testing.assert_allclose(rolling[t], ols_beta(assets[: t + 1], market[: t + 1]), rtol=1e-11)
    np.testing.assert_array_equal(rolling[19:], rolling_beta(assets, market, 20)[19:])


@pytest.mark.parametrize("row", [0, 19, 20, 37, 60])
@pytest.mark.parametrize("tick", [1e8, -1e8, 1e150])
@pytest.mark.parametrize("place", ["asset", "market", "both"])
def test_a_bad_tick_that_has_left_the_window_leaves_no_trace(row, tick, place):
    assets, market = sample()
    clean = rolling_beta(assets, market, 20)
    if place != "market":
        assets[row, 1] = tick
    if place != "asset":
        market[row] = tick
    np.testing.assert_array_equal(rolling_beta(assets, market, 20)[row + 20 :], clean[row + 20 :])
    # A window that begins after it is the same as in a history that begins there.
    np.testing.assert_allclose(
        rolling_beta(assets, market, 20)[row + 20 :],
        rolling_beta(assets[row + 1 :], market[row + 1 :], 20)[19:],
        rtol=1e-12,
        atol=1e-12,
    )


def test_the_bar_form_forgets_a_bad_tick_as_well():
    assets, market = sample()
    clean = RollingBeta.start(assets, market, 20).beta
    assets[120, 1] = market[110] = 1e8
    np.testing.assert_array_equal(RollingBeta.start(assets, market, 20).beta, clean)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_gaps_are_dropped_pair_by_pair_within_the_window():
    assets, market = sample()
    assets[30:35, 0] = assets[80, 2] = market[100] = NAN
    rolling = rolling_beta(assets, market, 20, 10)
    for t in (30, 34, 36, 53, 90, 100, 119, 120):
        rows = slice(t - 19, t + 1)
        np.testing.assert_allclose(rolling[t], ols_beta(assets[rows], market[rows]), rtol=1e-11)
    assert np.isfinite(rolling[9:]).all()


def test_a_gap_costs_each_full_window_that_holds_it_and_is_said():
    assets, market = sample()
    assets[50, 1] = NAN
    with pytest.warns(DataWarning) as said:
        rolling = rolling_beta(assets, market, 20)
    assert np.flatnonzero(np.isnan(rolling[19:, 1])).tolist() == list(range(31, 51))
    assert np.isfinite(rolling[19:, [0, 2]]).all()
    assert "up to 1 of 150 rows dropped" in str(said[0].message)
    assert "min_periods is all 20 rows; give fewer" in str(said[1].message)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize(("window", "needed"), [(2, None), (7, 3), (20, 20), (64, 2)])
def test_one_bar_at_a_time_is_the_whole_history_at_once(window, needed):
    assets, market = sample()
    assets[30:40, 0] = assets[80, 2] = market[100] = NAN
    rolling = rolling_beta(assets, market, window, needed)
    for begin in (1, window, 2 * window, 2 * window + 1):
        state = RollingBeta.start(assets[:begin], market[:begin], window, needed)
        np.testing.assert_allclose(state.beta, rolling[begin - 1], rtol=1e-12, atol=1e-12)
        for t in range(begin, 150):
            state = state.update(assets[t], market[t])
            np.testing.assert_allclose(state.beta, rolling[t], rtol=1e-12, atol=1e-12)


def test_two_updates_of_one_state_do_not_disturb_each_other():
    assets, market = sample(41)
    state = RollingBeta.start(assets[:40], market[:40], 20)
    before = state.beta
    first = state.update(assets[40], market[40]).beta
    state.update(assets[3], market[3]).update(assets[4], market[4])
    np.testing.assert_array_equal(state.beta, before)
    np.testing.assert_array_equal(state.update(assets[40], market[40]).beta, first)


@given(split=st.integers(20, 130))
@settings(max_examples=15)
def test_a_history_cut_in_two_gives_the_same_windows(split):
    assets, market = sample()
    later = rolling_beta(assets[split - 19 :], market[split - 19 :], 20)[19:]
    np.testing.assert_allclose(later, rolling_beta(assets, market, 20)[split:], rtol=1e-11, atol=1e-12)


@given(scale=st.sampled_from([1e-8, 1e6]), slope=st.floats(-3, 3), order=st.permutations(range(3)))
@settings(max_examples=15)
def test_scale_sign_and_order_of_contracts(scale, slope, order):
    assets, market = sample(60)
    moved = rolling_beta(scale * (assets[:, order] + slope * market[:, np.newaxis]), scale * market, 20)
    expected = rolling_beta(assets, market, 20)[:, list(order)] + slope
    np.testing.assert_allclose(moved, expected, rtol=1e-10, atol=1e-10)


def test_one_asset_is_a_column_of_many():
    assets, market = sample()
    np.testing.assert_array_equal(rolling_beta(assets[:, 1], market, 20)[:, 0], rolling_beta(assets, market, 20)[:, 1])


def test_a_contract_that_never_moves_has_a_beta_of_zero():
    _, market = sample()
    rolling = rolling_beta(np.full((150, 1), 0.1), market, 20)
    np.testing.assert_array_equal(rolling[19:], 0)


def test_a_flat_market_is_missing_where_it_is_flat():
    assets, market = sample()
    market[50:80] = 0.1
    missing = np.isnan(rolling_beta(assets, market, 20)[:, 0])
    assert np.flatnonzero(missing).tolist() == [*range(19), *range(69, 80)]


def test_the_input_is_left_as_it_was():
    assets, market = sample()
    copies = assets.copy(), market.copy()
    rolling_beta(assets, market, 20)
    np.testing.assert_array_equal(assets, copies[0])
    np.testing.assert_array_equal(market, copies[1])


ROWS = np.arange(10.0) ** 2


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((ROWS, ROWS, 11), MissingDataError, "window needs 11 rows and there are 10; shorten the window"),
        ((ROWS, ROWS, 1), ArgumentError, "window is 1; it must be at least 2"),
        ((ROWS, ROWS, 2.5), ArgumentError, "window is 2.5; it must be a whole number"),
        ((ROWS, ROWS, NAN), ArgumentError, "window must be a finite number"),
        ((ROWS, ROWS, 5, 6), ArgumentError, "min_periods is 6; it must be at most 5"),
        ((ROWS, ROWS, 5, 2.5), ArgumentError, "min_periods is 2.5; it must be a whole number"),
        ((ROWS, ROWS, 5, 1), ArgumentError, "min_periods is 1; it must be at least 2"),
        ((ROWS, ROWS[:9], 5), ArgumentError, "asset_returns has 10 rows and market_returns has 9"),
        ((np.append(ROWS[:9], np.inf), ROWS, 5), ArgumentError, "asset_returns is infinite in row 10"),
        ((ROWS, np.append(ROWS[:9], np.inf), 5), ArgumentError, "market_returns is infinite at position 10"),
        (([0.1], [0.1], 2), MissingDataError, "window needs 2 rows and there are 1"),
        ((ROWS, np.full(10, 0.3), 5), UndefinedError, "market_returns are constant in every window"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        rolling_beta(*arguments)


@pytest.mark.parametrize("row", range(12))
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinity_is_found_wherever_it_is(row, value):
    assets, market = sample(12)
    assets[row, 1] = value
    with pytest.raises(ArgumentError, match=f"asset_returns is infinite in row {row + 1}, column 2"):
        rolling_beta(assets, market, 5, 2)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_a_history_of_gaps_names_the_way_out():
    gaps = np.where(np.arange(10) % 2, ROWS, NAN)
    with pytest.raises(
        MissingDataError, match="at most 2 complete rows in a window of 4 and 4 are needed; give a lower"
    ):
        rolling_beta(gaps, ROWS, 4)
    with pytest.raises(MissingDataError, match="at most 0 complete rows"):
        rolling_beta(np.full(10, NAN), ROWS, 4)


@pytest.mark.parametrize("window", [31, 10**7, 10**9, 10**40])
def test_a_window_longer_than_the_history_is_the_history_so_far(window):
    chance = np.random.default_rng(5)
    market, assets = chance.normal(size=30), chance.normal(size=(30, 2))
    slopes = rolling_beta(assets, market, window, 3)
    np.testing.assert_array_equal(slopes, rolling_beta(assets, market, 30, 3))
    assert slopes[-1] == pytest.approx([np.cov(assets[:, k], market)[0, 1] / market.var(ddof=1) for k in range(2)])
