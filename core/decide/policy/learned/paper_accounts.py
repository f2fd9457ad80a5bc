"""The paper accounts behind a guard: a learned model, its base, and what was followed, from the same rows of a history.

    growth of a book from row a to b    1 + w'R,    R = product of (1 + r) - 1 over the rows, net of funding
    at each decision                    1 - cost'|new weights - old ones, drifted|

The three begin with what the base wants, at the first decision. A return that is missing moves nothing.
"""

from __future__ import annotations

import math

import numpy as np

from ....arrays import Array
from ....units import DAYS_PER_YEAR
from ..protocol import Excess, Paper

__all__ = ["PaperAccounts"]

QUARTER_DAYS, YEAR_DAYS = 90, 365

LEAST_LEFT = 1e-6
"""Of a book that is lost: its logarithm stays finite."""

LEARNED, BASE, FOLLOWED = range(3)


class PaperAccounts:
    """What the books made between the decisions noted; `returns` `(T, N)` of a long, net of funding."""

    def __init__(self, returns: Array, periods_per_year: float) -> None:
        self._returns = np.nan_to_num(returns)
        self._per_day = periods_per_year / DAYS_PER_YEAR
        self._ends: list[int] = []
        self._grown: list[Array] = []
        self._row = 0
        self._books: Array | None = None
        self._charged = np.zeros(3)

    def note(self, row: int, paper: Paper) -> None:
        """Note what is wanted from the close of this row on."""
        wanted = np.array([paper.learned, paper.base, paper.learned if paper.followed else paper.base])
        before = wanted[[BASE] * 3]
        if self._books is not None:
            grown, before = self._since(row)
            self._ends.append(row)
            self._grown.append(grown + self._charged)
        self._charged = np.log(np.maximum(1 - np.abs(wanted - before) @ paper.costs, LEAST_LEFT))
        self._row, self._books = row, wanted

    def excess(self, row: int) -> Excess | None:
        """What was made over the base up to the close of this row; None where nothing is noted yet."""
        if self._books is None:
            return None
        open_grown = self._since(row)[0] + self._charged
        ends = np.array([*self._ends, row])
        over = np.array([*self._grown, open_grown])
        over = over - over[:, [BASE]]
        quarter, year = (ends > row - days * self._per_day for days in (QUARTER_DAYS, YEAR_DAYS))
        return Excess(math.fsum(over[quarter, LEARNED]), math.fsum(over[year, FOLLOWED]))

    def over_base(self, row: int) -> Array:
        """Log growth of the learned model over its base from each note to the next, `(D,)`, as known at a row."""
        known = [grown for end, grown in zip(self._ends, self._grown, strict=True) if end <= row]
        return np.array([grown[LEARNED] - grown[BASE] for grown in known])

    def _since(self, row: int) -> tuple[Array, Array]:
        """Log growth of the open books up to the close of a row, `(3,)`, and their weights there, `(3, N)`."""
        books = np.zeros((3, self._returns.shape[1])) if self._books is None else self._books
        moved = np.prod(1 + self._returns[self._row + 1 : row + 1], axis=0)
        left = np.maximum(1 + books @ (moved - 1), LEAST_LEFT)
        return np.log(left), books * moved / left[:, np.newaxis]
