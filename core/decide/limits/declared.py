"""The limits block of an analyst: what a book may be, what trading costs, and what is aimed at.

The three are classes of their own, each term declared once with its meaning, unit, default and range; a function that
looks only at what trading costs takes `Costs`. The block of a sheet states all three together, one name a row, so
`Limits` is all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...arrays import Mask
from ...records import dataclass
from .aim import Aim
from .book_limits import BookLimits
from .costs import Costs
from .exposure import Factor, Group
from .rows import arguments
from .terms import declares

__all__ = ["BOX_LIMITS", "FOLDED_AT_ZERO", "PARTS", "Factor", "Group", "Limits"]

PARTS = (BookLimits, Costs, Aim)
"""The three things that the block states."""


@declares
@dataclass(frozen=True)
class Limits(Aim, Costs, BookLimits):
    """The limits of one optimisation; None means not limited. Values a contract are scalars or `(N,)`.

    A gap (NaN) in `min_weight`, `max_weight` or `max_step` means the default for that contract: 0, 1, free. Elsewhere
    it is missing. Raises ArgumentError, MissingDataError.
    """

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], contracts: int) -> Limits:
        """The limits in a block of rows: a name, then one value or one a contract; None, "" and NaN are blanks.

        A row whose values are all blank counts as not stated, except `net`, which a blank sets free. A heading in the
        first row is passed over. Raises ArgumentError that names the row.
        """
        return cls(**arguments(rows, contracts, cls.TERMS))

    def select(self, chosen: Mask) -> Limits:
        """The limits of the contracts where `chosen` `(N,)` is true; a group or factor of none of them is left out."""
        if chosen.all():
            return self
        stated = {name: np.asarray(getattr(self, name)) for name, term in self.TERMS.items() if term.kind == "each"}
        parts: dict[str, Any] = {name: values[chosen] for name, values in stated.items() if values.size == chosen.size}
        for name in ("groups", "factors"):
            kept = [each for each in getattr(self, name) if each.loadings[chosen].any()]
            parts[name] = tuple(replace(each, loadings=each.loadings[chosen]) for each in kept)
        return replace(self, **parts)

    @property
    def are_linear(self) -> bool:
        """Whether all is linear in weights and absolute trades: no cap on the tail, no market impact."""
        return self.cvar_max is None and not (self.states("market_impact") and np.any(self.market_impact))


BOX_LIMITS = tuple(name for name, term in Limits.TERMS.items() if term.bounds == "box")
"""Limits of one contract each; they bound variables rather than make rows."""

FOLDED_AT_ZERO = tuple(name for name, term in Limits.TERMS.items() if term.bounds == "row of |w|")
"""Limits of |w_i|."""
