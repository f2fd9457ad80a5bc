from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.impact import SMALLEST_TRADE, curvature, impact_cost, slope, trading_cost

K = np.array([0.1, 0.02])


def test_the_cost_is_the_three_halves_power() -> None:
    assert impact_cost(K, np.array([0.25, -0.04])) == pytest.approx(0.1 * 0.125 + 0.02 * 0.008)


@pytest.mark.parametrize("trade", [0.3, -0.3, 1e-4])
def test_slope_and_curvature_are_its_derivatives(trade: float) -> None:
    trades, step = np.array([trade, -2 * trade]), abs(trade) * 1e-5
    for contract in range(2):
        moved = np.eye(2)[contract] * step
        measured = (impact_cost(K, trades + moved) - impact_cost(K, trades - moved)) / (2 * step)
        assert slope(K, trades)[contract] == pytest.approx(measured, rel=1e-8)
        measured = (slope(K, trades + moved) - slope(K, trades - moved))[contract] / (2 * step)
        assert curvature(K, trades)[contract] == pytest.approx(measured, rel=1e-8)


def test_the_slope_has_no_jump_where_the_parabola_begins() -> None:
    edge = np.full(2, SMALLEST_TRADE)
    assert slope(K, edge * (1 - 1e-9)) == pytest.approx(slope(K, edge * (1 + 1e-9)), rel=1e-8)
    assert slope(K, np.zeros(2)) == pytest.approx(0)


def test_trading_cost_is_turnover_cost_and_impact() -> None:
    limits = Limits(current_weights=[0.5, 0.1], turnover_cost=0.01, market_impact=K)
    paid = trading_cost(limits, np.array([0.25, 0.14]))
    assert paid == pytest.approx(0.01 * 0.29 + 0.1 * 0.125 + 0.02 * 0.008)
