"""The seam to the solvers: a quadratic programme goes in, a certified optimum comes out, or an error that says why not.

Routes are tried in turn: daqp (dual active set, exact on small problems), then piqp (interior point, faster on large
ones). Whatever a route answers is taken only as a guess of x and of the limits that bind. If the guess does not carry
its certificate, it is polished: on the binding limits the optimum solves the linear system

    | P_FF  A_F' | | dx_F |     | P x + q |
    | A_F    0   | |  y   | = - |  A x - b |       F: the variables that stand on no bound

and the certificate is taken again. Nothing uncertified is returned. "Infeasible" is certified too: the least common
amount by which the rows must give way is a programme of its own, and its certified optimum is above zero.

Objective and rows are scaled to size one before a route sees them, so the answer does not depend on their units.

Sources: Arnstrom, Bemporad and Axehill, IEEE TAC 67 (2022) for daqp; Schwan et al., CDC (2023) for piqp;
polishing as in Stellato et al., OSQP, Math. Prog. Comp. 12 (2020), section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import daqp
import numpy as np
from numpy.typing import NDArray

from ..errors import InfeasibleError, NotConvergedError
from .certificate import Certificate, certify
from .program import QuadraticProgram

__all__ = ["QpSolution", "QuadraticProgram", "elastic", "least_violation", "row_sizes", "solve"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-9
"""Worst relative residual of a certificate that is accepted; ten times stricter than what we promise (1e-8)."""

EXACT = 1e-12
"""Residual that polishing cannot improve upon in double precision."""

SMALL = 200
"""Variables up to which the active-set route is the faster one and goes first."""

UNCERTIFIED = (
    "no route reached a certified optimum; look for extreme or repeated entries in the covariance and the limits"
)

FIRST_PULL, FADING, PROXIMAL_STEPS = 1e-2, 0.5, 30
"""The proximal route's pull (P is of size one), how it fades with each step, and the steps it may take."""

UNLIMITED = 1e30
"""What both solvers read as infinity."""


@dataclass(frozen=True)
class QpSolution:
    """A certified optimum: `x` `(n,)`, the multipliers of rows `(m,)` and bounds `(n,)`, and the route that found it.

    Multipliers are positive on upper limits and negative on lower ones, in objective per unit of the limit.
    """

    x: Array
    row_multipliers: Array
    bound_multipliers: Array
    certificate: Certificate
    solver: str


@dataclass(frozen=True)
class _Guess:
    """What a route found: a point and its multipliers, positive on upper limits."""

    x: Array
    row_multipliers: Array
    bound_multipliers: Array


Route = Callable[[QuadraticProgram], Iterator[_Guess]]


def solve(problem: QuadraticProgram) -> QpSolution:
    """The certified optimum of `problem`. Raises InfeasibleError, NotConvergedError."""
    if (problem.lower > problem.upper).any() or (problem.row_lower > problem.row_upper).any():
        raise InfeasibleError("a lower limit lies above its upper limit; move one of them")
    solution = _first_certified(problem)
    if solution is None and least_violation(problem) > TOLERANCE:
        raise InfeasibleError("no point meets every row and bound; relax one of them")
    if solution is None:
        raise NotConvergedError(UNCERTIFIED)
    return solution


def least_violation(problem: QuadraticProgram) -> float:
    """The least t at which every row, each given way by t of its size, has a point within the bounds.

    Zero (to rounding) when the programme is feasible. The bounds themselves must not cross. Raises NotConvergedError.
    """
    if not len(problem.A):
        return 0.0
    solution = _first_certified(elastic(problem, np.ones(len(problem.A), dtype=bool)))
    if solution is None:
        raise NotConvergedError(UNCERTIFIED)
    return float(solution.x[-1])


def elastic(problem: QuadraticProgram, gives: Mask) -> QuadraticProgram:
    """The programme in (x, t) that seeks the least t >= 0 by which the rows `gives` must give way, objective left out.

    Row i then reads row_lower_i - t s_i <= A_i x <= row_upper_i + t s_i with its size s_i (see `row_sizes`).
    """
    give = np.where(gives, row_sizes(problem.A), 0.0)[:, None]
    from_below, from_above = np.isfinite(problem.row_lower), np.isfinite(problem.row_upper)
    size = problem.q.size
    return QuadraticProgram(
        P=np.zeros((size + 1, size + 1)),
        q=np.append(np.zeros(size), 1.0),
        A=np.vstack([np.hstack([problem.A, give])[from_below], np.hstack([problem.A, -give])[from_above]]),
        row_lower=np.concatenate([problem.row_lower[from_below], np.full(int(from_above.sum()), -np.inf)]),
        row_upper=np.concatenate([np.full(int(from_below.sum()), np.inf), problem.row_upper[from_above]]),
        lower=np.append(problem.lower, 0.0),
        upper=np.append(problem.upper, np.inf),
    )


def row_sizes(A: Array) -> Array:
    """The largest coefficient of each row, 1 for a row of zeros."""
    sizes = np.abs(A).max(axis=1, initial=0.0)
    return np.where(sizes > 0, sizes, 1.0)


def _first_certified(problem: QuadraticProgram) -> QpSolution | None:
    scaled, objective_scale, row_scales = _scaled(problem)
    for name, route in _routes(problem):
        for guess in route(scaled):
            best, certificate = _best(scaled, guess)
            if best is not None and certificate.passes(TOLERANCE):
                return QpSolution(
                    x=best.x,
                    row_multipliers=best.row_multipliers * row_scales / objective_scale,
                    bound_multipliers=best.bound_multipliers / objective_scale,
                    certificate=certificate,
                    solver=name,
                )
    return None


def _best(problem: QuadraticProgram, guess: _Guess) -> tuple[_Guess | None, Certificate]:
    """The guess, or what polishing makes of it, whichever has the least residual.

    Elimination is tried unless the guess is exact; least squares, ten times dearer, only where all else fails.
    """
    best, least = None, Certificate(np.inf, np.inf, np.inf, np.inf)
    for refined, good_enough in ((_snapped, EXACT), (_eliminated, TOLERANCE), (_least_squares, TOLERANCE)):
        candidate = refined(problem, guess)
        if candidate is not None:
            certificate = certify(problem, candidate.x, candidate.row_multipliers, candidate.bound_multipliers)
            if certificate.worst < least.worst:
                best, least = candidate, certificate
        if least.passes(good_enough):
            break
    return best, least


def _scaled(problem: QuadraticProgram) -> tuple[QuadraticProgram, float, Array]:
    """The programme with objective and rows of size one, and the factors that made them so."""
    size = max(float(np.abs(problem.P).max()), float(np.abs(problem.q).max()))
    objective_scale = 1.0 / size if size > 0 else 1.0
    row_scales = 1.0 / row_sizes(problem.A)
    scaled = replace(
        problem,
        P=problem.P * objective_scale,
        q=problem.q * objective_scale,
        A=problem.A * row_scales[:, None],
        row_lower=problem.row_lower * row_scales,
        row_upper=problem.row_upper * row_scales,
    )
    return scaled, objective_scale, row_scales


def _routes(problem: QuadraticProgram) -> list[tuple[str, Route]]:
    direct: list[tuple[str, Route]] = [("daqp", _daqp), ("piqp", _piqp)]
    return [*(direct if problem.q.size <= SMALL else direct[::-1]), ("daqp, proximal", _proximal)]


def _daqp(problem: QuadraticProgram) -> Iterator[_Guess]:
    yield _active_set(problem)


def _proximal(problem: QuadraticProgram) -> Iterator[_Guess]:
    """For singular or badly scaled P: a pull towards the last point makes each step well conditioned.

    The pull fades as the points settle, so they approach an optimum of the programme itself (Rockafellar, 1976).
    """
    x = np.clip(0.0, problem.lower, problem.upper)
    pull = FIRST_PULL
    for _ in range(PROXIMAL_STEPS):
        guess = _active_set(replace(problem, P=problem.P + pull * np.eye(x.size), q=problem.q - pull * x))
        yield guess
        x, pull = guess.x, pull * FADING


def _active_set(problem: QuadraticProgram) -> _Guess:
    size = problem.q.size
    lower = np.concatenate([problem.lower, problem.row_lower])
    upper = np.concatenate([problem.upper, problem.row_upper])
    equation = np.where(lower == upper, 5, 0).astype(np.int32)
    x, _, _, info = daqp.solve(
        np.ascontiguousarray(problem.P),
        np.ascontiguousarray(problem.q),
        np.ascontiguousarray(problem.A),
        np.minimum(upper, UNLIMITED),
        np.maximum(lower, -UNLIMITED),
        equation,
        primal_tol=1e-11,
    )
    multipliers = np.asarray(info["lam"])
    return _Guess(np.asarray(x), multipliers[size:], multipliers[:size])


def _piqp(problem: QuadraticProgram) -> Iterator[_Guess]:
    import piqp

    equation = problem.row_lower == problem.row_upper
    inequality = ~equation & (np.isfinite(problem.row_lower) | np.isfinite(problem.row_upper))
    solver = piqp.DenseSolver()
    solver.settings.eps_abs = solver.settings.eps_rel = 1e-11
    solver.settings.max_iter = 500
    solver.setup(
        np.asfortranarray(problem.P),
        problem.q,
        np.asfortranarray(problem.A[equation]),
        problem.row_lower[equation],
        np.asfortranarray(problem.A[inequality]),
        np.maximum(problem.row_lower[inequality], -UNLIMITED),
        np.minimum(problem.row_upper[inequality], UNLIMITED),
        np.maximum(problem.lower, -UNLIMITED),
        np.minimum(problem.upper, UNLIMITED),
    )
    solver.solve()
    result = solver.result
    rows = np.zeros(len(problem.A))
    rows[equation] = result.y
    rows[inequality] = _standing(result.z_u, result.s_u) - _standing(result.z_l, result.s_l)
    bounds = _standing(result.z_bu, result.s_bu) - _standing(result.z_bl, result.s_bl)
    yield _Guess(np.asarray(result.x), rows, bounds)


def _standing(multipliers: Array, slack: Array) -> Array:
    """The multipliers of an interior point whose limits bind: those that exceed their slack."""
    return np.where(np.asarray(multipliers) > np.asarray(slack), multipliers, 0.0)


def _snapped(problem: QuadraticProgram, guess: _Guess) -> _Guess | None:
    """The guess with each variable on the bound its multiplier names; None where a number is missing."""
    x = np.clip(guess.x, problem.lower, problem.upper)
    x = np.where(guess.bound_multipliers > 0, problem.upper, np.where(guess.bound_multipliers < 0, problem.lower, x))
    if not (np.isfinite(x).all() and np.isfinite(guess.row_multipliers).all()):
        return None
    return _completed(problem, x, guess.row_multipliers, guess.bound_multipliers != 0)


def _completed(problem: QuadraticProgram, x: Array, row_multipliers: Array, on_bound: Mask) -> _Guess:
    """Stationarity gives the multipliers of the bounds that bind; the others are zero."""
    gradient = problem.P @ x + problem.q + problem.A.T @ row_multipliers
    return _Guess(x, row_multipliers, np.where(on_bound, -gradient, 0.0))


def _eliminated(problem: QuadraticProgram, guess: _Guess) -> _Guess | None:
    """The optimum on the binding limits where it is unique."""
    try:
        return _polished(problem, guess, lambda system, target: np.asarray(np.linalg.solve(system, target)))
    except np.linalg.LinAlgError:
        return None


def _least_squares(problem: QuadraticProgram, guess: _Guess) -> _Guess | None:
    """Of all optima on the binding limits, the one nearest to the guess."""
    try:
        return _polished(
            problem, guess, lambda system, target: np.asarray(np.linalg.lstsq(system, target, rcond=1e-13)[0])
        )
    except np.linalg.LinAlgError:
        return None


def _polished(problem: QuadraticProgram, guess: _Guess, linear_solve: Callable[[Array, Array], Array]) -> _Guess | None:
    start = _snapped(problem, guess)
    if start is None:
        return None
    free = guess.bound_multipliers == 0
    binding = (guess.row_multipliers != 0) | (problem.row_lower == problem.row_upper)
    limit = np.where(guess.row_multipliers > 0, problem.row_upper, problem.row_lower)[binding]
    rows = problem.A[np.ix_(binding, free)]
    system = np.block([[problem.P[np.ix_(free, free)], rows.T], [rows, np.zeros((len(rows), len(rows)))]])
    gradient = (problem.P @ start.x + problem.q)[free]
    step = linear_solve(system, -np.concatenate([gradient, problem.A[binding] @ start.x - limit]))
    if not np.isfinite(step).all():
        return None
    x, multipliers = start.x.copy(), np.zeros(len(problem.A))
    x[free] = np.clip(x[free] + step[: len(gradient)], problem.lower[free], problem.upper[free])
    multipliers[binding] = step[len(gradient) :]
    return _completed(problem, x, multipliers, ~free)
