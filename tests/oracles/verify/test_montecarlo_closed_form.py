"""Monte Carlo against what is known in closed form, and against all windows of a real history.

Independent normal log returns of one contract make prices a random walk, for which the loss at the horizon is lognormal
and the lowest price on the way follows the reflection principle,

    P(min of n bars of log price <= b) = 2 Phi(b' / (sigma sqrt n))        b' = b - 0.5826 sigma

where the shift by 0.5826 = -zeta(1/2) / sqrt(2 pi) bars' deviations corrects for looking once a bar only.

Source: Broadie, Glasserman and Kou (1997), "A Continuity Correction for Discrete Barrier Options".
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.verify_by_parts import monte_carlo, worst_windows

SIGMA, BARS, PATHS, RATE, EQUITY = 0.01, 400, 40_000, 0.01, 20.0
SPREAD, SHIFT = SIGMA * np.sqrt(BARS), 0.5826 * SIGMA
NORMAL = stats.norm


@pytest.fixture(scope="module")
def walk():
    shares = (np.arange(10_000) + 0.5) / 10_000
    returns = np.expm1(SIGMA * NORMAL.ppf(shares))
    return monte_carlo([1], [100], EQUITY, returns, PATHS, BARS, maintenance_rates=RATE, block_length=1)


@pytest.mark.parametrize("level", [95, 99])
def test_value_at_risk_and_shortfall_are_those_of_a_lognormal_price(walk, level):
    tail = 1 - level / 100
    quantile = NORMAL.ppf(tail)
    var = -100 * np.expm1(quantile * SPREAD)
    es = 100 * (1 - np.exp(SPREAD**2 / 2) * NORMAL.cdf(quantile - SPREAD) / tail)
    for name, expected in ((f"var_{level}", var), (f"es_{level}", es)):
        assert abs(getattr(walk.figures, name) - expected) < 3.5 * getattr(walk.standard_errors, name)
        assert getattr(walk.standard_errors, name) < 0.01 * expected


def test_the_probability_of_liquidation_is_that_of_reaching_its_price(walk):
    # 20 + 100 (x - 1) = 0.01 x 100 x at x = 80 / 99.
    barrier = np.log((100 - EQUITY) / (100 * (1 - RATE)))
    expected = 2 * NORMAL.cdf((barrier - SHIFT) / SPREAD)
    error = walk.standard_errors.probability_of_liquidation
    assert 0.2 < expected < 0.3
    assert abs(walk.figures.probability_of_liquidation - expected) < 3.5 * error


def test_capital_for_99_stands_where_one_path_in_a_hundred_comes(walk):
    lowest = np.exp(NORMAL.ppf(0.005) * SPREAD + SHIFT)
    expected = 100 * (1 - (1 - RATE) * lowest)
    assert abs(walk.figures.capital_for_99 - expected) < 3.5 * walk.standard_errors.capital_for_99


def test_endless_blocks_are_historical_simulation(shared_data):
    """Paths are then windows of the history: the figures are those of all windows, which `worst_windows` ranks."""
    folder = shared_data / "perp_1h"
    names = ("BTC", "ETH", "SOL")
    tables = [pd.read_parquet(folder / f"{name}USDT_binance_1h.parquet", columns=["open"]) for name in names]
    prices = pd.concat(tables, axis=1).loc["2022-05":"2022-12"].to_numpy()
    quantities, now = 100_000 / prices[-1], prices[-1]
    returns = prices[1:] / prices[:-1] - 1
    drawn = monte_carlo(quantities, now, 100_000, returns, 20_000, 24, block_length=1e15, maintenance_rates=RATE)

    # Every row is as likely a start, and the first row follows the last.
    around = np.concatenate([returns, returns[:23]])
    growth = np.prod(1 + np.lib.stride_tricks.sliding_window_view(around, 24, axis=0), axis=2)
    losses = -(quantities * now * (growth - 1)).sum(axis=1)
    for level, name in ((0.95, "var_95"), (0.99, "var_99")):
        error = 4 * np.sqrt(level * (1 - level) / 20_000)
        low, high = np.quantile(losses, [level - error, level + error])
        assert low <= getattr(drawn.figures, name) <= high

    ranked = worst_windows(quantities, now, 100_000, prices, 24, 1, RATE)
    assert -drawn.pnl.min() == pytest.approx(losses.max(), rel=1e-9)
    assert -ranked.pnl[0] == pytest.approx(losses.max(), rel=1e-9)
