"""Volatility: definitions, the running form, invariants, gaps and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.covariance.methods import covariance
from core.estimate.volatility.garch import garch
from core.estimate.volatility.methods import METHODS, EwmaVariance, ewma_volatility, realised_variance, volatility

NAN = np.nan


def sample(rows=400, columns=3, seed=7):
    """Returns whose volatility wanders, so that there is something for a GARCH to find."""
    rng = np.random.default_rng(seed)
    swing = np.exp(0.5 * np.sin(np.linspace(0, 12, rows)))[:, np.newaxis]
    return swing * rng.standard_t(8, (rows, columns)) * np.linspace(0.005, 0.03, columns)


def test_sample_is_the_standard_deviation():
    np.testing.assert_allclose(volatility(sample(), "sample", 365), sample().std(axis=0, ddof=1) * 365**0.5, rtol=1e-13)


@pytest.mark.parametrize("halflife", [3, 30, 1000])
def test_ewma_is_the_root_of_the_diagonal_of_the_ewma_covariance(halflife):
    expected = np.sqrt(np.diag(covariance(sample(), "ewma", halflife=halflife)))
    np.testing.assert_allclose(volatility(sample(), "ewma", halflife=halflife), expected, rtol=1e-12)


def test_ewma_of_an_endless_halflife_is_the_sample():
    np.testing.assert_allclose(ewma_volatility(sample(), 1e12), volatility(sample()), rtol=1e-9)


def test_ewma_worked_by_hand():
    # Weights 1/2 and 1: mean 0.02, mean square deviation 2e-4, times 1 / (1 - 5/9).
    assert ewma_volatility([0.0, 0.03], halflife=1)[0] == pytest.approx((2e-4 / (4 / 9)) ** 0.5, rel=1e-14)


def test_garch_is_the_volatility_of_the_next_bar():
    np.testing.assert_array_equal(volatility(sample(), "garch", 8760), garch(sample(), 1, 8760).volatility_now)


def test_realised_variance_is_about_zero():
    assert realised_variance([0.01, -0.02, 0.03], 365)[0] == pytest.approx(365 * 14e-4 / 3, rel=1e-14)
    assert realised_variance([0.02])[0] == pytest.approx(4e-4)


@pytest.mark.parametrize("method", METHODS)
class TestEveryMethod:
    def test_a_year_is_so_many_bars(self, method):
        np.testing.assert_allclose(volatility(sample(), method, 8760), volatility(sample(), method) * 8760**0.5)

    @pytest.mark.parametrize("scale", [1e-6, -1.0, 1e4])
    def test_the_scale_and_the_sign_of_returns_pass_through(self, method, scale):
        np.testing.assert_allclose(
            volatility(sample() * scale, method), volatility(sample(), method) * abs(scale), rtol=1e-6
        )

    def test_a_shift_of_the_mean_does_not_matter(self, method):
        np.testing.assert_allclose(volatility(sample() + 0.25, method), volatility(sample(), method), rtol=1e-6)

    def test_the_order_of_contracts_does_not_matter(self, method):
        np.testing.assert_array_equal(volatility(sample()[:, ::-1], method), volatility(sample(), method)[::-1])

    def test_one_contract_is_a_column_of_many(self, method):
        assert volatility(sample()[:, 1], method)[0] == pytest.approx(volatility(sample(), method)[1], rel=1e-13)

    def test_the_input_is_left_as_it_was(self, method):
        returns = sample()
        volatility(returns, method)
        np.testing.assert_array_equal(returns, sample())


@pytest.mark.parametrize("method", ["sample", "ewma"])
def test_a_contract_that_never_moves_has_none(method):
    returns = sample()
    returns[:, 1] = 0.1
    assert volatility(returns, method)[1] == 0
    assert (volatility(returns, method)[[0, 2]] > 0).all()


def test_a_gap_is_left_out_for_its_contract_and_said():
    returns = sample()
    returns[[4, 9], 2] = NAN
    with pytest.warns(DataWarning, match=r"^returns: up to 2 of 400 rows dropped .* \(most in column 3\)$"):
        found = volatility(returns)
    np.testing.assert_allclose(found[:2], volatility(sample())[:2], rtol=1e-14)
    assert found[2] == pytest.approx(np.nanstd(returns[:, 2], ddof=1), rel=1e-13)


def test_a_contract_with_too_few_rows_is_missing_and_said():
    returns = sample()
    returns[1:, 0] = NAN
    with pytest.warns(DataWarning, match="column 1 has 1 values where 2 are needed"):
        assert np.isnan(volatility(returns)).tolist() == [True, False, False]
    returns[0, 0] = NAN
    with pytest.warns(DataWarning, match="column 1 has 0 values where 1 are needed"):
        assert np.isnan(realised_variance(returns)).tolist() == [True, False, False]


class TestRunning:
    @given(
        seed=st.integers(0, 10_000),
        halflife=st.floats(0.5, 500),
        rows=st.integers(3, 120),
        known=st.integers(2, 100),
        gaps=st.booleans(),
    )
    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    def test_bar_by_bar_is_the_whole_history(self, seed, halflife, rows, known, gaps):
        returns = sample(rows, 2, seed)
        known = min(known, rows - 1)
        if gaps:
            returns[known:, 0][np.random.default_rng(seed).random(rows - known) < 0.3] = NAN
        state = EwmaVariance.start(returns[:known], halflife)
        for bar in returns[known:]:
            state = state.update(bar)
        np.testing.assert_allclose(state.volatility(365), ewma_volatility(returns, halflife, 365), rtol=1e-12)

    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    def test_a_contract_listed_later_catches_up(self):
        returns = sample(60, 2)
        returns[:25, 1] = NAN
        for known in (20, 26):
            state = EwmaVariance.start(returns[:known], 10)
            assert np.isnan(state.volatility())[1]
            for bar in returns[known:]:
                state = state.update(bar)
            np.testing.assert_allclose(state.volatility(), ewma_volatility(returns, 10), rtol=1e-12)

    def test_a_bad_tick_that_has_faded_changes_nothing(self):
        returns = sample(3000, 1)
        hit = returns.copy()
        hit[0] = 1e8
        state = EwmaVariance.start(hit[:2], 10)
        for bar in hit[2:]:
            state = state.update(bar)
        np.testing.assert_allclose(state.volatility(), ewma_volatility(returns, 10), rtol=1e-12)

    def test_a_new_bar_leaves_the_old_state(self):
        state = EwmaVariance.start(sample(), 10)
        before = state.volatility()
        state.update([1.0, 2.0, 3.0])
        np.testing.assert_array_equal(state.volatility(), before)

    def test_a_bar_of_another_width_is_refused(self):
        with pytest.raises(ArgumentError, match="bar has 2 values where 3 are needed"):
            EwmaVariance.start(sample(), 10).update([0.1, 0.2])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"method": "garh"}, ArgumentError, r"method 'garh' is not known \(did you mean 'garch'\?\)"),
        ({"returns": [["x"]]}, ArgumentError, "returns must hold numbers"),
        ({"returns": [0.1, np.inf]}, ArgumentError, "returns is infinite in row 2"),
        ({"returns": [0.1]}, MissingDataError, "returns has too few complete rows, 1 where 2"),
        ({"returns": [NAN, NAN]}, MissingDataError, "returns has too few complete rows, 0 where 2"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"method": "ewma", "halflife": -1}, ArgumentError, "halflife is -1"),
        ({"method": "ewma", "halflife": 0.01}, ArgumentError, "halflife is so short that one row has all the weight"),
        ({"method": "garch"}, MissingDataError, "returns has too few complete rows, 3 where 50"),
        ({"method": "garch", "returns": [0.1] * 60}, UndefinedError, "returns: all values are the same"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        volatility(**({"returns": [0.1, 0.2, -0.1]} | arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"returns": [NAN]}, MissingDataError, "returns has too few complete rows, 0 where 1"),
        ({"periods_per_year": -1}, ArgumentError, "periods_per_year is -1"),
    ],
)
def test_bad_input_of_realised_variance_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        realised_variance(**({"returns": [0.1, 0.2, -0.1]} | arguments))
