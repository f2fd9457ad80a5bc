"""The routes to an optimum: each turns a quadratic program of size one into guesses, none of which is trusted.

A guess is a point and its multipliers, from which `polish` takes which limits bind. Nothing a route says of its own
answer counts: the certificate is ours.

    daqp        dual active set: exact, quick for few variables
    active set  the same in numpy (see `active_set`), where daqp has no build
    piqp        interior point: steady where there are many, or where limits repeat each other
    clarabel    interior point of the self-dual embedding, where piqp has no build
    simplex     dual simplex of HiGHS, for linear programs: ends in a vertex, however degenerate
    proximal    min f(x) + r/2 |x - x_k|^2, again and again: each step is well conditioned although P is singular

A solver is imported when it is first asked; where daqp and piqp have no build, as in a
browser, the two beside them answer.

Sources: Arnstrom, Bemporad and Axehill, IEEE TAC 67 (2022) for daqp; Schwan et al., CDC (2023) for piqp; Goulart and
Chen, "Clarabel" (2024); Huangfu and Hall, Mathematical Programming Computation 10 (2018) for HiGHS; Rockafellar, SIAM
J. Control Optim. 14 (1976).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from ...arrays import Array
from ...records import dataclass
from .active_set import dual_active_set
from .program import QuadraticProgram

__all__ = [
    "Guess",
    "Route",
    "by_active_set",
    "by_interior_point",
    "by_proximal_steps",
    "by_simplex",
    "is_there",
    "of_daqp",
]

FIRST_PULL, FADING, PROXIMAL_STEPS = 1e-2, 0.5, 30
"""The proximal route's pull (P is of size one), how it fades with each step, and the steps it may take."""

EQUATION = np.int32(5)
"""What daqp calls a limit that always binds."""

ANSWERED = 0
"""Exit flags of daqp above this come with a point; where it has cycled or found none, its memory holds anything."""

UNLIMITED = 1e30
"""What both solvers read as infinity."""

MOST_ITERATIONS = 500

BOTH_VANISH = 1e-4
"""A multiplier and its slack, both below this, tell at the end of an interior point not which of them is zero."""


@dataclass(frozen=True)
class Guess:
    """What a route found: a point `(n,)` and multipliers of rows `(m,)` and bounds `(n,)`, positive on upper limits."""

    x: Array
    row_multipliers: Array
    bound_multipliers: Array


Route = Callable[[QuadraticProgram, Array], Iterator[Guess]]
"""From a program without folds and a point `(n,)` that may be near its optimum to guesses, the best one last."""


@functools.cache
def is_there(solver: str) -> bool:
    """Whether the package of a solver is installed; it is not loaded for the answer."""
    return find_spec(solver) is not None


def by_active_set(problem: QuadraticProgram, _: Array) -> Iterator[Guess]:
    """The answer of daqp, or of our own active set; none where it finds that no point meets all rows and bounds."""
    yield from _by_daqp(problem) if is_there("daqp") else _by_own_active_set(problem)


def by_interior_point(problem: QuadraticProgram, _: Array) -> Iterator[Guess]:
    """The answer of piqp, or of clarabel, or none where neither is there.

    Where no point meets all rows and bounds, the multipliers of both grow towards a proof of that.
    """
    if is_there("piqp"):
        yield from _by_piqp(problem)
    elif is_there("clarabel"):
        yield from _by_clarabel(problem)


def _by_piqp(problem: QuadraticProgram) -> Iterator[Guess]:
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


def _by_clarabel(problem: QuadraticProgram) -> Iterator[Guess]:
    import clarabel
    from scipy.sparse import csc_matrix, triu

    size, (lower, upper) = problem.q.size, problem.limits
    every = np.vstack([np.eye(size), problem.rows])
    equation = lower == upper
    above, below = ~equation & (upper < UNLIMITED), ~equation & (lower > -UNLIMITED)
    equations, uppers, lowers = int(equation.sum()), int(above.sum()), int(below.sum())
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_iter = MOST_ITERATIONS
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    found = clarabel.DefaultSolver(
        triu(csc_matrix(problem.P), format="csc"),
        problem.q,
        csc_matrix(np.vstack([every[equation], every[above], -every[below]])),
        np.concatenate([upper[equation], upper[above], -lower[below]]),
        [clarabel.ZeroConeT(equations), clarabel.NonnegativeConeT(uppers + lowers)],
        settings,
    ).solve()
    forces, slack = np.asarray(found.z), np.asarray(found.s)
    at_kink = (np.maximum(forces, slack)[equations:] < BOTH_VANISH).any()
    for kept in (_standing(forces, slack), forces) if at_kink else (_standing(forces, slack),):
        multipliers = np.zeros(len(every))
        multipliers[equation], multipliers[above] = forces[:equations], kept[equations : equations + uppers]
        multipliers[below] -= kept[equations + uppers :]
        yield Guess(np.asarray(found.x), multipliers[size:], multipliers[:size])


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
        guess = None
        for guess in by_active_set(held, x):
            yield guess
        if guess is None:
            return
        x, pull = guess.x, pull * FADING


def _by_own_active_set(problem: QuadraticProgram) -> Iterator[Guess]:
    for x, multipliers in dual_active_set(problem):
        yield Guess(x, multipliers[x.size :], multipliers[: x.size])


def _by_daqp(problem: QuadraticProgram) -> Iterator[Guess]:
    lower, upper = problem.limits
    answer = of_daqp(problem.P, problem.q, problem.rows, np.maximum(lower, -UNLIMITED), np.minimum(upper, UNLIMITED))
    if answer is not None:
        x, multipliers = answer
        yield Guess(x, multipliers[x.size :], multipliers[: x.size])


def of_daqp(P: Array, q: Array, rows: Array, lower: Array, upper: Array) -> tuple[Array, Array] | None:
    """What daqp answers: a point `(n,)` and the multipliers of bounds and rows `(n + m,)`; None where it has none.

    Args:
        P: `(n, n)` the quadratic part.
        q: `(n,)` the linear part.
        rows: `(m, n)` the rows.
        lower: `(n + m,)` the lower limits of all variables and then all rows, none beyond -UNLIMITED.
        upper: `(n + m,)` their upper limits, none beyond UNLIMITED.
    """
    import daqp

    x, _, status, info = daqp.solve(
        np.ascontiguousarray(P),
        np.ascontiguousarray(q),
        np.ascontiguousarray(rows),
        upper,
        lower,
        (lower == upper) * EQUATION,
        primal_tol=1e-11,
    )
    return (np.asarray(x), np.asarray(info["lam"])) if status > ANSWERED else None


def _standing(multipliers: Array, slack: Array) -> Array:
    """The multipliers of an interior point whose limits bind: those that exceed their slack."""
    return np.where(np.asarray(multipliers) > np.asarray(slack), multipliers, 0.0)
