"""The funding forecast: figures by hand, the update form, gaps, invariants. Real funding: tests/oracles."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.estimate.capm import capm_premium
from core.estimate.funding.forecast import (
    RULES,
    annual_funding_forecast,
    funding_forecast,
    funding_state,
    walk_forward,
)
from core.estimate.premium.expected_return import expected_return

NAN = np.nan
QUIET = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


def autoregressive(rows=300, columns=3, phi=0.7, seed=2):
    rng = np.random.default_rng(seed)
    rates = np.zeros((rows, columns))
    for row in range(1, rows):
        rates[row] = phi * rates[row - 1] + rng.normal(0, 1e-4, columns)
    return rates + 1e-4


def by_hand(rates, horizon, halflife):
    """The formulas of the module, one contract and one settlement at a time."""
    decay = 0.5 ** (1 / halflife)
    levels = []
    for t in range(len(rates)):
        weights = [decay ** (t - s) for s in range(t + 1)]
        levels.append(sum(w * f for w, f in zip(weights, rates, strict=False)) / sum(weights))
    products = sum((rates[s + 1] - levels[s]) * (rates[s] - levels[s]) for s in range(len(rates) - 1))
    squares = sum((rates[s] - levels[s]) ** 2 for s in range(len(rates) - 1))
    phi = min(max(products / squares, 0), 0.999) if squares else 0.0
    return sum(levels[-1] + phi**k * (rates[-1] - levels[-1]) for k in range(1, horizon + 1))


def test_three_settlements_by_hand():
    # Level 1.5 after two rows of equal weight, 2 after three; the pair (1, 2) deviates by 0, the pair (2, 3) by 0.5:
    # phi = (3 - 1.5)(2 - 1.5) / 0.25 = 3, held below one, so the next rate is the last one almost in full.
    state = funding_state([1.0, 2.0, 3.0], halflife=1e12)
    assert state.level[0] == pytest.approx(2.0)
    assert state.persistence()[0] == 0.999
    assert state.forecast(1)[0] == pytest.approx(2 + 0.999)


@pytest.mark.parametrize("horizon", [1, 3, 21])
@pytest.mark.parametrize("halflife", [0.5, 21, 500])
def test_it_is_the_formula_written_out(horizon, halflife):
    rates = autoregressive()
    expected = [by_hand(column, horizon, halflife) for column in rates.T]
    np.testing.assert_allclose(funding_forecast(rates, horizon, halflife), expected, rtol=1e-10)


def test_a_constant_rate_is_expected_to_stay():
    np.testing.assert_allclose(funding_forecast(np.full((50, 2), 1e-4), 3), 3e-4, rtol=1e-13)


@pytest.mark.parametrize("rate", [1e-4, 0.1 + 0.2, -3e-7])
def test_a_rate_that_stood_still_and_jumped_says_nothing_of_persistence(rate):
    state = funding_state([rate] * 100 + [3 * rate])
    assert state.persistence()[0] == 0
    assert state.forecast(2)[0] == pytest.approx(2 * state.level[0])


def test_one_rate_is_its_own_forecast():
    np.testing.assert_allclose(funding_forecast([[1e-4, -2e-4]], 21), [21e-4, -42e-4], rtol=1e-14)


def test_a_rate_that_swings_about_its_level_has_no_persistence():
    rates = np.tile([1e-4, -1e-4], 100)
    state = funding_state(rates)
    assert state.persistence()[0] == 0
    np.testing.assert_allclose(state.forecast(3), 3 * state.level)


def test_persistence_of_a_long_autoregression_is_near_its_own():
    assert funding_state(autoregressive(20_000, 1), halflife=2_000).persistence()[0] == pytest.approx(0.7, abs=0.02)


def test_the_forecast_goes_from_the_last_rate_to_the_level():
    state = funding_state(autoregressive())
    steps = np.diff([state.forecast(horizon) for horizon in range(1, 200)], axis=0)
    assert (np.diff(np.abs(steps - state.level), axis=0) <= 1e-16).all(), "each further rate is nearer to the level"
    np.testing.assert_allclose(steps[-1], state.level, rtol=1e-9)


def test_a_year_holds_so_many_horizons():
    rates = autoregressive()
    np.testing.assert_allclose(
        annual_funding_forecast(rates, 12 * 365, 6), funding_forecast(rates, 6) * 2 * 365, rtol=1e-14
    )


def test_a_change_of_interval_is_no_change_of_a_year():
    rates = np.array([1.25e-5] * 200 + [1e-4] * 3)
    often = np.array([8760.0] * 200 + [1095.0] * 3)
    forecast = annual_funding_forecast(rates, often[:, np.newaxis])
    np.testing.assert_allclose(forecast, 0.1095, rtol=1e-12)
    assert annual_funding_forecast(rates, 203 / (200 + 24) * 8760)[0] > 0.3, "the count of the whole window misleads"


def test_a_pace_for_each_settlement_or_one_for_all_is_the_same():
    rates = autoregressive()
    by_row = annual_funding_forecast(rates, np.full(rates.shape, 1095.0))
    np.testing.assert_allclose(by_row, annual_funding_forecast(rates, 1095.0), rtol=1e-12)


def test_expected_return_net_of_the_forecast_pays_or_does_not():
    funding = annual_funding_forecast(np.full((30, 2), [1e-5, 5e-4]))
    expected = expected_return([1.0, 1.0], 0.05, 0.12, funding, views=[0.4, 0.4]).total
    np.testing.assert_allclose(expected, [0.4 - 1e-5 * 1095, 0.4 - 5e-4 * 1095])
    assert capm_premium(expected, 1.0, 0.05, 0.12).pays.tolist() == [1, 0]


class TestUpdate:
    @pytest.mark.parametrize("halflife", [0.3, 21, 5_000])
    def test_one_more_settlement_is_the_longer_history(self, halflife):
        rates = autoregressive(500)
        state = funding_state(rates[:1], halflife)
        for count, row in enumerate(rates[1:], 2):
            state = state.update(row)
            if count in (2, 3, 64, 65, 100, 500):
                whole = funding_state(rates[:count], halflife)
                for field in fields(whole):
                    # A rate may lie near zero or near its level, so the scale of the history decides.
                    scale = {"level": 1e-3, "last": 1e-3}.get(field.name, 0.0)
                    np.testing.assert_allclose(
                        getattr(state, field.name), getattr(whole, field.name), rtol=1e-12, atol=1e-13 * scale
                    )
                np.testing.assert_allclose(state.forecast(3), whole.forecast(3), rtol=1e-12, atol=1e-16)

    @QUIET
    def test_a_contract_that_does_not_settle_stays_as_it_was_and_a_new_one_starts(self):
        rates = autoregressive(40, 3)
        rates[::4, 1], rates[:20, 2] = NAN, NAN
        state = funding_state(rates[:10])
        assert np.isnan(state.forecast(3)).tolist() == [False, False, True]
        for row in rates[10:]:
            state = state.update(row)
        np.testing.assert_allclose(state.forecast(3), funding_forecast(rates, 3), rtol=1e-12)

    def test_a_row_of_another_length_is_refused(self):
        with pytest.raises(ArgumentError, match="rates has 2 values where 3 are needed"):
            funding_state(autoregressive()).update([1e-4, 1e-4])


class TestGaps:
    def test_a_blank_is_no_settlement_whatever_the_others_do(self):
        rates = autoregressive()
        gaps = np.full((600, 3), NAN)
        gaps[1::2, 0], gaps[:300, 1], gaps[:, 2] = rates[:, 0], rates[:, 1], np.resize(rates[:, 2], 600)
        with pytest.warns(DataWarning, match="300 of 600 left out in column 1"):
            forecast = funding_forecast(gaps)
        np.testing.assert_allclose(forecast[:2], funding_forecast(rates)[:2], rtol=1e-14)

    @QUIET
    def test_a_contract_without_rates_is_missing_and_said(self):
        with pytest.warns(DataWarning, match="column 2 holds no rate, so its forecast is missing"):
            forecast = funding_forecast([[1e-4, NAN], [2e-4, NAN]])
        assert np.isnan(forecast).tolist() == [False, True]


SMALL_RATES = arrays(np.int64, st.tuples(st.integers(1, 90), st.integers(1, 3)), elements=st.integers(-200, 200)).map(
    lambda points: points * 1e-4
)


class TestInvariants:
    @given(SMALL_RATES, st.sampled_from([1e-4, 0.5, 100.0]))
    def test_scale_passes_through(self, rates, scale):
        np.testing.assert_allclose(
            funding_forecast(rates * scale), funding_forecast(rates) * scale, rtol=1e-9, atol=1e-12 * scale
        )

    @given(SMALL_RATES)
    def test_sign_passes_through(self, rates):
        np.testing.assert_array_equal(funding_forecast(-rates), -funding_forecast(rates))

    def test_a_shift_of_all_rates_shifts_the_forecast(self):
        rates = autoregressive()
        np.testing.assert_allclose(funding_forecast(rates + 0.01, 3), funding_forecast(rates, 3) + 0.03, rtol=1e-9)

    @given(SMALL_RATES)
    def test_each_contract_is_on_its_own(self, rates):
        together = funding_forecast(rates)
        alone = [funding_forecast(column)[0] for column in rates.T]
        np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)

    @given(SMALL_RATES, st.integers(1, 50))
    def test_the_mean_rate_expected_lies_between_level_and_last(self, rates, horizon):
        state = funding_state(rates)
        mean = state.forecast(horizon) / horizon
        low, high = np.minimum(state.level, state.last), np.maximum(state.level, state.last)
        assert ((mean >= low - 1e-15) & (mean <= high + 1e-15)).all()


class TestWalkForward:
    @pytest.mark.parametrize("horizon", [1, 5])
    def test_every_answer_knew_the_past_only(self, horizon):
        rates = autoregressive(120, 2)
        result = walk_forward(rates, horizon, first=30)
        errors = {rule: [] for rule in RULES}
        for now in range(29, 120 - horizon):
            paid = rates[now + 1 : now + 1 + horizon].sum(axis=0)
            errors["forecast"].append(funding_forecast(rates[: now + 1], horizon) - paid)
            errors["last"].append(horizon * rates[now] - paid)
            errors["mean"].append(horizon * rates[: now + 1].mean(axis=0) - paid)
        for row, rule in enumerate(RULES):
            wrong = np.array(errors[rule])
            assert result.forecasts.tolist() == [len(wrong)] * 2
            np.testing.assert_allclose(result.mean_absolute[row], np.abs(wrong).mean(axis=0), rtol=1e-9)
            np.testing.assert_allclose(result.root_mean_square[row], np.sqrt((wrong**2).mean(axis=0)), rtol=1e-9)

    def test_it_beats_both_rules_where_its_model_is_true(self):
        result = walk_forward(autoregressive(4_000, 3), 3, halflife=200)
        forecast, last, mean = result.root_mean_square
        assert (forecast < last).all()
        assert (forecast < mean).all()

    @QUIET
    def test_a_contract_with_too_short_a_history_has_no_error(self):
        rates = autoregressive(120, 2)
        rates[:60, 1] = NAN
        result = walk_forward(rates, 3)
        assert result.forecasts.tolist() == [28, 0]
        assert np.isnan(result.mean_absolute[:, 1]).all()
        assert np.isfinite(result.root_mean_square[:, 0]).all()


@pytest.mark.parametrize("answer", [funding_forecast, walk_forward])
@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"rates": [["x"]]}, ArgumentError, "rates must hold numbers"),
        ({"rates": [np.inf]}, ArgumentError, "rates is infinite in row 1"),
        ({"rates": [[NAN, NAN]]}, MissingDataError, "rates has too few complete rows, 0 where 1"),
        ({"horizon": 0}, ArgumentError, "horizon is 0; it must be at least 1"),
        ({"horizon": 2.5}, ArgumentError, "horizon is 2.5; it must be a whole number"),
        ({"horizon": "x"}, ArgumentError, "horizon must be a number"),
        ({"halflife": 0}, ArgumentError, "halflife is 0; it must be above 0"),
        ({"halflife": -21}, ArgumentError, "halflife is -21; it must be above 0"),
        ({"halflife": NAN}, ArgumentError, "halflife must be a finite number"),
    ],
)
def test_bad_input_is_refused_by_name(answer, changes, error, words):
    with pytest.raises(error, match=words):
        answer(**({"rates": autoregressive()} | changes))


def test_a_walk_longer_than_the_history_is_refused():
    with pytest.raises(MissingDataError, match="rates has too few complete rows, 92 where 93 are needed"):
        walk_forward(autoregressive(92), 3)
    with pytest.raises(ArgumentError, match="first is 0"):
        walk_forward(autoregressive(), 3, first=0)
    with pytest.raises(ArgumentError, match="settlements_per_year is -1"):
        annual_funding_forecast(autoregressive(), -1)
    with pytest.raises(ArgumentError, match="settlements_per_year must be one number"):
        annual_funding_forecast(autoregressive(), np.ones((2, 2)))
