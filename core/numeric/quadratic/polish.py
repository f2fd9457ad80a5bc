"""Polishing: from a guess of the limits that bind to the optimum on them, as exact as double precision allows.

On the binding limits the optimum solves the linear system

    | P_FF  A_F' | | dx_F |     | P x + q |
    | A_F    0   | |  y   | = - |  A x - b |       F: the variables that stand on no bound

by elimination where it is regular, else by least squares: of all optima on these limits the one nearest to the guess.

Source: Stellato et al., OSQP, Mathematical Programming Computation 12 (2020), section 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...arrays import Array, Mask
from ...tolerances import ROUNDING
from .certificate import Certificate, certify
from .program import QuadraticProgram
from .routes import Guess

__all__ = ["polished", "snapped"]


def polished(problem: QuadraticProgram, guess: Guess, tolerance: float) -> tuple[Guess | None, Certificate]:
    """The guess, or what polishing makes of it, whichever has the least residual; None where a number is missing.

    Elimination is tried unless the guess is exact; the guess as it stands, with multipliers too small to name a limit,
    and least squares, ten times dearer, only where no residual is within `tolerance`.
    """
    best, least = None, Certificate(np.inf, np.inf, np.inf, np.inf)
    for refined, good_enough in (
        (snapped, ROUNDING),
        (_eliminated, tolerance),
        (_as_it_stands, tolerance),
        (_least_squares, tolerance),
    ):
        candidate = refined(problem, guess)
        if candidate is not None:
            certificate = certify(problem, candidate.x, candidate.row_multipliers, candidate.bound_multipliers)
            if certificate.worst < least.worst:
                best, least = candidate, certificate
        if least.passes(good_enough):
            break
    return best, least


def snapped(problem: QuadraticProgram, guess: Guess) -> Guess | None:
    """The guess with each variable on the bound its multiplier names; None where a number is missing."""
    x, y, z = guess.x, guess.row_multipliers, guess.bound_multipliers
    x = np.minimum(np.maximum(x, problem.lower), problem.upper)
    x = np.where(z > 0, problem.upper, np.where(z < 0, problem.lower, x))
    return _completed(problem, x, y, z != 0) if _has_numbers(x, y) else None


def _as_it_stands(problem: QuadraticProgram, guess: Guess) -> Guess | None:
    """The guess between its bounds; None where a number is missing."""
    if not _has_numbers(guess.x, guess.row_multipliers) or not np.isfinite(guess.bound_multipliers).all():
        return None
    return replace(guess, x=np.minimum(np.maximum(guess.x, problem.lower), problem.upper))


def _has_numbers(x: Array, row_multipliers: Array) -> bool:
    """Whether no entry is missing, infinite or beyond all size; one product of each vector with itself tells.

    `dot` says nothing of what it meets, and a route that found nothing may leave anything behind.
    """
    return math.isfinite(x.dot(x) + row_multipliers.dot(row_multipliers))


def _completed(problem: QuadraticProgram, x: Array, row_multipliers: Array, on_bound: Mask) -> Guess:
    """Stationarity gives the multipliers of the bounds that bind; the others are zero."""
    gradient = problem.P @ x + problem.q + problem.rows.T @ row_multipliers
    return Guess(x, row_multipliers, np.where(on_bound, -gradient, 0.0))


def _eliminated(problem: QuadraticProgram, guess: Guess) -> Guess | None:
    """The optimum on the binding limits where it is unique."""
    return _on_binding_limits(problem, guess, lambda system, target: np.asarray(np.linalg.solve(system, target)))


def _least_squares(problem: QuadraticProgram, guess: Guess) -> Guess | None:
    """Of all optima on the binding limits, the one nearest to the guess."""
    return _on_binding_limits(
        problem, guess, lambda system, target: np.asarray(np.linalg.lstsq(system, target, rcond=1e-13)[0])
    )


def _on_binding_limits(
    problem: QuadraticProgram, guess: Guess, linear_solve: Callable[[Array, Array], Array]
) -> Guess | None:
    start = snapped(problem, guess)
    if start is None:
        return None
    free = guess.bound_multipliers == 0
    binding = (guess.row_multipliers != 0) | (problem.row_lower == problem.row_upper)
    limit = np.where(guess.row_multipliers > 0, problem.row_upper, problem.row_lower)[binding]
    rows = problem.rows[np.ix_(binding, free)]
    gradient = (problem.P @ start.x + problem.q)[free]
    count, size = len(gradient), len(gradient) + len(rows)
    system = np.zeros((size, size))  # a third of the time of np.block
    system[:count, :count], system[count:, :count], system[:count, count:] = problem.P[np.ix_(free, free)], rows, rows.T
    try:
        step = linear_solve(system, -np.concatenate([gradient, problem.rows[binding] @ start.x - limit]))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(step).all():
        return None
    x, multipliers = start.x.copy(), np.zeros(len(problem.rows))
    x[free] = np.clip(x[free] + step[:count], problem.lower[free], problem.upper[free])
    multipliers[binding] = step[count:]
    return _completed(problem, x, multipliers, ~free)
