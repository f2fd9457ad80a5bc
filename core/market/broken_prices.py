"""Steps from one price to the next that are more often a slip, or another unit, than a market.

A price typed with a digit too many comes back; a contract that was redenominated (1,000 old coins are a new one) stays.
Either is a return like any other to whatever looks at returns.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..checks import place_of
from ..errors import say

__all__ = ["LARGEST_STEP", "say_broken", "steps"]

LARGEST_STEP = 3.0
"""Factor from one price to the next beyond which one asks whether it is meant."""


def steps(prices: Array) -> Array:
    """Factor, up or down, from the price of the row before to each price `(T, N)`; 1 where one of them is missing."""
    moves = np.abs(np.diff(np.log(prices), axis=0, prepend=np.nan))
    return np.asarray(np.exp(np.nan_to_num(moves)))


def say_broken(prices: Array, name: str = "prices") -> None:
    """Say, as a DataWarning, where prices `(T, N)` make their largest step when it is doubtful, and who has none."""
    taken = steps(prices)
    largest = float(taken.max(initial=1.0))
    if largest > LARGEST_STEP:
        where = place_of(taken == largest)
        say(
            f"{name} is {largest:,.4g} times the one before, or that part of it,{where}; correct a slip, and begin "
            "after a change of unit"
        )
    empty = np.flatnonzero(np.isnan(prices).all(axis=0))
    if empty.size:
        say(f"{name}: column {empty[0] + 1} holds no number, so nothing is done in it; leave that column out")
