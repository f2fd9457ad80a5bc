from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.verify.risk.concentration import concentration, correlations


@given(st.integers(1, 30), st.floats(1e-3, 1e3))
def test_equal_positions_that_move_apart_are_as_many_as_they_are(contracts: int, size: float) -> None:
    found = concentration(np.full(contracts, size), 0.09 * np.eye(contracts))
    assert found.effective_contracts == pytest.approx(contracts)
    assert found.largest_share == pytest.approx(1 / contracts)
    assert found.diversification == pytest.approx(math.sqrt(contracts))


def test_by_hand_with_a_short() -> None:
    # Gross 1.5, squares 1.25; alone 0.2 + 0.15 = 0.35; variance 0.04 + 0.0225 - 2 x 0.5 x 0.03.
    found = concentration([1.0, -0.5], [[0.04, 0.03], [0.03, 0.09]])
    assert found.effective_contracts == pytest.approx(1.8)
    assert (found.largest, found.largest_share) == (0, pytest.approx(2 / 3))
    assert found.diversification == pytest.approx(0.35 / math.sqrt(0.0325))


def test_an_empty_book_and_one_without_risk_have_no_figures() -> None:
    empty = concentration([0.0, 0.0], np.eye(2))
    assert empty.largest is None
    assert np.isnan([empty.effective_contracts, empty.largest_share, empty.diversification]).all()
    assert np.isnan(concentration([1.0, -1.0], np.ones((2, 2))).diversification)


def test_correlations_are_numpys_and_a_stablecoin_has_none() -> None:
    returns = np.random.default_rng(1).normal(size=(50, 3))
    np.testing.assert_allclose(correlations(np.cov(returns.T)), np.corrcoef(returns.T), rtol=1e-12)
    still = np.zeros((2, 2))
    still[0, 0] = 0.04
    found = correlations(still)
    assert found[0, 0] == 1.0
    assert np.isnan(found[1]).all()


def test_bad_input_is_named() -> None:
    with pytest.raises(MissingDataError, match="weights has no value at position 1"):
        concentration([np.nan, 1.0], np.eye(2))
    with pytest.raises(ArgumentError, match="covariance is 2 x 2 where 3 x 3"):
        concentration([1.0, 1.0, 1.0], np.eye(2))
    with pytest.raises(ArgumentError, match="covariance is not positive"):
        correlations([[0.04, 0.2], [0.2, 0.09]])
