"""What needs the rows that all contracts have stands on fewer than each alone: how many, and because of whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Array
from core.errors import say

__all__ = ["say_joint_sample"]


def say_joint_sample(user: str, returns: Array, symbols: Sequence[str]) -> None:
    """Says on how many of its rows `user` can look at all of `returns` (T, N) together, where that is not all."""
    gaps = np.isnan(returns)
    together = int((~gaps.any(axis=1)).sum())
    if together == len(returns):
        return
    lacking = gaps.sum(axis=0)
    worst = int(lacking.argmax())
    say(
        f"{user} looks at bars that all contracts have, {together} of {len(returns)}; {symbols[worst]} lacks most, "
        f"{lacking[worst]}"
    )
