"""A program of a fixed sum, solved and certified in one loop: whoever solves many has each with its certificate.

Sources: those of `fixed_sum` and `certificate`.
"""

from __future__ import annotations

from ...arrays import Array
from .fixed_sum import greatest_ratio, least
from .loops import residuals

__all__ = ["certified_sum"]

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
