"""A program of a fixed sum, solved and certified as it stands: it needs no rows, and has few terms to certify.

Where the loops are loaded one loop does both (`certified_sum`), so that whoever solves many has each with its
certificate. Where they are not, and distances cost nothing, daqp solves it and a few lines of numpy hold it to the
conditions of `certificate` (`bounded_sum`).

Sources: those of `fixed_sum` and `certificate`.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from .certificate import RESOLUTION, TINY, Certificate
from .fixed_sum import greatest_ratio, least
from .loops import residuals
from .routes import is_there, of_daqp
from .solve import SMALLEST, QpSolution

__all__ = ["bounded_sum", "certified_sum", "on_its_bounds"]

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
    """The least x'Px/2 - m'x for finite `lower` <= x <= `upper` `(n,)` that add to `total`, as daqp finds it.

    None where its certificate exceeds `tolerance`, or there is no daqp: the ordinary way has others to ask.
    """
    count, size = m.size, max(_largest(P.diagonal()), _largest(np.abs(m)))
    if size < SMALLEST or not is_there("daqp"):
        return None
    scale, limits = 1.0 / size, np.empty((2, count + 1))
    limits[0, :count], limits[1, :count], limits[:, count] = lower, upper, total
    P, q = P * scale, m * -scale
    answer = of_daqp(P, q, np.ones((1, count)), limits[0], limits[1])
    if answer is None:
        return None
    x, z, y, certificate = on_its_bounds(P, q, limits, *answer)
    if not certificate.passes(tolerance):
        return None
    return QpSolution(x, y * size, z * size, certificate, "daqp")


def on_its_bounds(
    P: Array, q: Array, limits: Array, x: Array, multipliers: Array
) -> tuple[Array, Array, Array, Certificate]:
    """x with each variable on the bound that its multiplier names, multipliers of bounds and sum, certificate.

    What `polish.snapped` and `certify` make of any program, here from one gradient. Of a point between its bounds,
    unless they cross, only the sum can be missed, and only a multiplier of the wrong sign stands away from its bound.

    Args:
        P: `(n, n)` the quadratic part.
        q: `(n,)` the linear part.
        limits: `(2, n + 1)` lower and upper bounds, then what x adds to; all finite.
        x: `(n,)` the point.
        multipliers: `(n + 1,)` of bounds and sum.
    """
    (lower, upper), total = limits[:, :-1], limits[1, -1]
    z, y = multipliers[:-1], multipliers[-1:]
    binds = z.astype(np.bool_)
    x = np.where(binds, np.where(z > 0.0, upper, lower), np.minimum(np.maximum(x, lower), upper))
    gradient = P.dot(x)
    gradient += q
    gradient += y
    z = -gradient * binds
    gradient += z

    sizes, terms, price = np.abs(x), np.abs(q), abs(y.item())
    size = max(_largest(sizes), TINY)
    rounding = RESOLUTION * (_largest(P.diagonal()) * size + _largest(terms) or 1.0)
    terms += np.abs(P).dot(sizes)
    value = max(float(sizes.dot(terms)), rounding * size, TINY)
    terms += price + rounding
    missed = abs(float(x.sum()) - float(total))
    slack = float(z.dot(np.where(z > 0.0, upper, lower) - x)) + price * missed
    passed = max(missed, _largest(lower - upper))
    left = np.abs(gradient)
    left /= terms
    return x, z, y, Certificate(passed / size, 0.0, _largest(left), slack / value)


def _largest(values: Array) -> float:
    """The largest of a few: of `max` three quarters of the time is the way to it."""
    return values.item(values.argmax())
