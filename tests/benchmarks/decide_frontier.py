"""Fifty points of the frontier beside PyPortfolioOpt's and cvxcla's critical lines, and through the door of a cell."""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

import xladdin
from core.decide.limits.declared import Limits
from core.decide.portfolio.frontier import efficient_frontier
from core.numeric.compiled import loaded

TURNS = 5
POINTS = 50
BARS = {"PyPortfolioOpt": 500.0, "cvxcla": 20.0}
BAR_OF_THE_CELL = 100.0

FRESH = (
    "import numpy as np, time; rng = np.random.default_rng(100); n = 100; "
    "r = 0.02 * rng.normal(size=(300, n)) + 0.03 * rng.normal(size=(300, 1)); S = np.cov(r.T) * 365; "
    "mu = rng.uniform(0, .5, n); from core.decide.portfolio.frontier import efficient_frontier; "
    "start = time.perf_counter(); "
    "efficient_frontier(mu, S); print(time.perf_counter() - start)"
)


def frontier_rows() -> None:
    """Print each size and set of limits: our median, the peers' medians, the ratios and the bars."""
    print(f"\nfrontier of {POINTS} points{'':22}{'ours':>12}{'peer':>14}{'ratio':>10}   bar")
    print(f"{'n = 100, first of a fresh process':42}{_fresh() * 1e3:>9.2f} ms  (numpy alone; compiled from here on)")
    loaded()  # a desk that has worked for a second has it loaded

    for n in (100, 500):
        mu, covariance = problem(n)
        for words, cap in (("long only", 1.0), ("caps of 2/n", 2 / n)):
            _compare(f"n = {n}, {words}", mu, covariance, cap)
        if n == 100:
            _perp(n, mu, covariance)


def problem(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and covariance of n contracts with one common factor, a year of days in units."""
    rng = np.random.default_rng(n)
    returns = 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    return rng.uniform(0, 0.5, n), np.cov(returns.T) * 365


def _compare(title: str, mu: np.ndarray, covariance: np.ndarray, cap: float) -> None:
    n, limits = mu.size, Limits(max_weight=cap)
    contenders: dict[str, tuple[Callable[[], object], int]] = {
        "core": (lambda: efficient_frontier(mu, covariance, POINTS, limits), 30)
    }
    if n == 100:
        cells = tuple(map(tuple, covariance.tolist())), (("max_weight", cap),)
        contenders["cell"] = (
            lambda: xladdin.call("PERP_FRONTIER", (tuple(mu.tolist()),), cells[0], POINTS, cells[1]),
            10,
        )
        if cap == 1.0 and importlib.util.find_spec("pypfopt") is not None:  # it does not end where caps bind exactly
            import pypfopt

            contenders["PyPortfolioOpt"] = (
                lambda: pypfopt.CLA(mu, covariance, (0, cap)).efficient_frontier(POINTS),
                1,
            )
    if importlib.util.find_spec("cvxcla") is not None:
        import cvxcla

        bounds, ones = (np.zeros(n), np.full(n, cap)), (np.ones((1, n)), np.ones(1))
        contenders["cvxcla"] = (
            lambda: cvxcla.CLA(
                mean=mu, covariance=covariance, lower_bounds=bounds[0], upper_bounds=bounds[1], a=ones[0], b=ones[1]
            ),
            2,
        )
    medians = _medians(contenders)
    for peer, bar in BARS.items():
        if peer in medians:
            _line(f"{title}, core, {peer}", medians["core"], medians[peer], bar)
    if "PyPortfolioOpt" in medians:
        _line(f"{title}, cell, PyPortfolioOpt", medians["cell"], medians["PyPortfolioOpt"], BAR_OF_THE_CELL)


def _perp(n: int, mu: np.ndarray, covariance: np.ndarray) -> None:
    """Long and short under gross, beta, margin and cost: no peer follows that line."""
    rng = np.random.default_rng(n)
    limits = Limits(
        net=None,
        gross_max=3.0,
        min_weight=-10 / n,
        max_weight=10 / n,
        betas=rng.normal(1, 0.3, n),
        target_beta=0.2,
        current_weights=rng.normal(0, 2 / n, n),
        turnover_cost=0.002,
        initial_margin_rates=rng.choice([0.02, 0.05, 0.1], n),
        margin_buffer=0.85,
    )
    premium = mu - mu.mean()
    work = {"ours": (lambda: efficient_frontier(premium, covariance, POINTS, limits), 3)}
    frontier = efficient_frontier(premium, covariance, POINTS, limits)
    words = f"{len(frontier.turning_lambdas)} turning points, worst residual {frontier.certificate.worst:.0e}"
    print(f"{f'n = {n}, gross, beta, margin, cost':42}{_medians(work)['ours'] * 1e3:>9.2f} ms  {words}")


def _fresh() -> float:
    runs = [subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def _medians(contenders: dict[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Median seconds of each contender; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (work, repeats) in [*contenders.items()] * TURNS:
            work()  # not timed: compiled, and threads of the contender before come to rest
            for _ in range(repeats):
                start = time.perf_counter()
                work()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def _line(title: str, ours: float, peer: float, bar: float) -> None:
    verdict = "within" if peer >= bar * ours else "MISSES"
    print(f"{title:42}{ours * 1e3:>9.2f} ms{peer * 1e3:>11.1f} ms{peer / ours:>9.0f}x   {verdict} {bar:.0f}x")


if __name__ == "__main__":
    frontier_rows()
