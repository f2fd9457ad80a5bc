"""Where a condition begins to hold between zero and one, by halving.

It holds at one, not at zero, and changes once between: of each half that is left, the one in which it changes stays.

Source: Press et al., Numerical Recipes, 3rd ed. (2007), section 9.1.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["bisected"]

HALVINGS = 60
"""More than double precision can tell apart."""


def bisected(holds: Callable[[float], bool]) -> float:
    """The greatest share found, from 0 to 1, at which `holds`, true from some share on, is not true yet."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return low
