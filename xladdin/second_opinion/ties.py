"""What is as large as another to the last digits in which sums agree: either may be named, or stand first."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise

__all__ = ["as_shown", "largest_of"]

NEAR = 1e-9
"""Share of the largest size by which equal ones may differ: the same sums in another order."""


def largest_of(sizes: Mapping[str, float]) -> frozenset[str]:
    """The names of the largest size, each of which is right; NaN is no size, and of no sizes none is."""
    known = {name: size for name, size in sizes.items() if not math.isnan(size)}
    least = max(known.values(), default=0.0) - _room(list(known.values()))
    return frozenset(name for name, size in known.items() if size >= least)


def as_shown(
    own: Sequence[Hashable], shown: Sequence[Hashable], *sizes: Sequence[float], room: float | None = None
) -> list[int]:
    """Places of `own` by size, the largest first, of equal ones as they are `shown`; of zeros by the next of `sizes`.

    Sizes within `room` are equal; None: NEAR. Where other names are shown, or in another order, it is one's own order.
    """
    order = sorted(range(len(own)), key=lambda place: [-size[place] for size in sizes])
    places: dict[Hashable, list[int]] = {}
    for place in order:
        places.setdefault(own[place], []).append(place)
    there = [places[name].pop(0) for name in shown if places.get(name)]
    rooms = [_room(size) if room is None else room for size in sizes]

    def may_follow(before: int, after: int) -> bool:
        for size, near in zip(sizes, rooms, strict=True):
            if size[before] != size[after]:
                return size[before] >= size[after] - near
            if size[before] != 0:
                return True  # to the last digit here, and not there: then no other size has been asked
        return True

    is_one = len(there) == len(own) == len(shown) and all(may_follow(*each) for each in pairwise(there))
    return there if is_one else order


def _room(sizes: Sequence[float]) -> float:
    return NEAR * max((abs(size) for size in sizes if math.isfinite(size)), default=0.0)
