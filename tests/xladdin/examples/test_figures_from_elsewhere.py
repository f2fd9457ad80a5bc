"""What the examples must show, worked out a second time: by hand, by published figures, by numpy and plain loops.

The functions that are not here are held to libraries and published figures in `tests/oracles` and `tests/core`; what an
example adds is which cells go in, and that is what these figures see too.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from xladdin.examples.collected import example_of
from xladdin.examples.past import Past, history

YEAR = 365
DAILY = np.array(Past("Daily", "BTC return", "SOL return", start=1).rows)
BTC, ETH, SOL = DAILY.T
HOURLY = np.array(Past("Hourly", "BTC close", "ETH close").rows)
RATES = np.array(Past("Funding", "BTC rate", "SOL rate").rows)
COVARIANCE = np.array([[0.2025, 0.2079, 0.2520], [0.2079, 0.3025, 0.3036], [0.2520, 0.3036, 0.6400]])
EXPECTED = np.array([0.12, 0.15, 0.20])
HELD, PRICES, BETAS, EQUITY = np.array([0.5, 8, 150]), np.array([60_000, 3_000, 150]), np.array([1, 0.95, 1.42]), 20_000


def shown(function: str) -> list[list[float | str]]:
    example = example_of(function)
    assert example is not None
    return [list(row) for row in example.answer().rows]


def labelled(function: str, column: int = 1) -> dict[str, float]:
    return {str(row[0]): row[column] for row in shown(function)[1:]}


def slope(asset: np.ndarray, market: np.ndarray) -> float:
    return float(np.polyfit(market, asset, 1)[0])


def rolling() -> list[list[float]]:
    return [[slope(asset[i - 10 : i], BTC[i - 10 : i]) for asset in (ETH, SOL)] for i in range(10, 17)]


def true_range() -> float:
    high, low, close = (np.array(Past("QQQ", name, name).rows)[:, 0] for name in ("High", "Low", "Close"))
    before = np.concatenate([[np.nan], close[:-1]])
    ranges = np.nanmax([high - low, abs(high - before), abs(low - before)], axis=0)
    average = float(np.mean(ranges[:14]))
    for each in ranges[14:]:
        average = (average * 13 + each) / 14
    return average


def total_returns() -> np.ndarray:
    closes = np.array(Past("Daily", "BTC close", "SOL close", count=8).rows)
    funding = np.array(Past("Daily", "BTC funding", "SOL funding", count=8).rows, dtype=float)
    return closes[1:] / closes[:-1] - 1 - funding[1:]


ROWS: dict[str, Callable[[], object]] = {
    "PERP_RETURNS": total_returns,
    "PERP_FUNDING_ANNUAL": lambda: [RATES.mean(axis=0) * 3 * YEAR],
    "PERP_BETA": lambda: [[slope(ETH, BTC), slope(SOL, BTC)]],
    "PERP_BETA_PORTFOLIO": lambda: [[1.2]],
    "PERP_CAPM_RETURN": lambda: [[0.12, 0.148]],
    "PERP_VRP": lambda: [np.array([0.55, 0.65, 0.90]) ** 2 - (DAILY**2).mean(axis=0) * YEAR],
    "PERP_LEVERAGE": lambda: [[0.5, 3.0]],
    "PERP_SIZE_VOL": lambda: [[1.66, 100.0]],
    "PERP_SIZE_ATR": lambda: [[625.0]],
    "PERP_RISK_CONTRIBUTION": lambda: [[1 / 3, 2 / 3]],
    "PERP_OVERLAY": lambda: [[0.45, 0.40, 0.15]],
    "PERP_TILT": lambda: [[0.125, 0.148, 0.21]],
    "PERP_HEDGE_BAND": lambda: [[1.0]],
    "PERP_SHARPE": lambda: [(DAILY.mean(axis=0) - 0.04 / YEAR) / DAILY.std(axis=0, ddof=1) * math.sqrt(YEAR)],
}


@pytest.mark.parametrize("function", ROWS)
def test_a_row_or_a_block(function: str) -> None:
    np.testing.assert_allclose(np.array(shown(function), dtype=float), np.array(ROWS[function]()), rtol=1e-9)


def test_the_published_liquidation_prices_of_binance() -> None:
    assert shown("PERP_LIQUIDATION")[0][0] == pytest.approx(18_778.73, abs=0.005)
    assert shown("PERP_LIQUIDATION_CROSS")[0] == pytest.approx([26_316.89, 1_153.26], abs=0.005)


def test_the_published_sheet_of_true_ranges() -> None:
    column = [row[0] for row in shown("PERP_ATR")]
    assert column[:13] == ["#N/A"] * 13
    published = [0.56, 0.59, 0.59, 0.57, 0.62, 0.62, 0.64, 0.67, 0.69, 0.78, 0.78, 1.21, 1.30, 1.38, 1.37, 1.34, 1.32]
    assert column[13:] == pytest.approx(published, abs=0.006)
    assert column[-1] == pytest.approx(true_range(), rel=1e-12)


def test_rolling_betas() -> None:
    rows = shown("PERP_BETA_ROLLING")
    assert rows[:9] == [["#N/A", "#N/A"]] * 9
    np.testing.assert_allclose(np.array(rows[9:], dtype=float), rolling(), rtol=1e-9)


def test_resampled_closes() -> None:
    rows = np.array(shown("PERP_RESAMPLE"), dtype=float)
    np.testing.assert_array_equal(rows[:, 1:], HOURLY[[0, 8, 16, 24]])
    times = history("Hourly").series[0].values
    np.testing.assert_allclose(rows[:, 0], times[[0, 8, 16, 24]], rtol=0, atol=1e-9)


def test_capm_by_a_regression() -> None:
    table, excess = labelled("PERP_CAPM", 2), BTC - 0.04 / YEAR
    beta = slope(SOL, BTC)
    alpha = (SOL.mean() - 0.04 / YEAR - beta * excess.mean()) * YEAR
    assert (table["beta"], table["alpha"]) == pytest.approx((beta, alpha), rel=1e-9)
    assert table["expected_return"] == pytest.approx(0.04 + beta * excess.mean() * YEAR, rel=1e-9)
    assert table["r_squared"] == pytest.approx(np.corrcoef(SOL, BTC)[0, 1] ** 2, rel=1e-9)
    premium = shown("PERP_CAPM_PREMIUM")[1:]
    wanted = [[0.12, 0.148], [0.04, -0.018], [0.22, 0.1], [1, 0]]
    assert [row[1:] for row in premium] == [pytest.approx(row) for row in wanted]


def test_two_factors_by_least_squares() -> None:
    table = labelled("PERP_BETA_FACTORS")
    solution = np.linalg.lstsq(np.column_stack([np.ones(len(SOL)), BTC, ETH]), SOL, rcond=None)[0]
    assert [table["alpha"], table["beta_1"], table["beta_2"]] == pytest.approx(solution, rel=1e-8)


def test_the_mean_loss_of_the_worst_days_and_who_brings_it() -> None:
    weights, rows = np.array([0.6, 0.3, -0.2]), shown("PERP_VAR")
    losses = sorted(zip((-DAILY @ weights).tolist(), (-DAILY * weights).tolist(), strict=True), reverse=True)
    beyond = 0.05 * len(DAILY)
    counted = [min(max(beyond - place, 0.0), 1.0) for place in range(len(DAILY))]
    parts = sum(count * np.array(each) for count, (_, each) in zip(counted, losses, strict=True)) / beyond
    assert [row[3] for row in rows[1:4]] == pytest.approx(parts.tolist(), rel=1e-9)
    assert rows[4] == ["total", pytest.approx(0.7), "", pytest.approx(float(parts.sum())), 1.0]


def test_margin_and_tiers_by_hand() -> None:
    table = labelled("PERP_MARGIN")
    wanted = {"gross": 150_000, "net": 30_000, "leverage": 7.5, "initial_margin": 7_500, "maintenance_margin": 1_500}
    assert {name: table[name] for name in wanted} == pytest.approx(wanted)
    assert (table["margin_ratio"], table["headroom"]) == pytest.approx((0.075, 12_500))
    tiers = [row[1:] for row in shown("PERP_TIER")[1:]]
    assert tiers == [[0.005, 0.01], [50.0, 1_300.0], [100.0, 50.0]]


def test_the_optimum_has_the_largest_sharpe_ratio_of_a_fine_grid() -> None:
    best = np.array(shown("PERP_OPTIMIZE")[0], dtype=float)
    steps = np.arange(0, 0.6001, 0.005)
    grid = np.array([(a, b, 1 - a - b) for a in steps for b in steps if 0 <= 1 - a - b <= 0.6])

    def sharpe(weights: np.ndarray) -> np.ndarray:
        risk = np.sqrt(np.einsum("...i,ij,...j", weights, COVARIANCE, weights))
        return np.asarray((weights @ EXPECTED - 0.04) / risk)

    assert best.sum() == pytest.approx(1)
    assert sharpe(best) >= sharpe(grid).max() - 1e-12
    assert sharpe(best) == pytest.approx(sharpe(grid).max(), rel=1e-4)


def test_the_frontier_is_equally_spaced_and_nothing_of_a_grid_is_below_it() -> None:
    points = np.array(shown("PERP_FRONTIER")[1:], dtype=float)
    np.testing.assert_allclose(np.diff(points[:, 0], 2), 0, atol=1e-12)
    steps = np.arange(0, 0.6001, 0.01)
    grid = np.array([(a, b, 1 - a - b) for a in steps for b in steps if 0 <= 1 - a - b <= 0.6])
    returns, risks = grid @ EXPECTED, np.sqrt(np.einsum("ki,ij,kj->k", grid, COVARIANCE, grid))
    for wanted, risk, *_ in points:
        assert risk <= risks[returns >= wanted - 1e-12].min() + 1e-12


def test_hedges_by_hand() -> None:
    row = shown("PERP_HEDGE")[1]
    sold = -0.3 * 100e6 / 0.9
    assert row == pytest.approx([1, sold, sold / 50_000, -sold * 5e-4, 1.4, 1.1])
    rows = shown("PERP_HEDGE_FACTORS")
    assert [rows[1][1], rows[2][1]] == pytest.approx([-60_000, -20_000])
    assert [row[1:] for row in rows[4:]] == [pytest.approx([1, 0], abs=1e-9), pytest.approx([0.2, 0], abs=1e-9)]


def test_stress_by_hand() -> None:
    notionals = HELD * PRICES
    for shock, pnl, funding, equity, *_ in shown("PERP_STRESS")[1:]:
        assert pnl == pytest.approx(float(notionals @ BETAS * shock))
        assert funding == pytest.approx(-0.001 * notionals.sum())
        assert equity == pytest.approx(EQUITY + pnl + funding)
    table = shown("PERP_STRESS_REVERSE")
    move = table[1][1]
    at_move = PRICES * (1 + BETAS * move)
    assert EQUITY + float(HELD @ (at_move - PRICES)) == pytest.approx(0.01 * float(HELD @ at_move))
    assert table[2][1:] == pytest.approx(list(at_move))


def test_the_worst_windows_by_a_loop() -> None:
    closes = np.array(Past("Daily", "BTC close", "SOL close").rows)
    outcomes = sorted((float(HELD * PRICES @ (closes[i + 2] / closes[i] - 1)), i + 1) for i in range(len(closes) - 2))
    first = shown("PERP_STRESS_HISTORY")[1]
    assert (first[3], first[1]) == pytest.approx(outcomes[0])
    assert first[4] == pytest.approx(EQUITY + outcomes[0][0])


def test_drawdown_by_a_loop() -> None:
    wealth = np.vstack([np.ones(3), np.cumprod(1 + DAILY, axis=0)])
    falls = 1 - wealth / np.maximum.accumulate(wealth)
    assert shown("PERP_DRAWDOWN")[1][1:] == pytest.approx(list(falls.max(axis=0)))
    assert shown("PERP_DRAWDOWN")[3][1:] == list(falls.argmax(axis=0))


def test_parts_that_must_sum() -> None:
    table = labelled("PERP_ATTRIBUTION")
    parts = [table[name] for name in ("beta_part", "alpha_part", "funding_part", "cost_part")]
    assert sum(parts) == pytest.approx(table["total"], abs=1e-14) == float(np.prod(1 + SOL) - 1)
    table = labelled("PERP_BACKTEST")
    parts = [-table[name] for name in ("funding_paid", "costs", "liquidation_loss")]
    assert table["price_pnl"] + sum(parts) == pytest.approx(table["total_return"], abs=1e-14)
    path = np.array(shown("PERP_BACKTEST_PATH"), dtype=float)
    assert (path[:30] == [1, 0, 0, 0]).all()
    assert path[30:, 1:].sum(axis=1) == pytest.approx(1, abs=0.05)


def test_a_covariance_that_keeps_the_variances_of_the_rows() -> None:
    matrix = np.array(shown("PERP_COV"), dtype=float)
    np.testing.assert_allclose(np.diag(matrix), DAILY.var(axis=0, ddof=1) * YEAR, rtol=0.02)
    correlations = matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    assert (abs(correlations) <= abs(np.corrcoef(DAILY.T)) + 1e-12).all()
