"""Variance risk premium and the tilt it gives: by hand, gaps, percent for decimals, bad input."""

import numpy as np
import pytest

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.estimate.premium.variance import tilt_expected_returns, variance_risk_premium

NAN = np.nan
RETURNS = np.array([[0.02, 0.04], [-0.01, 0.00], [0.03, -0.02]])


def test_implied_less_realised_by_hand():
    found = variance_risk_premium([0.8, 0.7], RETURNS, 365)
    np.testing.assert_allclose(found, [0.64 - 365 * 14e-4 / 3, 0.49 - 365 * 20e-4 / 3], rtol=1e-13)


def test_with_funding_the_realised_leg_is_net_of_it():
    funding = np.array([[0.01, 0.0], [0.0, 0.0], [-0.01, 0.0]])
    net = variance_risk_premium([0.8, 0.7], RETURNS, 365, funding)
    assert net[0] == pytest.approx(0.64 - 365 * (0.01**2 + 0.01**2 + 0.04**2) / 3, rel=1e-13)
    assert net[1] == variance_risk_premium([0.8, 0.7], RETURNS, 365)[1]


def test_one_implied_volatility_serves_all():
    np.testing.assert_array_equal(
        variance_risk_premium(0.8, RETURNS, 365), variance_risk_premium([0.8, 0.8], RETURNS, 365)
    )


@pytest.mark.parametrize("scale", [1e-4, 10.0])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_a_premium_is_a_variance(scale):
    np.testing.assert_allclose(
        variance_risk_premium([0.8 * scale, 0.7 * scale], RETURNS * scale, 365),
        scale**2 * variance_risk_premium([0.8, 0.7], RETURNS, 365),
        rtol=1e-12,
    )


def test_percent_for_decimals_is_said_and_used_as_it_stands():
    with pytest.warns(DataWarning, match=r"^implied_vol is 62.5 at position 2, which looks like percent; .*\(0.625\)$"):
        found = variance_risk_premium([0.8, 62.5], RETURNS, 365)
    assert found[1] > 3900


def test_five_hundred_percent_is_still_a_volatility():
    variance_risk_premium([5.0, 5.0], RETURNS, 365)


def test_a_contract_without_implied_volatility_is_missing_and_said():
    with pytest.warns(DataWarning, match="implied_vol is missing at position 1, so there is no result there"):
        found = variance_risk_premium([NAN, 0.7], RETURNS, 365)
    assert np.isnan(found).tolist() == [True, False]


def test_a_missing_return_is_left_out_and_said():
    returns = RETURNS.copy()
    returns[1, 0] = NAN
    with pytest.warns(DataWarning, match="returns: up to 1 of 3 rows dropped"):
        assert variance_risk_premium(0.8, returns)[0] == pytest.approx(0.64 - 13e-4 / 2)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"implied_vol": [0.6, -0.1]}, ArgumentError, "implied_vol is -0.1 at position 2; a volatility is not neg"),
        ({"implied_vol": [0.6] * 3}, ArgumentError, "implied_vol has 3 values where 2 are needed"),
        ({"implied_vol": NAN}, MissingDataError, "implied_vol is missing for every contract"),
        ({"implied_vol": np.inf}, ArgumentError, "implied_vol is infinite"),
        ({"returns": [[NAN, NAN]]}, MissingDataError, "returns has too few complete rows, 0 where 1"),
        ({"returns": [["x", 1]]}, ArgumentError, "returns must hold numbers"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"funding": [[0.0, 0.0]]}, ArgumentError, "funding is 1 x 2 where returns are 3 x 2"),
        ({"funding": [["x", 0.0]]}, ArgumentError, "funding must hold numbers"),
    ],
)
def test_bad_input_of_the_premium_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        variance_risk_premium(**({"implied_vol": 0.8, "returns": RETURNS} | arguments))


def test_the_tilt_by_hand():
    assert tilt_expected_returns([0.1, 0.2], [0.3, -0.5]).tolist() == pytest.approx([0.13, 0.15])
    assert tilt_expected_returns([0.1, 0.2], 0.3, 0.5).tolist() == pytest.approx([0.25, 0.35])
    assert tilt_expected_returns([0.1, 0.2], [0.3, 0.4], 0.0).tolist() == [0.1, 0.2]


def test_a_missing_premium_is_not_one_of_zero():
    with pytest.warns(DataWarning, match="vrp is missing at position 2"):
        assert np.isnan(tilt_expected_returns([0.1, 0.2], [0.3, NAN])).tolist() == [False, True]
    with pytest.warns(DataWarning, match="expected_returns is missing at position 1"):
        assert np.isnan(tilt_expected_returns([NAN, 0.2], [0.3, 0.4])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"expected_returns": ["x", 0.1]}, ArgumentError, "expected_returns must hold numbers"),
        ({"expected_returns": [NAN, NAN]}, MissingDataError, "expected_returns is missing for every"),
        ({"vrp": [0.1, 0.2, 0.3]}, ArgumentError, "vrp has 3 values where 2 are needed"),
        ({"vrp": [NAN, NAN]}, MissingDataError, "vrp is missing for every"),
        ({"coefficient": np.inf}, ArgumentError, "coefficient must be a finite number"),
    ],
)
def test_bad_input_of_the_tilt_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        tilt_expected_returns(**({"expected_returns": [0.1, 0.2], "vrp": [0.1, 0.2]} | arguments))
