"""The routes to an optimum: each turns a quadratic program of size one into guesses, none of which is trusted.

A guess is a point and its multipliers, from which `polish` takes which limits bind. Nothing a route says of its own
answer counts: the certificate is ours.

    daqp        dual active set: exact, quick for few variables
    piqp        interior point: steady where there are many, or where limits repeat each other
    simplex     dual simplex of HiGHS, for linear programs: ends in a vertex, however degenerate
    proximal    min f(x) + r/2 |x - x_k|^2, again and again: each step is well conditioned although P is singular

Sources: Arnstrom, Bemporad and Axehill, IEEE TAC 67 (2022) for daqp; Schwan et al., CDC (2023) for piqp; Huangfu and
Hall, Mathematical Programming Computation 10 (2018) for HiGHS; Rockafellar, SIAM J. Control Optim. 14 (1976).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import daqp
import numpy as np

from ...arrays import Array
from .program import QuadraticProgram

__all__ = ["Guess", "Route", "by_active_set", "by_interior_point", "by_proximal_steps", "by_simplex"]

FIRST_PULL, FADING, PROXIMAL_STEPS = 1e-2, 0.5, 30
"""The proximal route's pull (P is of size one), how it fades with each step, and the steps it may take."""

EQUATION = np.int32(5)
"""What daqp calls a limit that always binds."""

ANSWERED = 0
"""Exit flags of daqp above this come with a point; where it has cycled or found none, its memory holds anything."""

UNLIMITED = 1e30
"""What both solvers read as infinity."""

MOST_ITERATIONS = 500


@dataclass(frozen=True)
class Guess:
    """What a route found: a point `(n,)` and multipliers of rows `(m,)` and bounds `(n,)`, positive on upper limits."""

    x: Array
    row_multipliers: Array
    bound_multipliers: Array


Route = Callable[[QuadraticProgram, Array], Iterator[Guess]]
"""From a program without folds and a point `(n,)` that may be near its optimum to guesses, the best one last."""


def by_active_set(problem: QuadraticProgram, _: Array) -> Iterator[Guess]:
    """The answer of daqp, none where it finds that no point meets all rows and bounds."""
    guess = _active_set(problem)
    if guess is not None:
        yield guess


def by_interior_point(problem: QuadraticProgram, _: Array) -> Iterator[Guess]:
    """The answer of piqp; where no point meets all rows and bounds, its multipliers grow towards a proof of that."""
    import piqp

    equation = problem.row_lower == problem.row_upper
    inequality = ~equation & ((problem.row_lower > -UNLIMITED) | (problem.row_upper < UNLIMITED))
    solver = piqp.DenseSolver()
    solver.settings.eps_abs = solver.settings.eps_rel = 1e-11
    solver.settings.max_iter = MOST_ITERATIONS
    solver.setup(
        np.asfortranarray(problem.P),
        problem.q,
        np.asfortranarray(problem.rows[equation]),
        problem.row_lower[equation],
        np.asfortranarray(problem.rows[inequality]),
        np.maximum(problem.row_lower[inequality], -UNLIMITED),
        np.minimum(problem.row_upper[inequality], UNLIMITED),
        np.maximum(problem.lower, -UNLIMITED),
        np.minimum(problem.upper, UNLIMITED),
    )
    solver.solve()
    result = solver.result
    rows = np.zeros(len(problem.rows))
    rows[equation] = result.y
    rows[inequality] = _standing(result.z_u, result.s_u) - _standing(result.z_l, result.s_l)
    bounds = _standing(result.z_bu, result.s_bu) - _standing(result.z_bl, result.s_bl)
    yield Guess(np.asarray(result.x), rows, bounds)


def by_simplex(problem: QuadraticProgram, _: Array) -> Iterator[Guess]:
    """The vertex in which the dual simplex method ends; for linear programs."""
    from scipy.optimize import linprog

    equation = problem.row_lower == problem.row_upper
    above = ~equation & np.isfinite(problem.row_upper)
    below = ~equation & np.isfinite(problem.row_lower)
    found = linprog(
        problem.q,
        A_ub=np.vstack([problem.rows[above], -problem.rows[below]]),
        b_ub=np.concatenate([problem.row_upper[above], -problem.row_lower[below]]),
        A_eq=problem.rows[equation],
        b_eq=problem.row_lower[equation],
        bounds=np.column_stack([problem.lower, problem.upper]),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.x is None:
        return
    rows = np.zeros(len(problem.rows))
    rows[equation] = -found.eqlin.marginals
    rows[above] -= found.ineqlin.marginals[: int(above.sum())]
    rows[below] += found.ineqlin.marginals[int(above.sum()) :]
    yield Guess(np.asarray(found.x), rows, -np.asarray(found.lower.marginals) - np.asarray(found.upper.marginals))


def by_proximal_steps(problem: QuadraticProgram, start: Array) -> Iterator[Guess]:
    """From `start` on, each step held near the last point by a pull that fades as the points settle."""
    x, pull = np.clip(start, problem.lower, problem.upper), FIRST_PULL
    for _ in range(PROXIMAL_STEPS):
        held = replace(problem, P=problem.P + pull * np.eye(x.size), q=problem.q - pull * x)
        guess = _active_set(held)
        if guess is None:
            return
        yield guess
        x, pull = guess.x, pull * FADING


def _active_set(problem: QuadraticProgram) -> Guess | None:
    size, (lower, upper) = problem.q.size, problem.limits
    equation = (lower == upper) * EQUATION
    x, _, status, info = daqp.solve(
        np.ascontiguousarray(problem.P),
        np.ascontiguousarray(problem.q),
        np.ascontiguousarray(problem.rows),
        np.minimum(upper, UNLIMITED),
        np.maximum(lower, -UNLIMITED),
        equation,
        primal_tol=1e-11,
    )
    if status <= ANSWERED:
        return None
    multipliers = np.asarray(info["lam"])
    return Guess(np.asarray(x), multipliers[size:], multipliers[:size])


def _standing(multipliers: Array, slack: Array) -> Array:
    """The multipliers of an interior point whose limits bind: those that exceed their slack."""
    return np.where(np.asarray(multipliers) > np.asarray(slack), multipliers, 0.0)
