"""The optimum of each objective, as a programme of cvxpy that Clarabel solves.

A programme says which weights are best; put other weights into it and it says what those are worth and how far they
break a limit. That is how a book is judged where many are equally good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..tables import Vector
from .limits import Stated

__all__ = ["Programme", "programme_of", "solved"]

PRECISION = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}


@dataclass(frozen=True)
class Programme:
    """A problem in y = k w; `k` is a number where it is no variable. The least value is the best."""

    problem: Any
    y: Any
    k: Any
    place: Callable[[Vector], tuple[Vector, float]]
    """Which y and k stand for weights."""

    size_is_free: bool = False
    """Whether any multiple of the best weights is as good; then the largest that the limits allow is meant."""

    def best(self) -> Vector | None:
        """The best weights; None where no weights keep the limits, or none is best."""
        if not solved(self.problem):
            return None
        scale = self.k if isinstance(self.k, float) else float(self.k.value)
        return None if scale <= 0 else self.y.value / scale

    def judged(self, weights: Vector) -> tuple[float, float]:
        """What these weights are worth, and the most by which they break a limit."""
        self.y.value, scale = self.place(weights)
        if not scale > 0:
            return float("inf"), float("inf")
        if not isinstance(self.k, float):
            self.k.value = scale
        broken = max((float(limit.violation().max()) for limit in self.problem.constraints), default=0.0)
        return float(self.problem.objective.value), broken


def solved(problem: Any) -> bool:
    """Whether Clarabel finds the optimum."""
    import warnings

    import cvxpy as cp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of less accuracy than asked for: what it is worth is judged afterwards
        try:
            problem.solve(solver=cp.CLARABEL, **PRECISION)
        except cp.error.SolverError:
            return False
    return problem.status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)


def programme_of(objective: str, stated: Stated) -> Programme:
    """The programme of an objective. Raises KeyError for one that is not stated here."""
    import cvxpy as cp

    y = cp.Variable(len(stated.symbols))
    if objective == "max_sharpe":
        return _sharpe(stated, y)
    if objective == "risk_budget":
        return _budgets(stated, y)
    root = _root(stated.risk)
    variance = cp.sum_squares(root @ y)
    kept = stated.constraints(y)
    aversion = stated.one("risk_aversion", 1.0)
    if objective in ("min_variance", "target_return"):
        aim = variance
    elif objective == "utility":
        aim = aversion / 2 * variance - stated.excess(y)
    elif objective == "target_volatility":
        aim = -stated.excess(y)
        kept.append(cp.norm2(root @ y) <= stated.one("target_volatility"))
    elif objective == "semivariance":
        aim = _semivariance(stated, y, variance)
    elif objective == "cvar":
        aim = stated.tail(y)
    elif objective == "robust":
        aim = aversion / 2 * variance - stated.excess(y) + _doubt(stated, y, root)
    else:
        raise KeyError(objective)
    return Programme(cp.Problem(cp.Minimize(aim), kept), y, 1.0, lambda weights: (weights, 1.0))


def _root(matrix: Vector) -> Vector:
    """R with R'R the matrix, also where it is singular."""
    import numpy as np

    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))).T)


def _sharpe(stated: Stated, y: Any) -> Programme:
    """Least risk for an excess return of one. Where the size is free, the largest book of that mix is the answer."""
    import cvxpy as cp

    k = cp.Variable(nonneg=True)
    kept = [*stated.constraints(y, k), stated.excess(y, k) >= 1]
    problem = cp.Problem(cp.Minimize(cp.sum_squares(_root(stated.risk) @ y)), kept)

    def place(weights: Vector) -> tuple[Vector, float]:
        earned = float(stated.excess(weights).value)
        return (weights / earned, 1 / earned) if earned > 0 else (weights, 0.0)

    return Programme(problem, y, k, place, stated.net_is_free and stated.trading_is_free)


def _budgets(stated: Stated, y: Any) -> Programme:
    """Least y'Sy / 2 - sum b log |y| over every multiple of what the limits allow (Richard and Roncalli 2019)."""
    import cvxpy as cp
    import numpy as np

    k = cp.Variable(nonneg=True)
    budgets = stated.each("budgets", 1.0)
    budgets = budgets / budgets.sum()
    side = np.where(stated.each("max_weight", 1.0) <= 0, -1.0, 1.0)
    logs = cp.sum(cp.multiply(budgets, cp.log(cp.multiply(side, y))))
    aim = cp.sum_squares(_root(stated.risk) @ y) / 2 - logs
    problem = cp.Problem(cp.Minimize(aim), stated.constraints(y, k))

    def place(weights: Vector) -> tuple[Vector, float]:
        scale = 1 / float(np.sqrt(weights @ stated.risk @ weights))
        return weights * scale, scale

    return Programme(problem, y, k, place, stated.net_is_free)


def _semivariance(stated: Stated, y: Any, variance: Any) -> Any:
    import cvxpy as cp
    import numpy as np

    falls = np.minimum(stated.past - (stated.one("downside_threshold") or 0.0), 0.0)
    # The covariance is of a year and the past of bars: its variances say how many bars that is.
    downside = falls.T @ falls / len(falls) * float(stated.risk.trace() / stated.past.var(axis=0).sum())
    if not stated.one("semivariance_full"):
        downside = np.diag(downside.diagonal())
    share = stated.one("semivariance_alpha", 0.5) or 0.0
    return share * variance + (1 - share) * cp.sum_squares(_root(downside) @ y)


def _doubt(stated: Stated, y: Any, root: Vector) -> Any:
    import cvxpy as cp
    import numpy as np

    if np.size(stated.said["uncertainty"]) == 1:
        return float(np.squeeze(stated.said["uncertainty"])) * cp.norm2(root @ y)
    return stated.each("uncertainty") @ cp.abs(y)
