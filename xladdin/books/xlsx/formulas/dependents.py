"""Which formulas a change of cells can reach, directly and through other formulas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..areas import Area, Reference
from .references import CannotFollowError, Formula, Precedents, Surroundings

__all__ = ["dependents"]


def dependents(formulas: Sequence[Formula], changed: Iterable[Reference], around: Surroundings) -> list[bool]:
    """For each formula whether its result can depend on the changed areas; True where that cannot be told."""
    precedents = Precedents(around)
    reached, waiting = [False] * len(formulas), list(changed)
    read: dict[str, list[tuple[int, int, int, int, int]]] = defaultdict(list)
    for place, formula in enumerate(formulas):
        try:
            for sheet, area in precedents.of(formula):
                read[sheet].append((area.top, area.left, area.bottom, area.right, place))
        except CannotFollowError:
            reached[place] = True
            waiting.append((formula.sheet, formula.area))
    readers = {sheet: np.array(rows, dtype=np.int64).T for sheet, rows in read.items()}
    while waiting:
        sheet, area = waiting.pop()
        for place in _readers(readers.get(sheet), area):
            if not reached[place]:
                reached[place] = True
                waiting.append((formulas[place].sheet, formulas[place].area))
    return reached


def _readers(read: NDArray[np.int64] | None, area: Area) -> list[int]:
    """The places of the formulas that read a cell of the area."""
    if read is None:
        return []
    top, left, bottom, right, place = read
    overlaps = (top <= area.bottom) & (bottom >= area.top) & (left <= area.right) & (right >= area.left)
    found: list[int] = place[overlaps].tolist()
    return found
