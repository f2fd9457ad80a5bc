"""A program of a fixed sum, solved and certified as it stands: it needs no rows, and has few terms to certify.

Where the loops are loaded one loop does both (`certified_sum`), so that whoever solves many has each with its
certificate. Where they are not, and distances cost nothing, the active set solves it and a few lines of numpy hold it
to the conditions of `certificate` (`bounded_sum`).

Sources: those of `fixed_sum` and `certificate`.
"""

from __future__ import annotations

import math

import numpy as np

from ...arrays import Array
from .certificate import RESOLUTION, TINY, Certificate
from .fixed_sum import greatest_ratio, least
from .loops import residuals
from .polish import snapped
from .program import QuadraticProgram
from .routes import Guess, by_active_set
from .solve import SMALLEST, QpSolution

__all__ = ["bounded_sum", "certificate_of_sum", "certified_sum"]

Certified = tuple[bool, Array, Array, Array, Array]
"""Whether it settled, the residuals of its certificate `(4,)`, x with its folds, multipliers of rows and bounds."""


def certified_sum(
    P: Array, m: Array, cost: Array, kink: Array, lower: Array, upper: Array, total: float, ratio: bool,
    resolution: float, tiny: float,
) -> Certified:  # fmt: skip
    """The optimum of `least`, or of `greatest_ratio` where `ratio` holds, and how far it is from its conditions.

    Args:
        P: `(n, n)` the quadratic part.
        m: `(n,)` what a unit of each brings.
        cost: `(n,)` of a unit of distance from its kink.
        kink: `(n,)` where that distance is counted from.
        lower: `(n,)` lower bounds.
        upper: `(n,)` upper bounds.
        total: what x adds to.
        ratio: whether the greatest ratio is sought.
        resolution: as `loops.residuals` has it.
        tiny: the same.
    """
    if ratio:
        settled, left, x, y, z, program = greatest_ratio(P, m, cost, kink, lower, upper, total)
    else:
        settled, left, x, y, z, program = least(P, m, cost, kink, lower, upper, total)
    q, rows, row_lower, row_upper, low, high, folded = program
    product = P @ x[: len(m)]
    found = residuals(
        P, rows, row_lower, row_upper, low, high, folded,
        q.reshape(1, -1), x.reshape(1, -1), product.reshape(1, -1), y.reshape(1, -1), z.reshape(1, -1),
        tiny, resolution, tiny,
    )[0]  # fmt: skip
    if not left <= found[2]:  # how far the ratio is from its own condition, which the program does not know
        found[2] = left
    return settled, found, x, y, z


def bounded_sum(P: Array, m: Array, lower: Array, upper: Array, total: float, tolerance: float) -> QpSolution | None:
    """The least x'Px/2 - m'x for `lower` <= x <= `upper` `(n,)` that add to `total`, as the active set finds it.

    None where its certificate exceeds `tolerance`: the ordinary way has others to ask.
    """
    size = max(float(P.diagonal().max()), float(np.abs(m).max()))
    if size < SMALLEST:
        return None
    scale = 1.0 / size
    sum_is = np.array([total])
    problem = QuadraticProgram(
        P=P * scale,
        q=m * -scale,
        rows=np.ones((1, m.size)),
        row_lower=sum_is,
        row_upper=sum_is,
        lower=lower,
        upper=upper,
    )
    for guess in by_active_set(problem, lower):
        found = snapped(problem, guess)
        certificate = None if found is None else certificate_of_sum(problem, found)
        if found is not None and certificate is not None and certificate.passes(tolerance):
            y, z = found.row_multipliers * size, found.bound_multipliers * size
            return QpSolution(found.x, y, z, certificate, "daqp")
    return None


def certificate_of_sum(problem: QuadraticProgram, found: Guess) -> Certificate | None:
    """The certificate of a program whose one row is a fixed sum, as `certify` has it.

    None where a multiplier stands on a bound that does not exist.
    """
    P, x, y, z = problem.P, found.x, float(found.row_multipliers[0]), found.bound_multipliers
    sizes, terms = np.abs(x), np.abs(problem.q)
    size = max(float(sizes.max()), TINY)
    largest = float(P.diagonal().max()) * size + float(terms.max())
    rounding = RESOLUTION * (largest if largest > 0 else 1.0)
    gradient = P @ x
    gradient += problem.q
    gradient += z
    gradient += y
    terms += np.abs(P) @ sizes
    value = max(float(sizes.dot(terms)), rounding * size, TINY)
    terms += abs(y) + rounding
    above, below = x - problem.upper, problem.lower - x
    missed = abs(float(x.sum()) - float(problem.row_upper[0]))
    slack = float(np.abs(z).dot(np.abs(np.where(z > 0, above, np.where(z < 0, below, 0.0))))) + abs(y) * missed
    if not math.isfinite(slack):
        return None
    passed = max(float(above.max()), float(below.max()), missed)
    left = np.abs(gradient)
    left /= terms
    return Certificate(passed / size, 0.0, float(left.max()), slack / value)
