"""Where a walk along the critical line stands, and the turning points that it has recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...records import dataclass
from .program import Integers

__all__ = ["Walk"]


@dataclass
class Walk:
    """Where the walk stands, and what it has recorded; arrays are changed in place.

    `place` as in `residuals_of`; `side` of each row: 0 not binding, 1 at its upper and -1 at its lower limit, 2 an
    equation. `members` lists F and R (rows count from n on), `slot` finds each in it, `inverse` is of their system.
    """

    w: Array
    y: Array
    lam: float
    place: Integers
    side: Integers
    gradient: Array
    values: Array
    members: Integers
    slot: Integers
    inverse: Array
    size: int
    path_lam: Array
    path_w: Array
    path_y: Array
    path_place: NDArray[np.int8]
    count: int = 0

    def record(self) -> None:
        """Write the present turning point down."""
        self.path_lam[self.count] = self.lam
        self.path_w[self.count], self.path_y[self.count], self.path_place[self.count] = self.w, self.y, self.place
        self.count += 1

    def anew(self) -> Walk:
        """A walk of its own from here, with the present turning point recorded."""
        there = Walk(
            w=self.w.copy(),
            y=self.y.copy(),
            lam=self.lam,
            place=self.place.copy(),
            side=self.side.copy(),
            gradient=self.gradient.copy(),
            values=self.values.copy(),
            members=self.members.copy(),
            slot=self.slot.copy(),
            inverse=self.inverse.copy(),
            size=self.size,
            path_lam=np.empty_like(self.path_lam),
            path_w=np.empty_like(self.path_w),
            path_y=np.empty_like(self.path_y),
            path_place=np.empty_like(self.path_place),
        )
        there.record()
        return there
