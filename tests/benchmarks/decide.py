"""How long a decision takes: the first optimum of a fresh process, one more in a running one, and a frontier.

Absolute times depend on the machine and on what else it does; ratios hold, because the contenders take turns. Of one
call in a running process both the median and the least time are told: where threads wait for a core, as they do for
OPENBLAS_NUM_THREADS above the cores that are free, a peer's median may be twice its least time.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.numeric.compiled import loaded

from . import decide_conic, decide_frontier, decide_policy

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
    + "from core.decide.portfolio.optimize import optimize; from core.decide.limits.declared import Limits; "
    + "optimize(mu, S, 'max_sharpe', Limits(max_weight=0.2))",
    "xladdin.call": DATA
    + "import xladdin; limits = (('max_weight', 0.2),); "
    + "w = xladdin.call('PERP_OPTIMIZE', [mu.tolist()], S.tolist(), 'max_sharpe', limits); "
    + "assert not isinstance(w, str), w",
}


class Times(NamedTuple):
    """Seconds of one call."""

    median: float
    least: float


def main() -> None:
    """Print all tables."""
    loaded()  # a running desk has loaded it; fresh processes below have not
    _heading("first optimum of a fresh process, n = 20, max Sharpe, cap 20 %", "PyPortfolioOpt")
    for name, ours, peer in first_optimum():
        verdict = "within the bar" if peer >= BAR * ours else "MISSES the bar of a fifth"
        _line(name, ours, peer, verdict)
    for n in (20, 100):
        for peer_name, ours, peer in one_program(n):
            _heading(f"one quadratic program in a running process, n = {n}, long only", peer_name)
            _both_lines(ours, peer)
    for peer_name, ours, peer in perpetuals(100):
        _heading("perpetuals with costs, gross, caps and a target beta in a running process, n = 100", peer_name)
        _both_lines(ours, peer)
    decide_frontier.frontier_rows()
    decide_conic.main()
    print(f"\npolicies: one rebalance with its estimates{'':17}{'ours':>9}{'peer':>13}{'ratio':>9}")
    for name, ours, peers, _, _ in decide_policy.policy_rows():
        peer = f"{peers[0][1] * 1e3:>10.2f} ms{peers[0][1] / ours:>8.1f}x  {peers[0][0]}" if peers else ""
        print(f"{name:56}{ours * 1e3:>10.2f} ms{peer}")


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


def one_program(n: int) -> list[tuple[str, Times, Times]]:
    """Peer, our times and the peer's for the least variance of n contracts."""
    rng = np.random.default_rng(n)
    returns = 0.002 + 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    covariance, mu = np.cov(returns.T) * 365, rng.uniform(0, 0.5, n)
    limits = Limits(max_weight=0.2)
    contenders: dict[str, Callable[[], object]] = {"ours": lambda: optimize(mu, covariance, "min_variance", limits)}
    if importlib.util.find_spec("pypfopt") is not None:
        from pypfopt import EfficientFrontier

        contenders["PyPortfolioOpt"] = lambda: EfficientFrontier(mu, covariance, (0, 0.2)).min_volatility()
    if importlib.util.find_spec("skfolio") is not None:
        from skfolio.optimization import MeanRisk

        contenders["skfolio"] = lambda: MeanRisk(min_weights=0, max_weights=0.2).fit(returns)
    if importlib.util.find_spec("cvxpy") is not None:
        import cvxpy as cp

        def by_cvxpy() -> None:
            w = cp.Variable(n)
            stated = [cp.sum(w) == 1, w >= 0, w <= 0.2]
            cp.Problem(cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance))), stated).solve(solver=cp.CLARABEL)

        contenders["cvxpy + Clarabel"] = by_cvxpy
    return _compared(contenders)


def perpetuals(n: int) -> list[tuple[str, Times, Times]]:
    """Peer, our times and the peer's for the greatest utility of n perpetuals, long and short.

    Cost of trading from the current weights, gross at most 3, caps and a target beta. cvxpy has compiled the problem
    before and gets new expected returns only; OSQP polishes and the others run as they come: all reach 1e-8.
    """
    if importlib.util.find_spec("cvxpy") is None:
        return []
    import cvxpy as cp

    rng = np.random.default_rng(n)
    returns = 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    covariance, mu, betas = np.cov(returns.T) * 365, rng.normal(0.05, 0.3, n), rng.normal(1, 0.4, n)
    current = rng.normal(size=n)
    current *= 1.5 / np.abs(current).sum()
    limits = Limits(
        net=None, min_weight=-0.2, max_weight=0.2, gross_max=3, betas=betas, target_beta=0.3,
        current_weights=current, turnover_cost=0.002, risk_aversion=3,
    )  # fmt: skip
    w, premium = cp.Variable(n), cp.Parameter(n)
    loss = 1.5 * cp.quad_form(w, cp.psd_wrap(covariance)) - premium @ w + 0.002 * cp.norm1(w - current)
    stated = [cp.norm1(w) <= 3, cp.abs(w) <= 0.2, betas @ w == 0.3]
    program = cp.Problem(cp.Minimize(loss), stated)

    def again(**settings: object) -> Callable[[], object]:
        def solved() -> None:
            premium.value = mu
            program.solve(**settings)

        return solved

    return _compared(
        {
            "ours": lambda: optimize(mu, covariance, "utility", limits),
            "cvxpy + OSQP": again(solver=cp.OSQP, eps_abs=1e-8, eps_rel=1e-8, max_iter=40_000, polishing=True),
            "cvxpy + PIQP": again(solver=cp.PIQP),
            "cvxpy + Clarabel": again(solver=cp.CLARABEL),
        }
    )


def _compared(contenders: dict[str, Callable[[], object]]) -> list[tuple[str, Times, Times]]:
    """Each peer's name, our times and its times; the contenders take turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, contender in [*contenders.items()] * TURNS:
            contender()  # not timed: threads of the contender before come to rest
            for _ in range(REPEATS):
                start = time.perf_counter()
                contender()
                times[name].append(time.perf_counter() - start)
    told = {name: Times(statistics.median(taken), min(taken)) for name, taken in times.items()}
    return [(name, told["ours"], told[name]) for name in contenders if name != "ours"]


def _runs(program: str) -> bool:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def _heading(title: str, peer: str) -> None:
    print(f"\n{title}\n{'':16}{'ours':>12}{peer:>20}{'ratio':>10}")


def _both_lines(ours: Times, peer: Times) -> None:
    _line("core, median", ours.median, peer.median, "")
    _line("core, least", ours.least, peer.least, "")


def _line(name: str, ours: float, peer: float, verdict: str) -> None:
    print(f"{name:16}{ours * 1e3:>9.2f} ms{peer * 1e3:>17.2f} ms{peer / ours:>9.1f}x  {verdict}")
