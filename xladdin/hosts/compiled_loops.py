"""Every compiled loop of the core, met once: small calls of sheet functions that between them ask for all loops.

A loop's machine code is kept on disk; the first process that meets it writes it there, and every other one only
loads it. `python -m xladdin.hosts.compiled_loops` is that first process: the installer runs it, and so does a host
before it loads them, for which it should not spend its own time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from core.arrays import Array
from core.estimate.beta.rolling_loops import rolling_slopes
from core.learn.allocation.market import Market, Stakes
from core.learn.allocation.rollouts import Course
from core.learn.allocation.state import Scales
from core.learn.allocation.tilt import PARAMETERS
from core.market.tiers import Tiers
from core.numeric.compiled import loading
from core.verify.path.book import Book, as_book
from core.verify.path.straight_move_loop import move_straight_by_loop

from .. import catalog

__all__ = ["main", "meetings"]

BARS, CONTRACTS, WINDOW = 60, 3, 20


def meetings() -> Iterator[Callable[[], object]]:
    """One call after the other, each of which meets a few loops; none warns, and none leaves a reason for PERP_WHY."""
    rng = np.random.default_rng(0)
    market = _clustered(rng.standard_normal(2 * BARS))
    assets = market[:BARS, np.newaxis] * [0.7, 1.0, 1.6] + 0.01 * rng.standard_normal((BARS, CONTRACTS))
    for name, *cells in _calls(assets, market):
        yield partial(catalog.function(name).run, tuple(cells))
    yield partial(
        _tilted_course(assets).rollouts, np.zeros((1, PARAMETERS)), np.zeros(1, dtype=np.int64), 3, by_loop=True
    )
    yield partial(move_straight_by_loop, _guarded_book().account, np.full((1, CONTRACTS), -0.5), np.zeros(1))
    assets[7, 1] = np.nan  # its function says so, and only what it calls does not
    yield partial(rolling_slopes, assets, market[:BARS], WINDOW, WINDOW // 2)


def main() -> None:
    """Meet all loops, so that their machine code is on disk."""
    with loading():
        for meet in meetings():
            meet()


def _calls(assets: Array, market: Array) -> Iterator[tuple[Any, ...]]:
    """Names of sheet functions and what their cells send."""
    benchmark, long_history = _column(market[:BARS]), _column(market)
    premia, covariance = _row(0.1, 0.25, 0.4), np.cov(assets.T) * 365
    prices = 100 * np.cumprod(1 + assets, axis=0)
    book = (_row(90.0, -20.0, 40.0), prices[-1:])
    costs = (("current_weights", 0.2), ("turnover_cost", 0.002))
    limits = (("net", 1.0), ("gross_max", 1.6), ("min_weight", -0.3), *costs)

    yield "PERP_BETA_ROLLING", assets, benchmark, WINDOW
    yield "PERP_BETA_KALMAN", assets, benchmark
    yield "PERP_GARCH", long_history
    yield "PERP_REGIME", benchmark, WINDOW // 2
    yield "PERP_OPTIMIZE", premia, covariance, "utility"
    yield "PERP_OPTIMIZE", premia, covariance, "max_sharpe"
    yield "PERP_OPTIMIZE", premia, covariance, "max_sharpe", limits
    yield "PERP_OPTIMIZE", premia, covariance, "utility", limits
    yield "PERP_OPTIMIZE", premia, covariance, "utility", costs
    yield "PERP_FRONTIER", premia, covariance, 5.0
    yield "PERP_FRONTIER", premia, covariance, 5.0, limits
    yield "PERP_BACKTEST", prices, None, "equal_weight", WINDOW, WINDOW // 2
    yield "PERP_BACKTEST", prices, None, "min_variance", WINDOW, WINDOW // 2
    yield "PERP_STRESS", *book, _row(0.7, 1.0, 1.6), 2500.0, _row(-0.5, -0.1, 0.3)
    yield "PERP_STRESS_HISTORY", *book, 3000.0, prices, 5.0, 4.0
    yield "PERP_STRESS_MONTE_CARLO", *book, 2500.0, assets, 20.0, 6.0, 3.0


def _tilted_course(moves: Array) -> Course:
    """A market in which a tilt of equal weights may be tried."""
    decisions, contracts = moves.shape
    base = np.full(moves.shape, 1 / contracts)
    market = Market(
        base=base,
        figures=np.zeros((decisions, contracts, 4)),
        regimes=np.ones(decisions),
        lower=np.zeros(moves.shape),
        upper=np.ones(moves.shape),
        tilts=np.ones(decisions, dtype=np.bool_),
        moves=moves,
        returns=moves,
        lows=np.minimum(moves, 0.0),
        highs=np.maximum(moves, 0.0),
        costs=np.full(contracts, 7e-4),
        maintenance=np.full(contracts, 0.01),
    )
    return Course(market, Stakes(), Scales(np.ones(5), 1.0))


def _guarded_book() -> Book:
    """A book with tiers, stops and collateral set aside."""
    tiers = Tiers(*np.array([[0, 50], [50, np.nan], [0.01, 0.05], [np.nan, np.nan], [50, 20]]))
    nothing, half = np.full(CONTRACTS, np.nan), np.array([np.nan, 0.5, np.nan])
    isolated = np.append(nothing[:-1], 20.0)
    return as_book(np.full(CONTRACTS, 100.0), np.ones(CONTRACTS), 60.0, isolated=isolated, tiers=tiers, stops=half)


def _clustered(surprises: Array) -> Array:
    """Returns whose volatility comes in waves, so that GARCH has something to find."""
    returns, variance = np.empty_like(surprises), 1e-4
    for t, surprise in enumerate(surprises):
        returns[t] = surprise * np.sqrt(variance)
        variance = 2e-5 + 0.15 * returns[t] ** 2 + 0.6 * variance
    return returns


def _row(*values: float) -> Array:
    return np.array([values])


def _column(values: Array) -> Array:
    return np.reshape(values, (-1, 1))


if __name__ == "__main__":
    main()
