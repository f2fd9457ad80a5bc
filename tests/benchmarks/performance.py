"""Two runs of hours compared beside arch's stationary bootstrap of the same figures, and the splits of overfitting."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core.arrays import Array
from core.verify.performance.comparison import compare
from core.verify.performance.overfitting import overfitting

HOURS, PATHS, RUNS, REPEATS = 30_000, 1_000, 12, 3
PEER_PATHS = 20
"""Enough to time the peer."""


def main() -> None:
    print(f"\nPerformance, {HOURS:,} hours; CPU seconds, least of {REPEATS}")
    rng = np.random.default_rng(0)
    market = rng.normal(1e-5, 0.008, HOURS)
    first, second = market + rng.normal(0, 0.002, HOURS), 0.8 * market
    ours = _least(lambda: compare(first, second, periods_per_year=8760, paths=PATHS))
    theirs = _least(lambda: _peer(first, second), 1) * PATHS / PEER_PATHS
    print(f"{f'two runs compared, {PATHS:,} resamples':44}{ours:>9.3f}")
    print(f"{'arch StationaryBootstrap':44}{theirs:>9.3f}   {theirs / ours:.0f}x ours")
    runs = rng.normal(0, 0.008, (HOURS, RUNS))
    print(f"{f'overfitting of {RUNS} runs, 12,870 splits':44}{_least(lambda: overfitting(runs)):>9.3f}")


def _peer(first: Array, second: Array) -> Array:
    from arch.bootstrap import StationaryBootstrap

    found: Array = StationaryBootstrap(100, first, second, seed=1).apply(_differences, PEER_PATHS)
    return found


def _differences(first: Array, second: Array) -> Array:
    """Sharpe ratio, deepest fall and growth, first less second."""
    return np.subtract(*(_figures(run) for run in (first, second)))


def _figures(run: Array) -> Array:
    equity = np.cumprod(np.concatenate([[1.0], 1 + run]))
    fall = (1 - equity / np.maximum.accumulate(equity)).max()
    return np.array([run.mean() / run.std(ddof=1) * np.sqrt(8760), fall, equity[-1] ** (8760 / run.size) - 1])


def _least(work: Callable[[], object], times: int = REPEATS) -> float:
    spent = []
    for _ in range(times):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)
