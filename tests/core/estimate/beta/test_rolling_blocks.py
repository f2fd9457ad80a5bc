"""Rolling slopes by matrix products: those of sums row by row, and nothing of a bad tick is left behind."""

import numpy as np
import pytest

from core.estimate.beta import rolling_loops
from core.estimate.beta.rolling import rolling_beta
from core.estimate.beta.rolling_blocks import BLOCK


def sample(rows=2400, columns=20, seed=8):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0002, 0.01, rows)
    return np.outer(market, np.linspace(-1, 2, columns)) + rng.normal(0, 0.02, (rows, columns)), market


@pytest.fixture
def row_by_row(monkeypatch):
    """The slopes without blocks."""

    def answer(assets, market, window, needed):
        with monkeypatch.context() as patch:
            patch.setattr(rolling_loops, "MUCH", np.inf)
            return rolling_loops._by_numpy(assets, market, window, needed)

    return answer


WINDOWS = [2 * BLOCK, 2 * BLOCK + 1, 10 * BLOCK - 1, 719, 720, 1200, 2399, 2400]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("needed", [2, 30])
def test_blocks_give_what_sums_row_by_row_give(window, needed, row_by_row):
    assets, market = sample()
    ours, gaps = rolling_loops._by_numpy(assets, market, window, needed)
    theirs, _ = row_by_row(assets, market, window, needed)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)
    assert not gaps


@pytest.mark.parametrize("window", WINDOWS)
def test_the_last_window_is_the_regression_of_its_rows(window):
    assets, market = sample()
    rows = slice(len(market) - window, None)
    deviations = market[rows] - market[rows].mean()
    expected = deviations @ assets[rows] / (deviations @ deviations)
    np.testing.assert_allclose(rolling_beta(assets, market, window)[-1], expected, rtol=1e-11)


@pytest.mark.parametrize("where", ["asset", "market"])
def test_a_bad_tick_that_has_left_leaves_no_digit(where):
    assets, market = sample()
    spoilt, spoilt_market = assets.copy(), market.copy()
    if where == "asset":
        spoilt[1000, 3] = 1e8
    else:
        spoilt_market[1000] = 1e8
    clean, other = rolling_beta(assets, market, 300), rolling_beta(spoilt, spoilt_market, 300)
    without = np.r_[0:1000, 1300:2400]
    np.testing.assert_array_equal(clean[without], other[without])
    assert not np.array_equal(clean[1000:1300], other[1000:1300])


def test_far_from_zero_the_slopes_are_the_same():
    assets, market = sample()
    near, far = rolling_beta(assets, market, 500), rolling_beta(assets + 1e4, market + 1e4, 500)
    np.testing.assert_allclose(far, near, rtol=1e-7, atol=1e-8)


def test_a_flat_stretch_of_the_market_has_no_beta(row_by_row):
    assets, market = sample()
    market[500:900] = 0.01
    ours, _ = rolling_loops._by_numpy(assets, market, 200, 200)
    theirs, _ = row_by_row(assets, market, 200, 200)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    assert np.isnan(ours[699:900]).all()
    assert not np.isnan(ours[900:]).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_what_squares_cannot_hold_goes_row_by_row(value, row_by_row):
    assets, market = sample()
    assets[1200, 4] = value
    ours, gaps = rolling_loops._by_numpy(assets, market, 300, 2)
    theirs, also = row_by_row(assets, market, 300, 2)
    np.testing.assert_array_equal(ours, theirs)
    assert gaps is also
