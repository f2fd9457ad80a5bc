"""The funding forecast, walked forward over every settlement of eight coins, 2020 to June 2024: what is true of it."""

import numpy as np
import pandas as pd
import pytest

from core.estimate.funding.forecast import walk_forward

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


@pytest.fixture(scope="module")
def rates(shared_data):
    table = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    return table.pivot_table(index="timestamp", columns="symbol", values="funding_rate")


def errors(rates, horizon):
    """Mean absolute and root mean square error of forecast, last and mean, averaged over the coins."""
    result = walk_forward(rates.to_numpy(), horizon)
    assert result.forecasts.sum() == rates.notna().sum().sum() - 8 * (89 + horizon)
    return result.mean_absolute.mean(axis=1), result.root_mean_square.mean(axis=1)


@pytest.mark.parametrize(("horizon", "over_last", "over_mean"), [(1, 0.94, 0.59), (3, 0.89, 0.60), (21, 0.79, 0.78)])
def test_its_squared_error_is_below_that_of_both_rules(rates, horizon, over_last, over_mean):
    _, (forecast, last, mean) = errors(rates, horizon)
    assert forecast < over_last * last
    assert forecast < over_mean * mean


@pytest.mark.parametrize(("horizon", "over_last", "over_mean"), [(3, 0.98, 0.46), (21, 0.87, 0.56)])
def test_its_absolute_error_is_below_that_of_both_rules_over_a_day_and_a_week(rates, horizon, over_last, over_mean):
    (forecast, last, mean), _ = errors(rates, horizon)
    assert forecast < over_last * last
    assert forecast < over_mean * mean


def test_for_one_settlement_the_last_rate_has_the_smaller_absolute_error(rates):
    (forecast, last, mean), _ = errors(rates, 1)
    assert last < forecast < 1.02 * last
    assert forecast < 0.46 * mean


def test_a_week_of_sol_with_its_two_hour_settlements_is_where_it_does_not_win(rates):
    result = walk_forward(rates[["SOLUSDT"]].to_numpy(), 21)
    forecast, last, mean = result.root_mean_square[:, 0]
    assert mean < forecast < 1.03 * mean
    assert forecast < last


def test_the_answer_of_any_instant_is_that_of_the_wide_table(rates):
    """Rows in which only SOL settled are no settlements of the others."""
    alone = walk_forward(rates["BTCUSDT"].dropna().to_numpy(), 3)
    together = walk_forward(rates.to_numpy(), 3)
    column = rates.columns.get_loc("BTCUSDT")
    np.testing.assert_allclose(together.mean_absolute[:, column], alone.mean_absolute[:, 0], rtol=1e-12)
