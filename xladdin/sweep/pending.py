"""What is still to run, cut into tasks of about a second: shorter ones would cost more to send than to run."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from .grid import Configuration

__all__ = ["Pending"]

TASK_SECONDS = 1.0
"""Of work in a task: between what it costs to send one and what a stop would lose."""

GROWTH = 8
"""A task has at most so many times the configurations of the last one that was measured: costs differ."""


class Pending:
    """Configurations in their order, and how long one takes, as the last task told."""

    def __init__(self, configurations: Iterable[Configuration]) -> None:
        self._left = deque(configurations)
        self._size, self.seconds_each = 1, math.nan

    def __len__(self) -> int:
        return len(self._left)

    def take(self, workers: int = 1) -> tuple[Configuration, ...]:
        """The next task for one of so many workers; empty when nothing is left. The last ones are shared out."""
        shared = math.ceil(len(self._left) / (2 * workers)) if workers > 1 else len(self._left)
        return tuple(self._left.popleft() for _ in range(min(self._size, shared)))

    def measured(self, count: int, seconds: float) -> None:
        """Learn from a task how many make a second of work."""
        self.seconds_each = seconds / count
        wanted = math.floor(TASK_SECONDS / max(self.seconds_each, 1e-9))
        self._size = max(1, min(wanted, GROWTH * max(count, 1)))

    def put_back(self, configurations: Iterable[Configuration]) -> None:
        """Those of a task that its worker did not live to finish: first to run again."""
        self._left.extendleft(reversed(tuple(configurations)))
