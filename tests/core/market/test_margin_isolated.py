"""Isolated margin: the figures by hand, and that liquidation and bankruptcy are where they say."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.market.margin import cross_margin
from core.market.margin_isolated import isolated_margin


def test_the_figures_of_a_long_and_a_short():
    account = isolated_margin([2, -10], [90, 5.5], [100, 5], [30, 20], [0.01, 0.02], [20, 10], [0.5, 0])
    np.testing.assert_allclose(account.value, [200, -50])
    np.testing.assert_allclose(account.unrealised_pnl, [20, 5])
    np.testing.assert_allclose(account.equity, [50, 25])
    np.testing.assert_allclose(account.initial_margin, [10, 5])
    np.testing.assert_allclose(account.maintenance_margin, [1.5, 1])
    np.testing.assert_allclose(account.margin_ratio, [0.03, 0.04])
    np.testing.assert_allclose(account.headroom, [40, 20])
    # 30 + 2 (p - 90) = 0.02 p - 0.5 and 20 - 10 (p - 5.5) = 0.2 p.
    np.testing.assert_allclose(account.liquidation_price, [149.5 / 1.98, 75 / 10.2])
    np.testing.assert_allclose(account.bankruptcy_price, [75, 7.5])
    np.testing.assert_allclose(account.distance_to_liquidation, [1 - 149.5 / 198, 7.5 / 5.1 - 1])


def test_a_position_that_is_not_held_has_no_prices_and_owes_nothing():
    account = isolated_margin([0], [90], [100], [30], 0.01, 20, 0.5)
    assert (account.maintenance_margin, account.margin_ratio, account.equity) == (0, 0, 30)
    assert np.isnan([account.liquidation_price, account.bankruptcy_price, account.distance_to_liquidation]).all()


def test_a_position_that_is_not_held_needs_no_price():
    account = isolated_margin([1, 0], [90, np.nan], [100, np.nan], [30, 30])
    alone = isolated_margin([1], [90], [100], [30])
    assert (account.equity[0], account.liquidation_price[0]) == (alone.equity[0], alone.liquidation_price[0])
    assert account.maintenance_margin[1] == 0


def test_a_position_past_its_liquidation_has_no_distance_and_perhaps_no_equity():
    account = isolated_margin([1, 1], [100, 100], [90.5, 80], [10, 10])
    np.testing.assert_array_equal(account.distance_to_liquidation, [0, 0])
    np.testing.assert_allclose(account.margin_ratio, [0.905 / 0.5, np.inf])


def test_an_inverse_position_is_reckoned_in_coin():
    account = isolated_margin([100], [1e4], [1.25e4], [0.1], 0.01, 10, 0, "inverse", 100)
    np.testing.assert_allclose(account.value, [0.8])
    np.testing.assert_allclose(account.equity, [0.3])
    np.testing.assert_allclose(account.liquidation_price, [1e4 * 1.01 / 1.1])


def test_a_cross_account_of_one_contract_is_an_isolated_one():
    alone = isolated_margin([-3], [50], [55], [60], 0.02, 10, 0.4)
    shared = cross_margin([-3], [50], [55], 60, 0.02, 10, 0.4)
    for field in ("initial_margin", "maintenance_margin", "margin_ratio", "headroom", "distance_to_liquidation"):
        assert getattr(shared, field) == pytest.approx(getattr(alone, field)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantities": [1, np.nan]}, MissingDataError, "quantities has no value at position 2"),
        ({"entry_prices": [10]}, ArgumentError, "quantities has 2 rows and entry_prices has 1"),
        ({"entry_prices": [10, 0]}, ArgumentError, "entry_prices is 0"),
        ({"mark_prices": [10, np.nan]}, MissingDataError, "mark_prices has no value at position 2"),
        ({"collateral": [1, 0]}, ArgumentError, "collateral is 0 at position 2"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1"),
        ({"max_leverage": 0}, ArgumentError, "max_leverage is 0"),
        ({"maintenance_amounts": -1}, ArgumentError, "maintenance_amounts is -1"),
        ({"contract": "cubic"}, ArgumentError, "contract 'cubic'"),
        ({"multiplier": 0}, ArgumentError, "multiplier is 0"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantities": [1, 2], "entry_prices": [10, 20], "mark_prices": [10, 20], "collateral": [5, 5]}
    with pytest.raises(error, match=words):
        isolated_margin(**(fields | changes))
