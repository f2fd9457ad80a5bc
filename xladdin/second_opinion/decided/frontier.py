"""The efficient frontier: least variance for each expected return, from the least risk to the most return."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..not_stated import NotStatedError
from ..tables import Vector
from .limits import Stated
from .optimum import programme_of, solved

__all__ = ["Frontier", "frontier_of"]

LESS = (0.0, 1e-10, 1e-9, 1e-8)
"""Shares of a return that may be missing where no interior point ends on it, as at the last point of all."""


@dataclass(frozen=True)
class Frontier:
    """Expected returns, volatilities `(K,)` and weights `(K, N)` of the points, by rising return."""

    returns: Vector
    volatilities: Vector
    weights: Vector


def frontier_of(stated: Stated, points: int) -> Frontier | None:
    """So many points; None where no weights keep the limits. Raises NotStatedError where a point is not found."""
    import cvxpy as cp
    import numpy as np

    free = replace(stated, said={**stated.said, "target_return": None})
    calmest = programme_of("min_variance", free)
    least = calmest.best()
    y = cp.Variable(len(stated.symbols))
    richest = cp.Problem(cp.Maximize(free.excess(y)), free.constraints(y))
    if least is None or not solved(richest):
        return None
    wanted = cp.Parameter()
    problem: Any = cp.Problem(
        calmest.problem.objective, [*calmest.problem.constraints, free.excess(calmest.y) >= wanted]
    )
    lowest = float(free.excess(least).value)
    weights = [least]
    for target in np.linspace(lowest, float(richest.value), points)[1:]:
        for less in LESS:
            wanted.value = float(target) - less * max(1.0, abs(float(target)))
            if solved(problem):
                break
        else:
            raise NotStatedError("a second programme ends at no weights for a return of this frontier")
        weights.append(np.asarray(calmest.y.value))
    found = np.array(weights)
    risk_free = stated.one("risk_free") or 0.0
    returns = np.array([risk_free + float(free.excess(each).value) for each in found])
    return Frontier(returns, np.sqrt(np.einsum("ki,ij,kj->k", found, stated.risk, found)), found)
