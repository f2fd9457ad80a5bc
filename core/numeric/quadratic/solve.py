"""The seam to the solvers: a quadratic program goes in, a certified optimum comes out, or an error that says why not.

Routes are tried in turn. Programs with absolute values or with many variables go by their pieces first (see
`piecewise`), small ones to the active set, then to the interior point and the others of `routes`. Whatever a route
answers is taken only as a guess of x and of the limits that bind. If the guess does not carry its certificate, it is
polished (see `polish`) and the certificate is taken again. Nothing uncertified is returned.

As soon as one route has failed, a proof is sought that there is no point at all (see `conflict`), and only with such a
proof is a program called infeasible. Where one is not found at once, as of a program that has points, it is sought in
earnest once all routes have failed. Rows that miss each other by rounding are given a sliver of room.

Objective and rows are scaled to size one before a route sees them, so the answer does not depend on their units.

Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 5.5 (optimality) and 5.8 (alternatives).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...arrays import Array
from ...errors import InfeasibleError, NotConvergedError
from ...records import dataclass
from ...tolerances import CERTIFIED
from .certificate import Certificate, certify
from .conflict import MOST_CUTS, is_impossible
from .linear_set import row_sizes
from .piecewise import Candidate, by_pieces
from .polish import polished
from .program import QuadraticProgram
from .routes import Guess, Route, by_active_set, by_interior_point, by_proximal_steps, by_simplex, is_there

__all__ = ["QpSolution", "QuadraticProgram", "certified", "on_its_pieces", "solve"]

SLIVER = 3e-10
"""By how much rows give way, relative to their size, where they leave too few points to find an optimum among."""

FINE = 1e-10
"""Residual of a small or a linear program below which no other route is asked for a better one."""

FEW, FEW_IN_NUMPY = 60, 25
"""Variables up to which the exchange of one limit at a time is faster than that of many (the pieces): daqp's, ours."""

FEW_CUTS = 40
"""Cuts within which a proof of a conflict is sought while there are other routes: ten are many for one."""

MOST_ROWS = 100
"""Rows up to which that takes a moment; of more it is sought once a route has failed as well as the pieces."""

SMALL = 200
"""Variables up to which the active-set route is faster than the interior point and goes first."""

SMALLEST = float(np.finfo(float).tiny)
"""Size of an objective below which 1 / size has no number."""

NO_CERTIFICATE = Certificate(np.inf, np.inf, np.inf, np.inf)
"""That of no answer."""

UNCERTIFIED = (
    "no route reached a certified optimum; look for extreme or repeated entries in the covariance and the limits"
)


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


def solve(problem: QuadraticProgram) -> QpSolution:
    """The certified optimum of `problem`. Raises InfeasibleError, NotConvergedError."""
    solution = _first_certified(problem)
    if solution is None:
        solution = _first_certified(_widened(problem), may_conflict=False)
    if solution is not None:
        return solution
    raise NotConvergedError(UNCERTIFIED)


def _widened(problem: QuadraticProgram) -> QuadraticProgram:
    """Rows that miss each other by rounding, or leave a sliver of points, give way by as much."""
    give = SLIVER * row_sizes(problem.rows)
    give[: problem.folded.size] = 0.0
    return replace(problem, row_lower=problem.row_lower - give, row_upper=problem.row_upper + give)


def _first_certified(problem: QuadraticProgram, *, may_conflict: bool = True) -> QpSolution | None:
    """The answer of the first route that carries its certificate; None where none does.

    Raises InfeasibleError where one route has failed and `problem`, which `may_conflict`, is proved to have no point.
    """
    few = FEW if is_there("daqp") else FEW_IN_NUMPY
    by_their_pieces = problem.folded.size > 0 or (problem.q.size > few and bool(problem.P.any()))
    unasked = may_conflict
    if by_their_pieces:
        solution = on_its_pieces(problem)
        if solution is not None:
            return solution
        if unasked and len(problem.stated()) <= MOST_ROWS:
            _refuse_conflict(problem, FEW_CUTS)
            unasked = False
    scaled, objective_scale, row_scales = _scaled(problem)
    is_small = problem.q.size <= SMALL
    enough = FINE if is_small or not problem.P.any() else CERTIFIED
    best, solver, least, near = None, "", NO_CERTIFICATE, np.zeros(problem.q.size)
    for name, route in _routes(problem):
        if best is not None and route is by_proximal_steps and not is_small:
            break  # many steps for a digit
        found, certificate, near = _tried(route, scaled, near, enough)
        if found is not None and certificate.worst < least.worst:
            best, solver, least = found, name, certificate
        if least.passes(enough):
            break
        if best is None and by_their_pieces and route is by_interior_point:
            solution = on_its_pieces(problem, near)
            if solution is not None:
                return solution
        if best is None and unasked:
            _refuse_conflict(problem, FEW_CUTS)
            unasked = False
    if best is None:
        if may_conflict:
            _refuse_conflict(problem, MOST_CUTS)
        return None
    row_multipliers = best.row_multipliers * row_scales / objective_scale
    return QpSolution(best.x, row_multipliers, best.bound_multipliers / objective_scale, least, solver)


def _tried(
    route: Route, problem: QuadraticProgram, near: Array, enough: float
) -> tuple[Guess | None, Certificate, Array]:
    """The best certified answer of one route, the first within `enough`, and the point it came to last."""
    best, least = None, NO_CERTIFICATE
    for guess in route(problem, near):
        refined, certificate = polished(problem, guess, CERTIFIED)
        if refined is None:
            continue
        near = refined.x
        if certificate.passes(CERTIFIED if best is None else least.worst):
            best, least = refined, certificate
        if certificate.passes(enough):
            break
    return best, least, near


def _refuse_conflict(problem: QuadraticProgram, most_cuts: int) -> None:
    """Raises InfeasibleError where limits cross or a proof is found, within so many cuts, that they conflict."""
    if (problem.lower > problem.upper).any() or (problem.row_lower > problem.row_upper).any():
        raise InfeasibleError("a lower limit lies above its upper limit; move one of them")
    if is_impossible(problem, most_cuts):
        raise InfeasibleError("no point meets every row and bound; relax one of them")


def on_its_pieces(problem: QuadraticProgram, near: Array | None = None) -> QpSolution | None:
    """The optimum in which the pieces settled, where it carries its certificate as it stands."""
    found = by_pieces(problem, near)
    return None if found is None else certified(problem, found)


def certified(problem: QuadraticProgram, found: Candidate) -> QpSolution | None:
    """What the pieces found, where it carries its certificate as it stands."""
    certificate = certify(problem, found.x, found.row_multipliers, found.bound_multipliers)
    if not certificate.passes(CERTIFIED):
        return None
    return QpSolution(found.x, found.row_multipliers, found.bound_multipliers, certificate, "pieces")


def _routes(problem: QuadraticProgram) -> Iterator[tuple[str, Route]]:
    """The routes in turn: the quickest for this size, then the steadier ones."""
    active_set = "daqp" if is_there("daqp") else "active set"
    interior_point = "piqp" if is_there("piqp") else "clarabel"
    direct: tuple[tuple[str, Route], ...] = (active_set, by_active_set), (interior_point, by_interior_point)
    yield from direct if problem.q.size <= SMALL else reversed(direct)
    if not problem.P.any():
        yield "simplex", by_simplex
    yield f"{active_set}, proximal", by_proximal_steps


def _scaled(problem: QuadraticProgram) -> tuple[QuadraticProgram, float, Array]:
    """The program without folds, with objective and rows of size one, and the factors that made them so."""
    P, plain = problem.P, problem.plain
    size = max(float(P.diagonal().max()), float(np.abs(problem.q).max()))
    objective_scale = 1.0 / size if size >= SMALLEST else 1.0
    row_scales = 1.0 / row_sizes(problem.rows)
    if problem.folded.size:
        P = np.zeros((problem.q.size, problem.q.size))
        P[:plain, :plain] = problem.P
    scaled = QuadraticProgram(
        P=P * objective_scale,
        q=problem.q * objective_scale,
        rows=problem.rows * row_scales[:, None],
        row_lower=problem.row_lower * row_scales,
        row_upper=problem.row_upper * row_scales,
        lower=problem.lower,
        upper=problem.upper,
    )
    return scaled, objective_scale, row_scales
