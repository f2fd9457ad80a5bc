"""The greatest ratio of a gain to the root of a variance, as the certified optimum of one quadratic program.

    greatest  (constant - q'x) / sqrt(w'P w)        is the optimum of        least  w'P w / 2 + p q'x

at the p at which the gain times p is the variance. p is sought together with the optimum (see `piecewise`), or from a
point that is near it already.

Source: Dinkelbach, Management Science 13 (1967).
"""

from __future__ import annotations

import math
from dataclasses import replace

from ...arrays import Array
from ...tolerances import SOLVED
from .piecewise import ratio_by_pieces
from .program import QuadraticProgram
from .solve import QpSolution, certified, on_its_pieces

__all__ = ["greatest_ratio", "ratio_from_near"]

ROUNDS = 5
"""Values of p that are tried from a point near the greatest ratio; one is usual."""


def greatest_ratio(problem: QuadraticProgram, constant: float) -> QpSolution | None:
    """Where (constant - q'x) / sqrt(w'P w) is greatest: the certified optimum of the program whose linear part is p q.

    At that p the gain times p is the variance. None where the pieces do not settle in such a point.
    """
    found = ratio_by_pieces(problem, constant)
    if found is None:
        return None
    candidate, p = found
    solution = certified(replace(problem, q=p * problem.q), candidate)
    if solution is None:
        return None
    gain, variance = _gain_and_variance(problem, constant, solution.x)
    return solution if abs(p * gain - variance) <= SOLVED * variance else None


def ratio_from_near(problem: QuadraticProgram, constant: float, near: Array) -> QpSolution | None:
    """The same from a point `(n,)` near it, by optima for one p after the other.

    Between two changes of the binding limits p times the gain less the variance is a straight line in p, so the third p
    is exact where the first two stand on the same pieces.
    """
    gain, variance = _gain_and_variance(problem, constant, near)
    x, last_p, last_left = near, 0.0, -math.inf
    p = variance / gain if gain > 0 else math.inf
    for _ in range(ROUNDS):
        if not 0 < p < math.inf:
            return None
        at_p = replace(problem, q=p * problem.q)
        solution = on_its_pieces(at_p, x) or on_its_pieces(at_p)
        if solution is None:
            return None
        x = solution.x
        gain, variance = _gain_and_variance(problem, constant, x)
        left = p * gain - variance
        if abs(left) <= SOLVED * variance:
            return solution
        on_the_line = math.isfinite(last_left) and left != last_left
        following = p - left * (p - last_p) / (left - last_left) if on_the_line else variance / gain
        last_p, last_left, p = p, left, following
    return None


def _gain_and_variance(problem: QuadraticProgram, constant: float, x: Array) -> tuple[float, float]:
    w = x[: problem.plain]
    return constant - float(problem.q @ x), float(w @ problem.P @ w)
