"""What is too small to be ordered, and how that is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Array
from core.errors import listed, say

from ...layout.settings import Settings

__all__ = ["CENT", "say_dust"]

CENT = 0.01
"""Of quote currency: less is a rounding of weights that have no lots, and no order that was left out."""

MOST_NAMED = 6


def say_dust(whose: str, symbols: Sequence[str], notionals: Array, settings: Settings) -> None:
    """Say which orders `(N,)` were left out, and what they are worth; nothing where none is worth a cent."""
    left = np.flatnonzero(np.abs(notionals) >= CENT)
    if not left.size:
        return
    order = left[np.argsort(-np.abs(notionals[left]), kind="stable")].tolist()
    named = listed((f"{symbols[place]} {abs(notionals[place]):,.0f}" for place in order), MOST_NAMED)
    count = "1 order" if left.size == 1 else f"{left.size} orders"
    worth = f"{np.abs(notionals[left]).sum():,.0f}"
    say(
        f"{count} of {whose}, {worth} USDT together, left out as smaller than SmallestOrder "
        f"({settings.smallest_order:,.0f} USDT): {named}"
    )
