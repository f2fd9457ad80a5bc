"""Pairs and lines: gaps cost only their own pair, and rounding is not read as movement."""

import numpy as np
import pytest

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.regression import pair, quotient

MARKET = np.array([0.01, -0.02, 0.03, 0.00, -0.01])
NAN = np.nan


def test_a_line_through_exact_points_has_their_slope():
    assets = np.column_stack([2 * MARKET + 0.5, -MARKET])
    np.testing.assert_allclose(pair(assets, MARKET).centred().slope(), [2, -1], rtol=1e-12)


def test_nothing_is_spread_over_contracts_when_nothing_is_missing():
    pairs = pair(np.ones((5, 3)), MARKET).centred()
    assert pairs.market.shape == pairs.weights.shape == (5, 1)


def test_a_gap_costs_no_other_contract_a_row():
    assets = np.column_stack([2 * MARKET, 3 * MARKET])
    assets[1, 0] = NAN
    with pytest.warns(DataWarning, match=r"^asset_returns: up to 1 of 5 rows .* \(most in column 1\)$"):
        pairs = pair(assets, MARKET)
    assert pairs.observations.tolist() == [4, 5]


def test_a_missing_market_costs_every_contract_that_row():
    market = np.where(np.arange(5) == 2, NAN, MARKET)
    with pytest.warns(DataWarning, match="^asset_returns: 1 of 5 rows dropped because a value is missing$"):
        pairs = pair(np.ones((5, 2)), market)
    assert pairs.observations.tolist() == [4, 4]


def test_a_constant_is_constant_whatever_its_rounding():
    constant = np.full(1000, 0.1)  # its mean is not exactly 0.1 in binary
    market = np.random.default_rng(1).normal(size=1000)
    pairs = pair(constant, market).centred()
    assert (pairs.assets == 0).all()
    assert pairs.slope()[0] == 0
    with pytest.raises(UndefinedError, match="market_returns are constant"):
        pair(market, constant).centred().slope()


def test_residuals_of_rounding_size_are_none():
    market = np.random.default_rng(2).normal(0, 0.01, 500)
    line = pair(1.1 * market + 0.003, market).centred()
    assert line.unexplained(line.slope())[0] == 0


def test_a_market_that_stands_still_over_one_pair_leaves_that_pair_missing():
    market = np.array([0.01, 0.01, 0.01, 0.05])
    assets = np.column_stack([[0.1, 0.2, 0.3, NAN], [0.1, 0.2, 0.3, 0.4]])
    with pytest.warns(DataWarning) as said:
        slopes = pair(assets, market).centred().slope()
    assert any("constant over the rows of column 1" in str(warning.message) for warning in said)
    assert np.isnan(slopes).tolist() == [True, False]


def test_just_enough_rows_are_enough():
    assets = np.column_stack([2 * MARKET, 3 * MARKET])
    assets[2:, 0] = NAN
    with pytest.warns(DataWarning) as said:
        slopes = pair(assets, MARKET, needed=2).centred().slope()
    np.testing.assert_allclose(slopes, [2, 3], rtol=1e-12)
    assert len(said) == 1


def test_too_few_rows_anywhere_are_refused():
    with pytest.raises(MissingDataError, match="asset_returns has too few complete rows, 1 where 2"):
        pair([[0.1], [NAN]], [0.1, 0.2])


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(ArgumentError, match="asset_returns has 2 rows and market_returns has 3"):
        pair([0.1, 0.2], [0.1, 0.2, 0.3])


def test_a_quotient_over_nothing_is_missing():
    np.testing.assert_array_equal(quotient(np.array([1.0, 1.0, 0.0]), np.array([2.0, 0.0, NAN])), [0.5, NAN, NAN])
