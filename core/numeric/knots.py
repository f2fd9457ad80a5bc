"""On which piece of a line through many knots each point lies, found in one look.

Halving finds the piece among thousands in a dozen steps, each of which waits for the one before. A guide takes one: the
way from the first knot to the last is cut into many equal cells, of each of which it is known which knots lie before
it, and of those inside it there is seldom more than one.

Source: Chen and Asau (1974), "On Generating Random Variates from an Empirical Distribution" (the guide table).
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array, Rows
from ..records import dataclass

__all__ = ["Knots"]

CELLS = 1 << 16
"""Cells of a guide: a quarter of a megabyte."""


@dataclass(frozen=True, eq=False)
class Knots:
    """K ascending `places`, at least two, and how many knots lie in the cells before each cell, `(C,)`."""

    places: Array
    before: Rows
    per_unit: float

    @classmethod
    def of(cls, places: Array) -> Knots:
        """The guide to these knots."""
        per_unit = (CELLS - 1) / float(places[-1] - places[0])
        cells = ((places - places[0]) * per_unit).astype(np.int32)
        return cls(places, np.searchsorted(cells, np.arange(CELLS)).astype(np.int32), per_unit)

    def pieces(self, points: Array) -> Rows:
        """The last knot at or before each point, `(P,)`; the first for what lies before, the last but one behind."""
        last = len(self.places) - 2
        inside = np.minimum(np.maximum(points, self.places[0]), self.places[-1])
        inside -= self.places[0]
        inside *= self.per_unit
        piece = np.maximum(self.before.take(inside.astype(np.int32)) - 1, 0)
        while True:
            further = (self.places.take(piece + 1) <= points) & (piece < last)
            if not further.any():
                return np.asarray(piece)
            piece += further
