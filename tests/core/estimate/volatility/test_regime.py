"""Volatility regimes: planted changes, the rule of the penalty, invariants, gaps and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.volatility.regime import variance_regimes

NAN = np.nan


def planted(seed=1, lengths=(300, 200, 400), levels=(0.01, 0.04, 0.02)):
    rng = np.random.default_rng(seed)
    return np.concatenate([level * rng.normal(size=length) for length, level in zip(lengths, levels, strict=True)])


def test_planted_changes_are_found():
    found = variance_regimes(planted())
    np.testing.assert_allclose(found.start_row, [1, 301, 501], atol=5)
    np.testing.assert_allclose(found.end_row, [300, 500, 900], atol=5)
    np.testing.assert_allclose(found.volatility, [0.01, 0.04, 0.02], rtol=0.15)


def test_the_regimes_are_the_rows_one_after_the_other():
    found = variance_regimes(planted())
    assert (found.start_row[0], found.end_row[-1]) == (1, 900)
    np.testing.assert_array_equal(found.start_row[1:], found.end_row[:-1] + 1)
    returns = planted()
    for start, end, level in zip(found.start_row, found.end_row, found.volatility, strict=True):
        assert level == pytest.approx(np.sqrt(np.mean(returns[start - 1 : end] ** 2)), rel=1e-12)


def test_asked_twice_it_says_the_same_to_the_last_bit():
    first, second = variance_regimes(planted()), variance_regimes(planted())
    for name, value in vars(first).items():
        np.testing.assert_array_equal(getattr(second, name), value)


def test_one_volatility_is_one_regime():
    for seed in range(8):
        assert len(variance_regimes(np.random.default_rng(seed).normal(size=3000)).volatility) == 1


class TestPenalty:
    def test_for_normal_returns_it_is_the_modified_bic(self):
        returns = np.where(np.arange(1000) % 2, 0.01, -0.01)  # kurtosis 1, below the normal 3
        assert variance_regimes(returns).penalty == pytest.approx(3 * np.log(1000))

    def test_fat_tails_make_it_dearer_by_half_of_their_kurtosis_less_one(self):
        returns = np.tile([0.01, -0.01, 0.01, -0.05], 250)
        squares = returns**2
        kurtosis = np.mean(squares**2) / np.mean(squares) ** 2
        found = variance_regimes(returns)
        assert found.penalty == pytest.approx(3 * np.log(1000) * (kurtosis - 1) / 2)
        assert kurtosis > 3

    def test_fat_tails_alone_are_no_regimes(self):
        fat = np.random.default_rng(3).standard_t(4, 4000)
        assert len(variance_regimes(fat, penalty=3 * np.log(4000)).volatility) > 1
        assert len(variance_regimes(fat).volatility) == 1

    def test_a_change_of_regime_does_not_pass_for_a_fat_tail(self):
        assert variance_regimes(planted()).penalty < 1.2 * 3 * np.log(900)

    def test_a_dearer_change_is_a_rarer_one(self):
        counts = [len(variance_regimes(planted(), 20, penalty).volatility) for penalty in (0, 5, 20, 100, 1e9)]
        assert counts == sorted(counts, reverse=True)
        assert counts[-1] == 1

    def test_a_price_that_is_given_is_used(self):
        assert variance_regimes(planted(), penalty=12.5).penalty == 12.5


@given(seed=st.integers(0, 1000), scale=st.sampled_from([1e-9, -1.0, 1e6]))
@settings(max_examples=25)
def test_neither_the_scale_nor_the_sign_of_returns_matters(seed, scale):
    plain, scaled = variance_regimes(planted(seed)), variance_regimes(planted(seed) * scale)
    np.testing.assert_array_equal(scaled.start_row, plain.start_row)
    np.testing.assert_allclose(scaled.volatility, plain.volatility * abs(scale), rtol=1e-10)


@given(seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_backwards_in_time_the_cost_is_the_same(seed):
    returns = planted(seed)
    ahead, back = variance_regimes(returns, 30, 20.0), variance_regimes(returns[::-1], 30, 20.0)
    np.testing.assert_array_equal(np.sort(901 - back.end_row), ahead.start_row)


def test_every_regime_has_its_fewest_rows():
    found = variance_regimes(planted(), min_size=150, penalty=0)
    assert (found.end_row - found.start_row + 1).min() >= 150


def test_a_bad_tick_moves_no_other_regime():
    returns = planted()
    hit = returns.copy()
    hit[700] = 1e8
    found, clean = variance_regimes(hit), variance_regimes(returns)
    np.testing.assert_array_equal(found.start_row[:3], clean.start_row)
    np.testing.assert_allclose(found.volatility[:2], clean.volatility[:2], rtol=1e-12)


def test_stale_prices_are_a_regime_of_none():
    returns = planted()
    returns[400:500] = 0.0
    found = variance_regimes(returns)
    stale = found.volatility == 0
    assert stale.sum() == 1
    assert (found.start_row[stale][0], found.end_row[stale][0]) == (401, 500)


def test_a_gap_is_left_out_and_the_rows_are_still_counted():
    returns = planted()
    with_gap = np.insert(returns, 100, [NAN] * 5)
    with pytest.warns(DataWarning, match="returns: 5 of 905 rows dropped"):
        found = variance_regimes(with_gap)
    plain = variance_regimes(returns)
    np.testing.assert_array_equal(found.start_row, plain.start_row + 5 * (plain.start_row > 100))
    np.testing.assert_array_equal(found.end_row, plain.end_row + 5)
    np.testing.assert_array_equal(found.volatility, plain.volatility)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"returns": [["x"] * 50]}, ArgumentError, "returns must hold numbers"),
        ({"returns": planted().reshape(-1, 2)}, ArgumentError, "returns must be one row or one column"),
        ({"returns": np.append(planted(), np.inf)}, ArgumentError, "returns is infinite at position 901"),
        ({"returns": planted()[:47]}, MissingDataError, "returns has too few complete rows, 47 where 48 are needed"),
        ({"returns": [NAN] * 60}, MissingDataError, "returns has too few complete rows, 0 where 48"),
        ({"returns": np.zeros(100)}, UndefinedError, "returns are all zero, so there are no regimes"),
        ({"min_size": 1}, ArgumentError, "min_size is 1; it must be at least 2"),
        ({"min_size": 20.5}, ArgumentError, "min_size is 20.5; it must be a whole number"),
        ({"min_size": 901}, MissingDataError, "returns has too few complete rows, 900 where 901"),
        ({"penalty": -1}, ArgumentError, "penalty is -1; it must be at least 0"),
        ({"penalty": np.inf}, ArgumentError, "penalty must be a finite number"),
    ],
)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        variance_regimes(**({"returns": planted()} | arguments))
