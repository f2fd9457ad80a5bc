"""What is too small to be ordered, and how that is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Array
from core.errors import listed, say

from ...layout.settings import Settings

__all__ = ["say_dust"]

MOST_NAMED = 6


def say_dust(whose: str, symbols: Sequence[str], notionals: Array, settings: Settings) -> None:
    """Say which orders `(N,)` were left out, and what they are worth; nothing where all are 0."""
    left = np.flatnonzero(notionals)
    if not left.size:
        return
    order = left[np.argsort(-np.abs(notionals[left]), kind="stable")].tolist()
    named = listed((f"{symbols[place]} {abs(notionals[place]):,.0f}" for place in order), MOST_NAMED)
    count = "1 order" if left.size == 1 else f"{left.size} orders"
    say(
        f"{count} of {whose}, {np.abs(notionals).sum():,.0f} USDT together, left out as smaller than SmallestOrder "
        f"({settings.smallest_order:,.0f} USDT): {named}"
    )
