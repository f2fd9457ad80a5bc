from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.decide.size.drawdown_buffer import drawdown_buffer
from core.errors import ArgumentError


def test_at_the_peak_only_the_reserve_is_kept() -> None:
    assert vars(drawdown_buffer(100, 100, 0.2, 0.25)) == {"drawdown": 0.0, "reserved": 0.25, "deployed": 0.75}
    assert drawdown_buffer(120, 100).deployed == 1


def test_half_way_to_the_floor() -> None:
    # Equity 90 of a peak of 100, floor 80: surplus 10 of 20 at the peak, on 0.9 of the equity: 0.5 / 0.9.
    buffer = drawdown_buffer(90, 100, 0.2)
    assert (buffer.drawdown, buffer.deployed) == pytest.approx((0.1, 0.5 / 0.9))
    assert drawdown_buffer(90, 100, 0.2, 0.25).deployed == pytest.approx(0.75 * 0.5 / 0.9)


@pytest.mark.parametrize("equity", [80, 79, 0, -5])
def test_at_the_floor_all_is_reserved(equity: float) -> None:
    assert drawdown_buffer(equity, 100, 0.2).reserved == 1


def test_all_of_equity_may_be_lost() -> None:
    # With a floor of zero the surplus is equity itself, so its share never changes.
    assert drawdown_buffer(40, 100, 1.0).deployed == pytest.approx(1)
    assert drawdown_buffer(0, 100, 1.0).deployed == 0


@given(st.floats(1, 100), st.floats(1, 100), st.floats(0.01, 1), st.floats(0, 1))
def test_released_as_the_account_recovers(low: float, high: float, worst: float, reserve: float) -> None:
    assume(low <= high)
    deep, shallow = (drawdown_buffer(equity, 100, worst, reserve) for equity in (low, high))
    assert deep.reserved >= shallow.reserved - 1e-12
    assert reserve - 1e-12 <= shallow.reserved <= 1


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.9), st.floats(0, 0.9), st.floats(0.1, 20))
def test_the_floor_is_never_passed_by_moves_that_are_not_too_large(
    seed: int, worst: float, reserve: float, leverage: float
) -> None:
    largest = worst / ((1 - reserve) * leverage)
    moves = np.random.default_rng(seed).uniform(-largest, largest / 2, 200)
    moves[::17] = -largest
    equity = peak = 1.0
    for move in moves:
        peak = max(peak, equity)
        equity *= 1 + leverage * drawdown_buffer(equity, peak, worst, reserve).deployed * move
        assert equity >= (1 - worst) * peak * (1 - 1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.nan, 100), "equity must be a finite number"),
        (("x", 100), "equity must be a number"),
        ((100, 0), "peak_equity is 0; it must be above 0"),
        ((100, 100, 0), "max_drawdown is 0; it must be above 0"),
        ((100, 100, 1.1), "max_drawdown is 1.1; it must be at most 1"),
        ((100, 100, 0.2, -0.1), "reserve is -0.1"),
        ((100, 100, 0.2, 1.1), "reserve is 1.1"),
    ],
)
def test_bad_input_is_named(arguments: tuple, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        drawdown_buffer(*arguments)
