"""Worst windows and Monte Carlo paths: ours beside what a desk writes in numpy, one path after the other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from core.verify.path.book import as_book
from core.verify.simulate.monte_carlo import monte_carlo
from core.verify.stress.worst_windows import worst_windows

PATHS, BARS, CONTRACTS, ROWS = 10_000, 24, 20, 8_760
REPEATS = 9
Contest = tuple[str, Callable[[], object], Callable[[], object], float]


def main() -> None:
    print(f"\nHistory and Monte Carlo\n{'':52}{'ours':>10}{'plain numpy':>16}{'ratio':>10}")
    quantities, prices, returns, history = _book()
    for name, ours, peer, share in (_paths(quantities, prices, returns), _windows(quantities, prices, history)):
        mine, theirs = _median(ours), _median(peer, 3) / share
        print(f"{name:52}{mine * 1e3:>7.1f} ms{theirs * 1e3:>13.1f} ms{theirs / mine:>9.1f}x")
    for method in ("bootstrap", "student_copula", "filtered"):
        mine = _median(
            lambda chosen=method: monte_carlo(as_book(quantities, prices, 300), returns, PATHS, BARS, method=chosen), 3
        )
        print(f"{f'{PATHS:,} paths x {BARS} x {CONTRACTS}, {method}':52}{mine * 1e3:>7.1f} ms")


def _book() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    returns = np.maximum(rng.standard_t(4, (ROWS, CONTRACTS)) * 0.006, -0.9)
    history = 100 * np.cumprod(1 + returns, axis=0)
    return rng.normal(0, 1, CONTRACTS), np.full(CONTRACTS, 100.0), returns, history


def _paths(quantities: np.ndarray, prices: np.ndarray, returns: np.ndarray) -> Contest:
    """A tenth of the paths is enough to time the peer."""
    rng = np.random.default_rng(2)
    values = quantities * prices

    def one_after_the_other() -> float:
        liquidated = 0
        for _ in range(PATHS // 10):
            rows = (rng.integers(ROWS) + np.arange(BARS)) % ROWS
            growth = np.cumprod(1 + returns[rows], axis=0)
            equity = 300 + (growth - 1) @ values
            liquidated += bool((equity < 0.01 * growth @ np.abs(values)).any())
        return liquidated / PATHS

    name = f"{PATHS:,} paths x {BARS} bars x {CONTRACTS} contracts"
    return name, lambda: monte_carlo(as_book(quantities, prices, 300), returns, PATHS, BARS), one_after_the_other, 0.1


def _windows(quantities: np.ndarray, prices: np.ndarray, history: np.ndarray) -> Contest:
    values = quantities * prices

    def one_after_the_other() -> list[int]:
        profits = [float(values @ (history[t + 24] / history[t] - 1)) for t in range(ROWS - 24)]
        return sorted(range(len(profits)), key=profits.__getitem__)[:10]

    name = f"worst 24 hours of {ROWS:,} x {CONTRACTS}"
    return name, lambda: worst_windows(as_book(quantities, prices, 300), history, 24), one_after_the_other, 1.0


def _median(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
