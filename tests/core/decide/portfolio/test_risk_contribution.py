from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.portfolio.risk_contribution import risk_contribution
from core.errors import ArgumentError, MissingDataError, UndefinedError

COVARIANCE = [[0.04, 0.01], [0.01, 0.09]]


def test_by_hand() -> None:
    # Marginals 0.5 (0.05, 0.10): contributions 0.0125 and 0.025 of 0.0375.
    assert risk_contribution([0.5, 0.5], COVARIANCE) == pytest.approx([1 / 3, 2 / 3])


def test_uncorrelated_contracts_share_by_their_own_variance() -> None:
    assert risk_contribution([3, -1], np.diag([0.04, 0.09])) == pytest.approx([0.36 / 0.45, 0.09 / 0.45])


def test_inverse_volatility_is_risk_parity_without_correlation() -> None:
    volatilities = np.array([0.2, 0.5, 1.0])
    assert risk_contribution(1 / volatilities, np.diag(volatilities**2)) == pytest.approx([1 / 3] * 3)


def test_a_hedge_brings_less_than_nothing() -> None:
    shares = risk_contribution([1.0, -0.3], [[0.04, 0.03], [0.03, 0.04]])
    assert shares[1] < 0
    assert shares.sum() == pytest.approx(1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.floats(1e-6, 1e6), st.floats(1e-9, 1e3))
def test_shares_sum_to_one_whatever_the_units(seed: int, n: int, size: float, unit: float) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n + 2, n))
    covariance, weights = root.T @ root, rng.normal(size=n)
    shares = risk_contribution(weights, covariance)
    assert shares.sum() == pytest.approx(1)
    assert risk_contribution(size * weights, unit * covariance) == pytest.approx(shares, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_it_is_the_weight_times_the_slope_of_volatility(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root, weights = rng.normal(size=(8, 4)), rng.normal(size=4)
    covariance = root.T @ root

    def volatility(w: np.ndarray) -> float:
        return float(np.sqrt(w @ covariance @ w))

    step = 1e-6 * np.eye(4)
    slopes = [(volatility(weights + s) - volatility(weights - s)) / 2e-6 for s in step]
    assert risk_contribution(weights, covariance) == pytest.approx(weights * slopes / volatility(weights), abs=1e-6)


@pytest.mark.parametrize(
    ("weights", "covariance"),
    [([0, 0], COVARIANCE), ([1, 1], np.zeros((2, 2))), ([0.3, -0.1], [[0.01, 0.03], [0.03, 0.09]])],
)
def test_without_variance_there_is_nothing_to_share(weights: list, covariance: list) -> None:
    with pytest.raises(UndefinedError, match="without variance"):
        risk_contribution(weights, covariance)


@pytest.mark.parametrize(
    ("weights", "covariance", "error", "message"),
    [
        ([0.5, np.nan], COVARIANCE, MissingDataError, "weights has no value at position 2"),
        (["x", 1], COVARIANCE, ArgumentError, "weights must hold numbers"),
        ([1, 1, 1], COVARIANCE, ArgumentError, "covariance is 2 x 2 where 3 x 3"),
        ([1, 1], [[0.04, 0.01], [0.02, 0.09]], ArgumentError, "covariance is not symmetric"),
        ([1, 1], [[0.04, 0.2], [0.2, 0.09]], ArgumentError, "covariance is not positive"),
        ([1, 1], [[0.04, np.nan], [0.01, 0.09]], MissingDataError, "covariance has no value at row 1, column 2"),
    ],
)
def test_bad_input_is_named(weights: list, covariance: list, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        risk_contribution(weights, covariance)
