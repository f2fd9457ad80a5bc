"""Decisions whose programs are known before the walk: only the weights held, from which trades cost, are not.

Where the loops are loaded the walk solves them on its way, each certified as any other. One that does not settle, or
whose program is not known, is decided as if nothing were known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...arrays import Array, Mask, Rows
from ...numeric.compiled import in_rows
from ...records import dataclass
from .standing import Standing

__all__ = ["Programmed", "Programs"]


class Programs(NamedTuple):
    """Programs of a fixed sum of N weights at D rows, as `numeric.quadratic.fixed_sum` has them.

    rows      (D,)
    risks     (D, N, N) the quadratic part
    gains     (D, N) what a unit of each brings
    known     (D,) whether the program is what is decided by
    cost      (N,) of a unit of distance from the weights held
    lower     (N,)
    upper     (N,)
    total     what the weights add to
    ratio     whether the greatest ratio is sought, or the least sum of risk, gain and cost
    """

    rows: Rows
    risks: Array
    gains: Array
    known: Mask
    cost: Array
    lower: Array
    upper: Array
    total: float
    ratio: bool

    def in_rows(self) -> Programs:
        """The same in the one form that a loop is compiled for."""
        rows, risks, gains, known = in_rows(self.rows, self.risks, self.gains, self.known)
        cost, lower, upper = in_rows(self.cost, self.lower, self.upper)
        return Programs(rows, risks, gains, known, cost, lower, upper, self.total, self.ratio)


@dataclass
class Programmed:
    """Decisions by programs where they are known, and by `otherwise` where they are not.

    stated      the programs of the first of some rows, of as many as there is room for
    answered    is told of the rows that were decided by programs, and of those in which that is traded
    """

    otherwise: Callable[[Standing], Array | None]
    stated: Callable[[Rows], Programs]
    answered: Callable[[list[int], list[int]], None]

    def __call__(self, now: Standing) -> Array | None:
        """The decision without its program."""
        return self.otherwise(now)
