"""Kalman beta: known walks, closed forms, gaps, one bar at a time, invariants and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.beta.kalman import KalmanState, kalman_beta
from core.estimate.beta.kalman_loops import no_line
from core.estimate.beta.methods import estimate_beta, ols_beta

NAN = np.nan
FIELDS = ("beta", "alpha", "beta_se", "log_likelihood", "noise", "signal_to_noise", "alpha_signal_to_noise")


def sample(rows=300, columns=3, walk=0.03, seed=5):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, rows)
    betas = np.linspace(0.5, 1.5, columns) + walk * rng.normal(size=(rows, columns)).cumsum(axis=0)
    return market[:, np.newaxis] * betas + rng.normal(0, 0.01, (rows, columns)), market, betas


def test_it_follows_a_walk_better_than_a_fixed_line():
    assets, market, betas = sample(2000)
    error = kalman_beta(assets, market).beta[200:] - betas[200:]
    assert (np.abs(error).mean(axis=0) < 0.5 * np.abs(ols_beta(assets, market) - betas[200:]).mean(axis=0)).all()


def test_the_bands_hold_the_true_beta_19_times_out_of_20():
    rng = np.random.default_rng(2)
    rows, ratio = 4000, 1e-3
    market = rng.normal(0, 0.01, rows)
    steps = np.sqrt(ratio) * 0.02 * rng.normal(size=(2, rows, 5)).cumsum(axis=1)
    alpha, beta = steps[0], 1 + steps[1] / np.sqrt(np.mean(market**2))
    assets = alpha + beta * market[:, np.newaxis] + rng.normal(0, 0.02, (rows, 5))
    filtered = kalman_beta(assets, market)
    inside = (filtered.lower[100:] < beta[100:]) & (beta[100:] < filtered.upper[100:])
    assert inside.mean() == pytest.approx(0.95, abs=0.02)
    np.testing.assert_allclose(filtered.state.noise, 0.02, rtol=0.05)
    np.testing.assert_allclose(np.log10(filtered.state.signal_to_noise), -3, atol=0.25)


def test_without_a_signal_it_is_recursive_least_squares():
    assets, market, _ = sample(100)
    filtered = kalman_beta(assets, market, 0, 0)
    for t in (1, 2, 50, 99):
        np.testing.assert_allclose(filtered.beta[t], ols_beta(assets[: t + 1], market[: t + 1]), rtol=1e-9, atol=1e-10)


def test_a_line_that_stands_still_is_found_to_do_so():
    rng = np.random.default_rng(1)
    market = rng.normal(0, 0.01, 2000)
    assets = 1.2 * market[:, np.newaxis] + rng.normal(0, 0.01, (2000, 8))
    filtered = kalman_beta(assets, market)
    still = filtered.state.signal_to_noise == 0
    assert still.any()
    np.testing.assert_allclose(filtered.beta[-1, still], ols_beta(assets, market)[still], rtol=1e-9)


def test_the_estimated_ratio_is_the_most_likely():
    assets, market, _ = sample(walk=0.1)
    best = kalman_beta(assets, market).state
    for factor in (0, 0.5, 0.99, 0.999, 1.001, 1.01, 2):
        other = kalman_beta(assets, market, factor * best.signal_to_noise, best.alpha_signal_to_noise).state
        assert (other.log_likelihood < best.log_likelihood).all()
        other = kalman_beta(assets, market, best.signal_to_noise, factor * best.alpha_signal_to_noise + 1e-5).state
        assert (other.log_likelihood < best.log_likelihood).all()


def test_an_exact_line_needs_no_signal_and_has_no_noise():
    _, market, _ = sample()
    filtered = kalman_beta(1.3 * market + 0.001, market)
    np.testing.assert_allclose(filtered.beta[1:], 1.3, rtol=1e-9)
    assert filtered.state.signal_to_noise[0] == 0
    np.testing.assert_allclose(filtered.beta_se[1:], 0, atol=1e-9)
    assert kalman_beta(np.zeros(300), market).beta[-1, 0] == 0


def test_nothing_is_known_before_the_second_bar_and_after_it_no_future_is():
    assets, market, _ = sample()
    filtered = kalman_beta(assets, market, 0.01, 1e-4)
    assert np.isnan(filtered.beta[0]).all()
    assert np.isfinite(filtered.beta[1:]).all()
    rest = kalman_beta(np.vstack([assets[:150], -assets[150:]]), market, 0.01, 1e-4)
    np.testing.assert_array_equal(rest.beta[:150], filtered.beta[:150])


def test_a_gap_keeps_beta_and_widens_its_band():
    assets, market, _ = sample()
    assets[100:120, 1] = NAN
    with pytest.warns(DataWarning, match="up to 20 of 300 rows dropped"):
        filtered = kalman_beta(assets, market, 0.01, 1e-4)
    np.testing.assert_allclose(filtered.beta[99:120, 1], filtered.beta[99, 1], rtol=1e-11)
    assert (np.diff(filtered.beta_se[99:120, 1]) > 0).all()


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("ratios", [(0.0, 0.0), (0.01, 1e-4), (None, None)])
def test_one_bar_at_a_time_is_the_whole_history_at_once(ratios):
    assets, market, _ = sample()
    assets[100:120, 1] = assets[0, 2] = market[200] = NAN
    whole = kalman_beta(assets, market, *ratios)
    state = KalmanState(no_line(3), whole.state.scale, whole.state.signal_to_noise, whole.state.alpha_signal_to_noise)
    for t in range(300):
        state = state.update(assets[t], market[t])
        np.testing.assert_allclose(state.beta, whole.beta[t], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(state.alpha, whole.alpha[t], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(state.beta_se, whole.beta_se[-1], rtol=1e-12)
    np.testing.assert_allclose(state.log_likelihood, whole.state.log_likelihood, rtol=1e-12)


def test_two_updates_of_one_state_do_not_disturb_each_other():
    assets, market, _ = sample()
    state = kalman_beta(assets, market, 0.01, 1e-4).state
    before = state.beta
    first = state.update(assets[0], market[0]).beta
    state.update(assets[1], market[1])
    np.testing.assert_array_equal(state.beta, before)
    np.testing.assert_array_equal(state.update(assets[0], market[0]).beta, first)


@pytest.mark.parametrize(("ratios", "tolerance"), [((0.01, 1e-4), 1e-11), ((None, None), 1e-7)])
@given(scales=st.tuples(st.sampled_from([1e-8, 1e6, -1.0]), st.sampled_from([2e-5, 1e4])))
@settings(max_examples=6)
def test_scale_and_sign_of_returns(ratios, tolerance, scales):
    assets, market, _ = sample(120)  # 118 innovations
    asset_scale, market_scale = scales
    moved = kalman_beta(asset_scale * assets, market_scale * market, *ratios)
    expected = kalman_beta(assets, market, *ratios)
    factor = asset_scale / market_scale
    np.testing.assert_allclose(moved.beta[5:], expected.beta[5:] * factor, rtol=tolerance, atol=tolerance * abs(factor))
    np.testing.assert_allclose(moved.beta_se[5:], expected.beta_se[5:] * abs(factor), rtol=tolerance)
    np.testing.assert_allclose(
        moved.state.log_likelihood + 118 * np.log(abs(asset_scale)), expected.state.log_likelihood, rtol=1e-9
    )


@given(st.permutations(range(3)))
@settings(max_examples=5)
def test_the_order_of_contracts_does_not_matter(order):
    assets, market, _ = sample(120)
    np.testing.assert_allclose(
        kalman_beta(assets[:, order], market).beta, kalman_beta(assets, market).beta[:, list(order)], rtol=1e-12
    )


@given(slope=st.floats(-3, 3), shift=st.floats(-0.1, 0.1))
@settings(max_examples=10)
def test_adding_market_adds_beta_and_adding_a_constant_adds_alpha(slope, shift):
    assets, market, _ = sample(120)
    moved = kalman_beta(assets + slope * market[:, np.newaxis] + shift, market, 0.01, 1e-4)
    expected = kalman_beta(assets, market, 0.01, 1e-4)
    np.testing.assert_allclose(moved.beta[5:], expected.beta[5:] + slope, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(moved.alpha[5:], expected.alpha[5:] + shift, rtol=1e-8, atol=1e-9)


def test_one_asset_is_a_column_of_many_and_shows_its_bands():
    assets, market, _ = sample()
    many, one = kalman_beta(assets, market), kalman_beta(assets[:, 1], market)
    np.testing.assert_allclose(one.beta[:, 0], many.beta[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(one.bands(), np.hstack([one.beta, one.lower, one.upper]))
    with pytest.raises(ArgumentError, match="asset_returns has 3 columns and bands are shown for one"):
        many.bands()
    np.testing.assert_array_equal(estimate_beta(assets, market, "kalman"), many.state.beta)
    np.testing.assert_allclose(many.state.beta, many.beta[-1], rtol=1e-12)


def test_a_contract_with_too_few_rows_is_missing_while_others_answer():
    assets, market, _ = sample()
    assets[5:, 2] = NAN
    with pytest.warns(DataWarning, match="column 3 has 5 complete rows where 10 are needed"):
        filtered = kalman_beta(assets, market)
    assert np.isnan(filtered.beta[:, 2]).all()
    assert np.isnan([getattr(filtered.state, field)[2] for field in FIELDS]).all()
    np.testing.assert_allclose(filtered.beta[:, :2], kalman_beta(assets[:, :2], market).beta, rtol=1e-12)


def test_a_contract_whose_market_never_moves_is_missing_while_others_answer():
    assets, market, _ = sample()
    market[:50] = 0.01
    assets[50:, 0] = NAN
    with pytest.warns(DataWarning) as said:
        filtered = kalman_beta(assets, market, 0.01, 1e-4)
    assert any("constant over the rows of column 1" in str(warning.message) for warning in said)
    assert np.isnan(filtered.beta[-1]).tolist() == [True, False, False]


ROWS = np.arange(12.0) ** 2


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((ROWS, ROWS, -0.1), ArgumentError, "signal_to_noise is -0.1; it must be at least 0"),
        ((ROWS, ROWS, NAN), MissingDataError, "signal_to_noise has no value"),
        ((ROWS, ROWS, np.inf), ArgumentError, "signal_to_noise is infinite"),
        ((ROWS, ROWS, [0.1, 0.2]), ArgumentError, "signal_to_noise has 2 values where 1 are needed"),
        ((ROWS, ROWS[:9]), ArgumentError, "asset_returns has 12 rows and market_returns has 9"),
        ((np.append(ROWS[:11], np.inf), ROWS), ArgumentError, "asset_returns is infinite in row 12"),
        ((ROWS, np.full(12, 0.3)), UndefinedError, "market_returns are constant"),
        ((ROWS[:9], ROWS[:9]), MissingDataError, "asset_returns has too few complete rows, 9 where 10"),
        ((ROWS, ROWS, 0.1, -1), ArgumentError, "alpha_signal_to_noise is -1; it must be at least 0"),
        (([0.1], [0.1], 0.01, 0.0), MissingDataError, "asset_returns has too few complete rows, 1 where 3"),
        ((np.full(12, NAN), ROWS), MissingDataError, "asset_returns has too few complete rows, 0 where 10"),
        ((ROWS, np.full(12, NAN)), MissingDataError, "asset_returns has too few complete rows, 0 where 10"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        kalman_beta(*arguments)


def test_a_bad_bar_is_refused_by_name():
    assets, market, _ = sample()
    state = kalman_beta(assets, market, 0.01, 1e-4).state
    with pytest.raises(ArgumentError, match="asset_returns has 2 values where 3 are needed"):
        state.update([0.1, 0.1], 0.1)
    with pytest.raises(ArgumentError, match="market_return is infinite"):
        state.update([0.1] * 3, np.inf)
