"""Performance and attribution through the door a cell uses."""

from __future__ import annotations

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
