"""How long an optimum takes: the first of a fresh process, and one more in a running one.

Absolute times depend on the machine and on what else it does; ratios hold, because the contenders take turns.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

from core.decide.limits import Limits
from core.decide.optimize import optimize

FRESH_RUNS = 7
TURNS, REPEATS = 5, 10
BAR = 5.0
"""The first optimum of a fresh process may take at most a fifth of PyPortfolioOpt's time."""

DATA = (
    "import numpy as np; rng = np.random.default_rng(1); n = 20; "
    "r = 0.02 * rng.normal(size=(300, n)) + 0.03 * rng.normal(size=(300, 1)); S = np.cov(r.T) * 365; "
    "mu = rng.uniform(0, .5, n); "
)
PEER = (
    DATA + "from pypfopt import EfficientFrontier as E; E(mu, S, weight_bounds=(0, 0.2)).max_sharpe(risk_free_rate=0.0)"
)
OURS = {
    "core": DATA
    + "from core.decide.optimize import optimize; from core.decide.limits import Limits; "
    + "optimize(mu, S, 'max_sharpe', Limits(max_weight=0.2))",
    "xladdin.call": DATA
    + "import xladdin; limits = (('max_weight', 0.2),); "
    + "w = xladdin.call('PERP_OPTIMIZE', [mu.tolist()], S.tolist(), 'max_sharpe', limits); "
    + "assert not isinstance(w, str), w",
}


def main() -> None:
    """Print both tables."""
    _heading("first optimum of a fresh process, n = 20, max Sharpe, cap 20 %", "PyPortfolioOpt")
    for name, ours, peer in first_optimum():
        verdict = "within the bar" if peer >= BAR * ours else "MISSES the bar of a fifth"
        _line(name, ours, peer, verdict)
    for n in (20, 100):
        for peer_name, ours, peer in one_programme(n):
            _heading(f"one quadratic programme in a running process, n = {n}, long only", peer_name)
            _line("core", ours, peer, "")


def first_optimum() -> list[tuple[str, float, float]]:
    """Name, our median and PyPortfolioOpt's median in seconds, for each of our ways in that exists."""
    if importlib.util.find_spec("pypfopt") is None:
        return []
    programs = {name: program for name, program in OURS.items() if _runs(program)} | {"peer": PEER}
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(FRESH_RUNS):
        for name, program in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, capture_output=True)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return [(name, medians[name], medians["peer"]) for name in programs if name != "peer"]


def one_programme(n: int) -> list[tuple[str, float, float]]:
    """Peer, our median and the peer's median in seconds for the least variance of n contracts."""
    rng = np.random.default_rng(n)
    returns = 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    covariance, mu = np.cov(returns.T) * 365, rng.uniform(0, 0.5, n)
    limits = Limits(max_weight=0.2)
    contenders: dict[str, Callable[[], object]] = {"ours": lambda: optimize(mu, covariance, "min_variance", limits)}
    if importlib.util.find_spec("pypfopt") is not None:
        from pypfopt import EfficientFrontier

        contenders["PyPortfolioOpt"] = lambda: EfficientFrontier(mu, covariance, (0, 0.2)).min_volatility()
    if importlib.util.find_spec("cvxpy") is not None:
        import cvxpy as cp

        def by_cvxpy() -> None:
            w = cp.Variable(n)
            stated = [cp.sum(w) == 1, w >= 0, w <= 0.2]
            cp.Problem(cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance))), stated).solve(solver=cp.CLARABEL)

        contenders["cvxpy + Clarabel"] = by_cvxpy
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, contender in [*contenders.items()] * TURNS:
            contender()  # not timed: threads of the contender before come to rest
            for _ in range(REPEATS):
                start = time.perf_counter()
                contender()
                times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return [(name, medians["ours"], medians[name]) for name in contenders if name != "ours"]


def _runs(program: str) -> bool:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def _heading(title: str, peer: str) -> None:
    print(f"\n{title}\n{'':16}{'ours':>12}{peer:>20}{'ratio':>10}")


def _line(name: str, ours: float, peer: float, verdict: str) -> None:
    print(f"{name:16}{ours * 1e3:>9.2f} ms{peer * 1e3:>17.2f} ms{peer / ours:>9.1f}x  {verdict}")
