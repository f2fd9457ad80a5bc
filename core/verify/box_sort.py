"""The order of many numbers, found in boxes, which is several times as fast as by halves.

As many boxes as there are numbers, each as wide as the others, are filled in one pass, and few numbers share one; what
is out of order then stands beside its place. Numbers that crowd into few boxes are sorted by merging.

Source: Knuth, The Art of Computer Programming 3, 5.2.1, "address calculation sorting"; equal numbers keep their order.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import numpy as np

from ..arrays import Array, Rows

__all__ = ["order_of"]

CROWD = 16
"""Numbers in one box that are too many to be put in order one by one."""


def order_of(numbers: Array, order: Rows) -> None:
    """Fill `order` `(n,)` with the places of finite `numbers` `(n,)`, smallest first; a loop for `compiled`."""
    count = numbers.size
    least, most = np.inf, -np.inf
    for number in numbers:
        least, most = min(least, number), max(most, number)
    per_unit = (count - 1) / (most - least) if most > least else 0.0
    boxes, ends, sorted_so_far = np.empty(count, np.int64), np.zeros(count + 1, np.int64), np.empty(count)
    for place in range(count):
        boxes[place] = int((numbers[place] - least) * per_unit)
    for place in range(count):
        ends[boxes[place] + 1] += 1
    if count > 0 and ends.max() > CROWD:
        order[:] = np.argsort(numbers, kind="mergesort")
        return
    for box in range(count):
        ends[box + 1] += ends[box]
    for place in range(count):
        free = ends[boxes[place]]
        order[free], sorted_so_far[free] = place, numbers[place]
        ends[boxes[place]] += 1
    for rank in range(1, count):
        number, lower = sorted_so_far[rank], rank
        if sorted_so_far[rank - 1] > number:
            moved = order[rank]
            while lower > 0 and sorted_so_far[lower - 1] > number:
                order[lower], sorted_so_far[lower] = order[lower - 1], sorted_so_far[lower - 1]
                lower -= 1
            order[lower], sorted_so_far[lower] = moved, number
