"""What a page shows of a long list: the largest one by one, the others in one row.

Nothing is lost by it: the list in full stands in a table of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.arrays import Array, Rows
from core.records import dataclass

from ..layout.page_tables import LARGEST

__all__ = ["Folded", "folded"]


@dataclass(frozen=True)
class Folded:
    """The rows that are shown, in their order, and those that are one row together."""

    shown: Rows
    others: Rows

    @property
    def order(self) -> Rows:
        """All rows, the largest first."""
        return np.append(self.shown, self.others)

    def names(self, names: Sequence[str]) -> list[str]:
        """What stands in the first column: names, and how many others there are."""
        count = len(self.others)
        told = [f"{count} other{'s' if count > 1 else ''}"] if count else []
        return [*(names[row] for row in self.shown), *told]

    def summed(self, values: Array) -> list[float]:
        """A column whose others come to their sum."""
        return [*values[self.shown].tolist(), *([float(values[self.others].sum())] if len(self.others) else [])]

    def averaged(self, values: Array) -> list[float]:
        """A column whose others come to their plain mean, of those that are known; NaN where none is."""
        told = values[self.others]
        mean = float(told[~np.isnan(told)].mean()) if (~np.isnan(told)).any() else np.nan
        return [*values[self.shown].tolist(), *([mean] if len(self.others) else [])]

    def blanked(self, values: Sequence[Any]) -> list[Any]:
        """A column that says nothing of the others together."""
        return [*(values[row] for row in self.shown), *([None] if len(self.others) else [])]


def folded(*sizes: Array, zeros_too: bool = False) -> Folded:
    """Fold by absolute size, of equal ones by the next of `sizes` `(N,)`, and last by their order.

    Up to LARGEST all are shown. Of more, LARGEST are; but those without any size only with `zeros_too`, or where none
    has one.
    """
    keys = [np.abs(np.nan_to_num(each)) for each in sizes]
    order = np.lexsort([-key for key in reversed(keys)])
    if len(order) <= LARGEST:
        return Folded(order, order[:0])
    sized = int(np.any([key > 0 for key in keys], axis=0).sum())
    count = LARGEST if zeros_too or not sized else min(LARGEST, sized)
    return Folded(order[:count], order[count:])
