"""One figure against its goal, and how a table of them is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Line", "show"]


class Line(NamedTuple):
    """One figure against its goal: what was measured, in words, and the figure as it is compared."""

    work: str
    measured: str
    figure: float
    goal: str
    held: bool


def show(lines: Iterable[Line]) -> tuple[int, int]:
    """Print each as it comes; how many hold their goal, and how many miss it."""
    held = missed = 0
    for line in lines:
        print(
            f"{line.work:50}{line.measured:84} goal {line.goal:20} {'held' if line.held else 'MISSED'}",
            flush=True,
        )
        held, missed = held + line.held, missed + (not line.held)
    return held, missed
