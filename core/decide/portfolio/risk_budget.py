"""Risk budgeting: each contract carries the share of the risk that it is given.

The share of contract i in the variance is w_i (S w)_i / w'S w. It equals the budget b_i (sum b_i = 1) exactly where

    b-weighted geometric mean of |w_i|  /  sqrt(w'S w)

is greatest. Like the Sharpe ratio it has no scale, so it is taken over the cone of the limits, y = k w:

    least  y'S y / 2 - sum b_i log |y_i|        slope  S y - b / y,   curvature  S + diag(b / y^2)

a smooth convex problem with one answer. Where no limit binds the budgets are met exactly (uncorrelated contracts:
w_i in proportion to sqrt(b_i) / sigma_i); where one does, the answer is the nearest in this sense, and a DataWarning
names the contract that misses its budget most. Newton's method: each step a quadratic program over the same cone,
shortened by a line search. A contract is held long, or short where the limits allow it short only.

Sources: Maillard, Roncalli and Teiletche, Journal of Portfolio Management 36 (2010); Richard and Roncalli,
Constrained Risk Budgeting Portfolios (2019), for limits.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...checks import numbers
from ...errors import ArgumentError, NotConvergedError, UndefinedError, say
from ...numeric.bisection import bisected
from ...numeric.quadratic.solve import QpSolution, QuadraticProgram, solve
from ...tolerances import ROUNDING
from ..limits.declared import Limits
from ..limits.feasible_set import FeasibleSet
from .homogeneous import cone, largest_multiple
from .risk_contribution import risk_contribution

__all__ = ["risk_budget"]

FIXED_POINT = 1e-13
"""Newton step, relative to each weight, at which the weights have settled."""

ACCEPTED = 1e-10
"""Newton step that is accepted where rounding allows no smaller one."""

BASIN = 0.1
"""Newton step from which on the full step is the better one each time."""

MOST_STEPS = 100

MET = 1e-7
"""Difference between a share of risk and its budget that needs no word."""


def risk_budget(allowed: FeasibleSet, covariance: Array, limits: Limits) -> tuple[Array, QpSolution]:
    """Weights `(N,)` that carry `limits.budgets` (default: equal) of the risk of `covariance` `(N, N)`.

    Only the proportions of budgets count. Raises ArgumentError (a budget for a contract that the limits exclude),
    InfeasibleError, UndefinedError (no contract with risk and a budget, limits that force a budget to nothing, or a
    covariance by which contracts cancel each other's risk), NotConvergedError.
    """
    contracts = allowed.contracts
    budgets = _budgets(limits, allowed)
    still = (budgets > 0) & (np.diag(covariance) <= 0)
    if still.any():
        raise UndefinedError(
            f"contract {int(np.argmax(still)) + 1} has a risk budget but no variance; give it a budget of 0"
        )
    side = np.where(allowed.upper[:contracts] <= 0, -1.0, 1.0)
    deviations = np.sqrt(np.diag(covariance))
    start = _inside(allowed, side, budgets, deviations)
    if _is_singular(covariance):
        _refuse_riskless(allowed, covariance, budgets, side * deviations)
    solution = _least(allowed, covariance, budgets, start / np.sqrt(start @ covariance @ start))
    inflated, scale = solution.x[:contracts], float(solution.x[-1])
    low, high = limits.net_range()
    weights = largest_multiple(allowed, inflated) if low < high or not scale > 0 else inflated / scale
    _say_what_is_missed(weights, covariance, budgets)
    return weights, solution


def _budgets(limits: Limits, allowed: FeasibleSet) -> Array:
    """Shares of risk `(N,)` that sum to one; equal ones leave out what the limits exclude."""
    contracts = allowed.contracts
    excluded = (allowed.lower[:contracts] == 0) & (allowed.upper[:contracts] == 0)
    if limits.budgets is None:
        budgets = np.where(excluded, 0.0, 1.0)
    else:
        budgets = numbers(limits.budgets, "budgets", contracts)
        barred = excluded & (budgets > 0)
        if barred.any():
            raise ArgumentError(
                f"budgets gives contract {int(np.argmax(barred)) + 1} risk, but the limits allow it no position; "
                "set its budget to 0"
            )
    if not budgets.any():
        raise UndefinedError("the limits allow no position at all; widen min_weight or max_weight")
    return np.asarray(budgets / budgets.sum())


def _inside(allowed: FeasibleSet, side: Array, budgets: Array, deviations: Array) -> Array:
    """A portfolio of the set with a position in each contract that has a budget, as even in risk as may be."""
    contracts, size = allowed.contracts, allowed.lower.size
    held = np.flatnonzero(budgets > 0)
    rows = np.zeros((held.size, size + 1))
    rows[np.arange(held.size), held] = side[held] * deviations[held]
    rows[:, -1] = -1.0
    wider = allowed.with_variables(np.array([-np.inf]), np.array([np.inf]))
    wider = wider.with_rows(rows, np.zeros(held.size), np.full(held.size, np.inf))
    even = solve(QuadraticProgram.over(wider, np.zeros((size + 1, size + 1)), np.append(np.zeros(size), -1.0)))
    if not even.x[-1] > 0:
        worst = held[int(np.argmin((side * deviations * even.x[:contracts])[held]))]
        raise UndefinedError(
            f"the limits leave contract {worst + 1} no position on its side, so it cannot carry its risk budget; "
            "set its budget to 0 or widen the limits"
        )
    return np.asarray(even.x[:contracts])


def _is_singular(covariance: Array) -> bool:
    """Whether some portfolio has no variance, to rounding."""
    try:
        np.linalg.cholesky(covariance - ROUNDING * np.diag(np.diag(covariance)))
    except np.linalg.LinAlgError:
        return True
    return False


def _refuse_riskless(allowed: FeasibleSet, covariance: Array, budgets: Array, scales: Array) -> None:
    """Raises UndefinedError where contracts that have a budget can be held without risk, so that no size is enough."""
    contracts, size = allowed.contracts, allowed.lower.size
    within, held = cone(allowed), np.flatnonzero(budgets > 0)
    own_side = np.zeros((held.size + 1, size + 1))
    own_side[np.arange(held.size), held] = np.sign(scales[held])
    own_side[-1, held] = scales[held]
    variance = np.zeros((size + 1, size + 1))
    variance[:contracts, :contracts] = covariance
    least, most = np.append(np.zeros(held.size), 1.0), np.append(np.full(held.size, np.inf), 1.0)
    program = QuadraticProgram.over(within.with_rows(own_side, least, most), variance, np.zeros(size + 1))
    safest = solve(program).x[:contracts]
    if safest @ covariance @ safest > ROUNDING:
        return
    first, second = np.sort(held[np.argsort(-np.abs(safest * scales)[held])[:2]]) + 1
    raise UndefinedError(
        f"contracts such as {first} and {second} can be held so that together they have no risk, which then has no "
        "shares; set the budget of one to 0 or use a shrunk covariance"
    )


def _least(allowed: FeasibleSet, covariance: Array, budgets: Array, start: Array) -> QpSolution:
    """The optimum over the cone, in (y, k), by Newton's method from `start`; certified at the point itself."""
    contracts, size = allowed.contracts, allowed.lower.size
    within = cone(allowed)
    held = budgets > 0
    y, settled = start, np.inf
    for _ in range(MOST_STEPS):
        safe = np.where(held, y, 1.0)
        curved, pull = np.zeros((size + 1, size + 1)), np.zeros(size + 1)
        curved[:contracts, :contracts] = covariance + np.diag(budgets / safe**2)
        pull[:contracts] = -2 * budgets / safe
        solution = solve(QuadraticProgram.over(within, curved, pull))
        step = solution.x[:contracts] - y
        settled, last = float(np.abs(step[held] / y[held]).max()), settled
        if settled <= FIXED_POINT or (settled <= ACCEPTED and settled > last / 2):
            return solution
        y = y + (1.0 if settled <= BASIN else _line_search(y, step, covariance, budgets)) * step
    raise NotConvergedError("the risk budget did not settle; look for repeated entries in the covariance")


def _line_search(y: Array, step: Array, covariance: Array, budgets: Array) -> float:
    """The share of a step, at most 1, that leads to the least value along it."""
    held = budgets > 0
    curved, straight = float(step @ covariance @ step), float(y @ covariance @ step)
    ratio, weight = (step / np.where(held, y, 1.0))[held], budgets[held]

    def slope(share: float) -> float:
        moved = 1 + share * ratio
        return np.inf if (moved <= 0).any() else straight + share * curved - float(weight @ (ratio / moved))

    if slope(1.0) <= 0:
        return 1.0
    return bisected(lambda share: slope(share) > 0)


def _say_what_is_missed(weights: Array, covariance: Array, budgets: Array) -> None:
    shares = risk_contribution(weights, covariance)
    worst = int(np.argmax(np.abs(shares - budgets)))
    if abs(shares[worst] - budgets[worst]) > MET:
        say(
            f"limits: contract {worst + 1} carries {shares[worst]:.2%} of the risk where its budget is "
            f"{budgets[worst]:.2%}; these are the nearest weights that the limits allow"
        )
