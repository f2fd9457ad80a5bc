"""How long objectives with cones take against cvxpy with Clarabel, and how long a conflict of limits takes to explain.

cvxpy states each problem anew, as a portfolio library does; ratios hold, because the contenders take turns.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from core.decide.limits.conflict import explained
from core.decide.limits.declared import Group, Limits
from core.decide.portfolio.optimize import optimize

TURNS, REPEATS = 3, 2
MILLISECONDS = 10.0
"""What explaining an infeasible problem of 100 contracts may take."""


def main() -> None:
    """Print both tables."""
    print(f"\nobjectives with cones: median of {TURNS * REPEATS}\n{'':44}{'ours':>12}{'cvxpy':>14}{'ratio':>9}")
    for n in (20, 100):
        for title, ours, peer in objectives(n):
            _line(f"{title}, n = {n}", ours, peer)
    for rows, n in ((500, 10), (8760, 20), (8760, 50)):
        _line(f"cvar, {rows} rows, n = {n}", *least_cvar(rows, n))
    print(f"\nexplaining an infeasible problem, n = 100 (bar {MILLISECONDS:.0f} ms)")
    for title, taken in conflicts(100):
        print(f"{title:44}{taken * 1e3:>9.2f} ms   {'within' if taken * 1e3 <= MILLISECONDS else 'MISSES'}")


def objectives(n: int) -> list[tuple[str, float, float]]:
    """Title, our median and cvxpy's in seconds (NaN where it is not installed)."""
    rng = np.random.default_rng(n)
    covariance = _covariance(rng, n)
    mu = rng.uniform(0, 0.5, n)
    safest = optimize(mu, covariance, "min_variance", Limits(max_weight=0.2)).volatility
    target, budgets, impact = 1.2 * safest, rng.dirichlet(np.ones(n)), np.full(n, 0.02)

    def ours(objective: str, **stated: object) -> Callable[[], object]:
        limits = Limits(max_weight=1.0 if objective == "risk_budget" else 0.2, **stated)
        return lambda: optimize(mu, covariance, objective, limits)

    def peer(state: Callable) -> Callable[[], object]:
        def work() -> None:
            import cvxpy as cp

            w = cp.Variable(n)
            volatility = cp.norm(np.linalg.cholesky(covariance).T @ w)
            objective, limits = state(cp, w, volatility)
            cp.Problem(objective, limits).solve(solver=cp.CLARABEL)

        return work

    def capped(cp, w) -> list:
        return [cp.sum(w) == 1, w >= 0, w <= 0.2]

    rows = {
        "target_volatility": (
            ours("target_volatility", target_volatility=target),
            lambda cp, w, v: (cp.Maximize(mu @ w), [*capped(cp, w), v <= target]),
        ),
        "robust, ellipsoid": (
            ours("robust", uncertainty=0.3, risk_aversion=2.0),
            lambda cp, w, v: (cp.Maximize(mu @ w - 0.3 * v - cp.square(v)), capped(cp, w)),
        ),
        "utility with market impact": (
            ours("utility", market_impact=impact, risk_aversion=2.0),
            lambda cp, w, v: (
                cp.Maximize(mu @ w - cp.sum(cp.multiply(impact, cp.power(cp.abs(w), 1.5))) - cp.square(v)),
                capped(cp, w),
            ),
        ),
        "risk_budget": (
            ours("risk_budget", budgets=budgets),
            lambda cp, w, v: (cp.Minimize(cp.square(v) / 2 - budgets @ cp.log(w)), []),
        ),
    }
    return [(title, *_medians(work, peer(state))) for title, (work, state) in rows.items()]


def least_cvar(rows: int, n: int) -> tuple[float, float]:
    """Our median and cvxpy's for the portfolio of least CVaR at 95 %."""
    rng = np.random.default_rng(n)
    returns = 0.01 * (rng.standard_t(4, size=(rows, n)) + rng.standard_t(3, size=(rows, 1)))
    covariance, limits = np.cov(returns.T), Limits(max_weight=0.3)

    def peer() -> None:
        import cvxpy as cp

        w, quantile, over = cp.Variable(n), cp.Variable(), cp.Variable(rows, nonneg=True)
        stated = [cp.sum(w) == 1, w >= 0, w <= 0.3, over >= -returns @ w - quantile]
        cp.Problem(cp.Minimize(quantile + cp.sum(over) / (0.05 * rows)), stated).solve(solver=cp.CLARABEL)

    return _medians(lambda: optimize(np.zeros(n), covariance, "cvar", limits, returns), peer)


def conflicts(n: int) -> list[tuple[str, float]]:
    """Title and our median in seconds for limits that conflict."""
    rng = np.random.default_rng(0)
    premium, betas, current = rng.normal(0.1, 0.1, n), rng.normal(1, 0.3, n), rng.normal(0, 0.01, n)
    perp = {"min_weight": -0.3, "max_weight": 0.3, "gross_max": 3, "turnover_cost": 0.0005, "current_weights": current}
    sectors = [np.arange(n) % 10 == sector for sector in range(10)]
    cases = {
        "caps below net": Limits(max_weight=0.5 / n),
        "beta target against gross": Limits(
            net=None, betas=betas, target_beta=9, max_turnover=4, initial_margin_rates=0.05, margin_buffer=0.3, **perp
        ),
        "target return against gross and net": Limits(**{**perp, "net": 0, "target_return": 5}),
        "ten groups, a conflict of eleven limits": Limits(
            groups=tuple(Group(f"group_{k + 1}", members.astype(float), 0.05) for k, members in enumerate(sectors)),
            max_weight=0.05,
        ),
    }
    return [
        (title, _medians(lambda limits=limits: explained(limits, n, premium), None)[0])
        for title, limits in cases.items()
    ]


def _covariance(rng: np.random.Generator, n: int) -> np.ndarray:
    returns = 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    return np.cov(returns.T) * 365


def _medians(ours: Callable[[], object], peer: Callable[[], object] | None) -> tuple[float, float]:
    contenders = {"ours": ours}
    if peer is not None and importlib.util.find_spec("cvxpy") is not None:
        contenders["peer"] = peer
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, work in [*contenders.items()] * TURNS:
            work()  # not timed: imports, and threads of the contender before come to rest
            for _ in range(REPEATS):
                start = time.perf_counter()
                work()
                times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return medians["ours"], medians.get("peer", float("nan"))


def _line(title: str, ours: float, peer: float) -> None:
    print(f"{title:44}{ours * 1e3:>9.2f} ms{peer * 1e3:>11.1f} ms{peer / ours:>8.1f}x")


if __name__ == "__main__":
    main()
