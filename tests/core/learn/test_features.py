"""What a learned forecast may know: never what comes later, and never the scale of returns."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.learn.features import EXTRAS, feature_names, features, least_rows, market_state, trailing_moments

NAN = float("nan")
HORIZON = 6
ROWS = np.arange(179, 400, 3)


def sample(seed=3, rows=400):
    """Returns of a contract and its market, betas over three windows and a funding series, with gaps."""
    rng = np.random.default_rng(seed)
    market = rng.standard_t(5, rows) * 0.01
    asset = 1.2 * market + rng.normal(0, 0.005, rows)
    asset[200:215], market[300] = NAN, NAN
    betas = tuple(rng.normal(1.2, 0.1, rows) for _ in range(3))
    return asset, market, betas, {name: np.abs(rng.normal(0, 1e-4, rows)) for name in EXTRAS}


def states(asset, market, betas, extra, rows):
    """Of a contract alone."""
    one = [series[:, np.newaxis] for series in (asset, *betas, *extra.values())]
    named = dict(zip(extra, one[4:], strict=True))
    return features(one[0], market_state(market, HORIZON, rows), one[1:4], named, HORIZON, rows)[:, 0]


def test_contracts_side_by_side_have_the_states_they_have_alone():
    asset, market, betas, extra = sample()
    other, _, its_betas, its_extra = sample(4)
    both = [np.column_stack(pair) for pair in zip((asset, *betas), (other, *its_betas), strict=True)]
    named = {name: np.column_stack([extra[name], its_extra[name]]) for name in extra}
    found = features(both[0], market_state(market, HORIZON, ROWS), both[1:], named, HORIZON, ROWS)
    np.testing.assert_array_equal(found[:, 0], states(asset, market, betas, extra, ROWS))
    np.testing.assert_array_equal(found[:, 1], states(other, market, its_betas, its_extra, ROWS))


@pytest.mark.parametrize("window", [3, 30, 180])
def test_trailing_moments_are_those_of_pandas(window):
    asset, *_ = sample()
    rolling = pd.Series(asset).rolling(window, min_periods=least_rows(window))
    mean, deviation = trailing_moments(asset, window, np.arange(400))
    np.testing.assert_allclose(mean, rolling.mean(), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(deviation, rolling.std(ddof=0), rtol=1e-9)


def test_a_bad_tick_is_forgotten_once_it_has_left_the_window():
    asset, *_ = sample()
    ticked = asset.copy()
    ticked[50] = 1e8
    later = np.arange(50 + 30, 400)
    np.testing.assert_array_equal(trailing_moments(ticked, 30, later), trailing_moments(asset, 30, later))


@given(st.integers(180, 399))
def test_nothing_after_a_row_changes_what_is_known_at_it(cut):
    asset, market, betas, extra = sample()
    before = ROWS[cut > ROWS]
    known = states(asset, market, betas, extra, before)
    later = np.random.default_rng(cut).normal(size=(8, 400 - cut))
    for series, other in zip((asset, market, *betas, *extra.values()), later, strict=True):
        series[cut:] = other
    np.testing.assert_array_equal(states(asset, market, betas, extra, before), known)


@pytest.mark.parametrize("scale", [1e-6, 0.37, 1e4])
def test_the_scale_of_returns_does_not_matter(scale):
    asset, market, betas, extra = sample()
    expected = states(asset, market, betas, extra, ROWS)
    np.testing.assert_allclose(
        states(asset * scale, market * scale, betas, extra, ROWS), expected, rtol=1e-6, atol=1e-9
    )


def test_the_state_can_be_read():
    asset, market, betas, extra = sample()
    row = 399
    state = states(asset, market, betas, extra, np.array([row]))[0]
    named = dict(zip(feature_names(extra), state, strict=True))
    medium, long = slice(row - 29, row + 1), slice(row - 179, row + 1)
    spread, usual = np.nanstd(asset[medium]), np.nanstd(asset[long])
    assert state[:3] == pytest.approx([betas[2][row], betas[1][row] - betas[2][row], betas[0][row] - betas[2][row]])
    assert state[3] == pytest.approx(np.log(spread / usual), rel=1e-6)
    assert state[4] == pytest.approx(np.nanmean(asset[medium]) / usual * 30**0.5, rel=1e-6)
    assert state[5] == pytest.approx(np.nanmean(asset[long]) / usual * 180**0.5, rel=1e-6)
    assert state[9] == pytest.approx(betas[2][row] * np.nanstd(market[long]) / usual, rel=1e-6)
    assert named["regime"] == pytest.approx(np.log(np.nanstd(market[long]) / np.nanstd(market)), rel=1e-6)
    for name in ("funding", "variance premium"):
        assert named[name] == pytest.approx(extra[name][medium].mean(), rel=1e-6)
    logs = np.log(extra["volume"])
    assert named["volume"] == pytest.approx(logs[medium].mean() - logs[long].mean(), rel=1e-6)


def test_a_contract_that_never_moves_has_no_ratios_and_no_infinities():
    _, market, betas, _ = sample()
    state = states(np.zeros(400), market, betas, {}, ROWS)
    assert np.isnan(state[:, [3, 4, 5, 9]]).all()
    assert np.isfinite(state[:, [0, 1, 2, 6, 7, 8]]).all()
