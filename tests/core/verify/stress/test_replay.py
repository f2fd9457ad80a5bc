"""Replay of a stretch of history: marking and funding by hand, liquidation times, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.market.tiers import Tiers
from tests.verify_by_parts import replay

NAN = np.nan


def test_marking_and_funding_by_hand():
    history = [[100, 10], [90, 11], [95, 12]]
    funding = [[0.5, 0.5], [0.01, NAN], [NAN, -0.02]]  # that of the first row is before the start
    result = replay([2, -5], [100, 10], 100, history, funding=funding)
    np.testing.assert_allclose(result.contract_pnl, [[0, 0], [-20, -5], [-10, -10]])
    # The long pays 180 x 1 % in the first hour; the short of 60 pays as well, for the rate is negative.
    np.testing.assert_allclose(result.contract_funding, [[0, 0], [-1.8, 0], [-1.8, -1.2]])
    np.testing.assert_allclose(result.marked_equity, [100, 100 - 25 - 1.8, 100 - 20 - 3])
    np.testing.assert_allclose(result.equity, result.marked_equity)
    np.testing.assert_allclose(result.maintenance, [2.5, 0.01 * (180 + 55), 0.01 * (190 + 60)])
    np.testing.assert_allclose(result.margin_ratio, result.maintenance / result.equity)
    assert (result.pnl, result.lowest_row, result.order) == (pytest.approx(-23), 1, ())
    assert np.isnan(result.liquidated_row).all()


def test_only_the_growth_of_the_history_counts():
    here = replay([2], [100], 50, [[100], [80], [90]])
    there = replay([2], [100], 50, [[0.5], [0.4], [0.45]])
    np.testing.assert_allclose(here.equity, there.equity, rtol=1e-12)


def test_the_exchange_steps_in_and_the_marked_book_goes_on():
    result = replay([2, 1], [100, 100], 50, [[100, 100], [74, 100], [60, 110], [150, 70]])
    # At 74 the first has lost 52 > 50: it is closed, and the second, with less than nothing left, as well.
    np.testing.assert_allclose(result.equity, [50, -2, -2, -2])
    np.testing.assert_allclose(result.marked_equity, [50, -2, -20, 120])
    np.testing.assert_allclose(result.margin_ratio, [0.06, 0, 0, 0])
    assert result.order == (1, 2)
    np.testing.assert_array_equal(result.liquidated_row, [1, 1])


def test_the_row_of_a_partial_liquidation_is_that_of_the_first_part():
    tiers = Tiers.from_rows(((0, 150, 0.01, 0, 50), (150, 1e6, 0.2, 28.5, 5)))
    result = replay([2], [100], 20, [[100], [98], [95], [20]], tiers=tiers)
    # Maintenance 0.2 x 196 - 28.5 = 10.7 with 16 left; 9.5 with 10 left; then 12 lost on 2 x 75: all goes.
    assert result.order == (1,)
    np.testing.assert_array_equal(result.liquidated_row, [3])
    dearer = replay([2], [100], 14, [[100], [98], [95], [20]], tiers=tiers)
    np.testing.assert_array_equal(dearer.liquidated_row, [1])  # 10 left < 10.7: down to 150
    np.testing.assert_allclose(dearer.maintenance[1], 1.5)


def test_a_stopped_position_is_not_liquidated():
    result = replay([2, 1], [100, 100], 200, [[100, 100], [80, 100], [70, 100]], stops=[90, NAN])
    np.testing.assert_allclose(result.equity, [200, 180, 180])
    np.testing.assert_allclose(result.marked_equity, [200, 160, 140])
    assert result.order == ()
    assert np.isnan(result.liquidated_row).all()


def test_a_contract_that_is_not_held_needs_nothing():
    result = replay([2, 0], [100, NAN], 200, [[100, NAN], [90, NAN]], funding=[[NAN, NAN], [NAN, 0.1]])
    np.testing.assert_allclose(result.equity, [200, 180])


def test_an_inverse_contract_pays_funding_on_its_contracts():
    result = replay([100], [50], 200, [[50], [40]], funding=[[0], [0.01]], inverse=[True])
    np.testing.assert_allclose(result.contract_pnl[:, 0], [0, 100 * (40 / 50 - 1)])
    np.testing.assert_allclose(result.contract_funding[:, 0], [0, -1])


@given(st.integers(0, 500))
def test_without_liquidation_the_replay_is_the_marked_book(seed):
    rng = np.random.default_rng(seed)
    history = 100 * np.cumprod(1 + rng.normal(0, 0.02, (30, 4)), axis=0)
    funding = np.where(rng.random((30, 4)) < 0.2, rng.normal(0, 0.001, (30, 4)), NAN)
    result = replay(rng.normal(0, 1, 4), history[0], 1e4, history, funding=funding)
    np.testing.assert_allclose(result.equity, result.marked_equity, rtol=1e-12)
    assert result.order == ()


@pytest.mark.parametrize(
    ("changed", "error", "reason"),
    [
        ({"history": [[1.0, 1.0]]}, MissingDataError, "history has too few complete rows, 1 where 2"),
        ({"history": [[1.0], [2.0]]}, ArgumentError, "history has 1 columns where 2 are needed"),
        ({"history": [[1.0, NAN], [1.0, 2.0]]}, MissingDataError, "history has no value at row 1, column 2"),
        ({"history": [[1.0, 0.0], [1.0, 2.0]]}, ArgumentError, "history is 0 at row 1, column 2"),
        ({"funding": [[0.1, 0.1]]}, ArgumentError, "history has 2 rows and funding has 1"),
        ({"funding": [[0.1], [0.1]]}, ArgumentError, "funding has 1 columns where history has 2"),
        ({"prices": [1.0, NAN]}, MissingDataError, "prices"),
        ({"equity": 0.0}, ArgumentError, "equity is 0"),
        ({"maintenance_rates": 1.0}, ArgumentError, "maintenance_rates is 1"),
    ],
)
def test_bad_input(changed, error, reason):
    good = {"quantities": [1, 1], "prices": [1, 1], "equity": 10, "history": [[1.0, 1.0], [1.0, 2.0]]}
    with pytest.raises(error, match=reason):
        replay(**{**good, **changed})
