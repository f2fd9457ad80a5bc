"""Scenarios: the return of each contract by hand, and bad input."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from tests.verify_by_parts import shocks

NAN = np.nan


def returns(*arguments, **more):
    return shocks(*arguments, **more).returns


def test_each_part_of_the_formula():
    np.testing.assert_allclose(returns([1, 1], [1, 2], [-0.1, 0.2]), [[-0.1, -0.2], [0.2, 0.4]])
    np.testing.assert_allclose(returns([1, 1], [1, 2], [-0.1, 0.2], beta_shift=[0.5, 0]), [[-0.15, -0.25], [0.2, 0.4]])
    moved = returns([1, 1], [1, 2], [-0.1, 0], idiosyncratic=[0.01, -0.02], volatility_multiplier=[1, 3])
    np.testing.assert_allclose(moved, [[-0.09, -0.22], [0.03, -0.06]])


def test_with_correlation_at_one_each_moves_by_its_own_volatility():
    """beta = rho sigma / sigma_m: at rho = 1 it is the ratio of volatilities, whatever the sign and size of beta."""
    ratios = [1.5, 3.0]
    np.testing.assert_allclose(
        returns([1, 1], [0.9, -1], [-0.1] * 3, correlation_shock=[0, 0.5, 1], volatility_ratios=ratios),
        [[-0.09, 0.1], [-0.12, -0.1], [-0.15, -0.3]],
    )


def test_no_price_falls_below_zero():
    np.testing.assert_allclose(returns([1, 1], [3, 1], [-0.5]), [[-1, -0.5]])


def test_an_override_replaces_all_of_it():
    moved = returns([1, 1], [1, 1], [-0.1, -0.1], 0, 0.5, 0.3, [[NAN, -0.99], [0.3, NAN]])
    np.testing.assert_allclose(moved, [[0.15, -0.99], [0.3, 0.15]])


def test_a_beta_that_no_scenario_needs_may_be_missing():
    given = [[NAN, -0.2], [NAN, -0.3]]
    np.testing.assert_allclose(returns([1, 1], [1, NAN], [-0.1, -0.2], overrides=given), [[-0.1, -0.2], [-0.2, -0.3]])
    with pytest.raises(MissingDataError, match="betas has no value at position 2"):
        shocks([1, 1], [1, NAN], [-0.1, -0.2], overrides=[[NAN, -0.2], [NAN, NAN]])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"correlation_shock": 1.5}, ArgumentError, "correlation_shock is 1.5 at position 1; it must be at most 1"),
        ({"correlation_shock": 1}, ArgumentError, "correlation_shock needs volatility_ratios"),
        (
            {"correlation_shock": 1, "volatility_ratios": [1, -1]},
            ArgumentError,
            "volatility_ratios is -1 at position 2",
        ),
        ({"correlation_shock": 1, "volatility_ratios": [1, NAN]}, MissingDataError, "volatility_ratios has no value"),
        ({"volatility_multiplier": -1}, ArgumentError, "volatility_multiplier is -1"),
        ({"volatility_multiplier": [1, 1, 1]}, ArgumentError, "volatility_multiplier has 3 values where 2"),
        ({"idiosyncratic": NAN}, MissingDataError, "idiosyncratic has no value"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    with pytest.raises(error, match=words):
        shocks(**({"quantities": [1, 2], "betas": [1, 1], "market_shocks": [-0.1, 0.1]} | changes))


def test_a_shift_for_each_shock_is_asked_for_in_these_words():
    with pytest.raises(ArgumentError, match="beta_shift has 3 values where 2 are needed, one for each shock"):
        shocks([1.0], [1.0], [-0.1, 0.1], beta_shift=[0.1, 0.2, 0.3])
