"""Performance and attribution through the door a cell uses."""

from __future__ import annotations

import math

import pytest

from xladdin import call

RETURNS = ((0.1, 0.02), (-0.2, 0.0), (-0.2, 0.01), (0.2, 0.03))


def test_sharpe_is_a_row_for_a_block_and_a_ratio_a_column():
    (shown,) = call("PERP_SHARPE", RETURNS, 0.0, 1.0)
    # Second column: mean 0.015, squares about it 0.0005, over 3.
    assert shown[1] == pytest.approx(0.015 / (0.0005 / 3) ** 0.5, rel=1e-12)
    alone = call("PERP_SHARPE", tuple(row[1:] for row in RETURNS), 0.0, 1.0)
    assert alone == pytest.approx(shown[1], rel=1e-12)


def test_drawdown_names_its_rows():
    table = call("PERP_DRAWDOWN", RETURNS)
    assert table[0] == ["", "asset_1", "asset_2"]
    assert [row[0] for row in table[1:]] == ["max_drawdown", "start_row", "trough_row", "recovery_row"]
    assert [row[1] for row in table[1:]] == [pytest.approx(0.36), 2, 3, "#N/A"]
    assert [row[2] for row in table[1:]] == [0, "#N/A", "#N/A", "#N/A"]


def test_attribution_has_the_rows_of_the_contract_and_they_sum():
    market = ((0.05,), (-0.1,), (-0.12,), (0.1,))
    portfolio = tuple(row[:1] for row in RETURNS)
    table = call("PERP_ATTRIBUTION", portfolio, market, ((0.001,), (None,), (0.002,), (0.001,)), 0.0005)
    assert [row[0] for row in table] == [
        *("", "total", "beta_part", "alpha_part", "funding_part", "cost_part", "beta", "alpha_t")
    ]
    figures = dict(table[1:])
    assert figures["total"] == pytest.approx(1.1 * 0.8 * 0.8 * 1.2 - 1, rel=1e-12)
    parts = ("beta_part", "alpha_part", "funding_part", "cost_part")
    assert sum(figures[part] for part in parts) == pytest.approx(figures["total"], rel=1e-12)
    assert figures["funding_part"] > 0 > figures["cost_part"]


NAMES = [
    *("total_return", "price_pnl", "funding_paid", "costs", "liquidation_loss", "annual_return", "annual_volatility"),
    *("sharpe", "sortino", "max_drawdown", "worst_period", "turnover", "beta", "alpha", "liquidations"),
    *("deflated_sharpe", "rebalances", "answered", "interest"),
]
PRICES = tuple(
    (100 * math.exp(0.02 * math.sin(k * k)), 50 * math.exp(0.001 * k + 0.03 * math.cos(k * k))) for k in range(120)
)
FUNDING = tuple((0.0001 if k % 8 == 0 else None, 0.0002 if k % 8 == 0 else None) for k in range(120))
ASKED = (PRICES, FUNDING, "equal_weight", 40.0, 10.0, 5.0)


def test_a_price_in_another_unit_is_doubted_and_a_blank_column_named():
    broken = tuple((row[0] * (1000 if 60 <= k < 64 else 1), None) for k, row in enumerate(PRICES))
    for name in ("PERP_BACKTEST", "PERP_BACKTEST_PATH"):
        assert isinstance(call(name, broken, None, *ASKED[2:], caller="Sheet1!A1"), list)
        why = call("PERP_WHY", "Sheet1!A1")
        assert "or that part of it, at row 6" in why
        assert "column 2 holds no number" in why


def test_interest_a_stop_and_collateral_of_its_own_are_rows_of_the_limits():
    plain = dict(call("PERP_BACKTEST", *ASKED)[1:])
    limits = (("interest", 0.5), ("stop_loss", 0.01), ("isolated", 0.2))
    shown = dict(call("PERP_BACKTEST", *ASKED, limits)[1:])
    assert shown["interest"] > 0 == plain["interest"]
    assert "left at their stops" in call("PERP_WHY")
    parts = shown["price_pnl"] - shown["funding_paid"] - shown["costs"] - shown["liquidation_loss"]
    assert parts + shown["interest"] == pytest.approx(shown["total_return"], abs=1e-13)
    assert shown["turnover"] > plain["turnover"]


def test_the_backtest_has_the_rows_of_the_contract_and_they_sum():
    table = call("PERP_BACKTEST", *ASKED)
    assert table[0] == ["", "value"]
    assert [row[0] for row in table[1:]] == NAMES
    shown = dict(table[1:])
    parts = shown["price_pnl"] - shown["funding_paid"] - shown["costs"] - shown["liquidation_loss"]
    assert parts == pytest.approx(shown["total_return"], abs=1e-13)
    assert (shown["rebalances"], shown["answered"], shown["liquidations"]) == (8, 1, 0)
    assert shown["funding_paid"] > 0 < shown["costs"]


def test_the_path_is_that_of_the_figures():
    path, shown = call("PERP_BACKTEST_PATH", *ASKED), dict(call("PERP_BACKTEST", *ASKED)[1:])
    assert (len(path), {len(row) for row in path}) == (120, {3})
    assert path[:40] == [[1.0, 0.0, 0.0]] * 40
    assert path[-1][0] - 1 == pytest.approx(shown["total_return"], rel=1e-12)
    # After the trade at row 41 the weights are equal on the equity before its cost of 5 bps.
    assert path[40] == [pytest.approx(0.9995), pytest.approx(0.5 / 0.9995), pytest.approx(0.5 / 0.9995)]


def test_more_trials_deflate_and_a_delay_and_the_costs_are_those_of_the_rows():
    def asked(*rows):
        return dict(call("PERP_BACKTEST", *ASKED, rows)[1:])

    plain, tried = asked(), asked(("trials", 50.0))
    assert tried.pop("deflated_sharpe") < plain.pop("deflated_sharpe")
    assert tried == plain
    late = call("PERP_BACKTEST_PATH", *ASKED, (("delay", 2.0),))
    assert late[41] == [1.0, 0.0, 0.0]
    assert late[42][0] == pytest.approx(0.9995)


def test_a_run_that_is_liquidated_says_so_in_why():
    falling = tuple((100.0 * 0.97**k * (1 + 0.001 * (k % 3)),) for k in range(60))
    rows = (("net", 20.0), ("max_weight", 20.0))
    shown = dict(call("PERP_BACKTEST", falling, None, "equal_weight", 40.0, 5.0, 5.0, rows)[1:])
    assert shown["total_return"] >= -1
    assert shown["liquidations"] >= 1
    assert "liquidated, first that of column 1 at row 4" in call("PERP_WHY")
