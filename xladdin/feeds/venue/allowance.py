"""How fast a venue may be asked: an allowance that requests spend and time refills, whichever thread they are of."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Allowance"]


class Allowance:
    """What may be spent: at most `at_once`, of which `per_second` comes back each second.

    In any window of s seconds no more than at_once + s * per_second is spent, where no request costs more than at_once.
    """

    def __init__(
        self, per_second: float, at_once: float, clock: Callable[[], float], wait: Callable[[float], None]
    ) -> None:
        self._rate, self._most = per_second, at_once
        self._clock, self._wait = clock, wait
        self._left, self._at = at_once, clock()
        self._spending = threading.Lock()

    def spend(self, cost: float) -> None:
        """Wait until `cost` may be spent, and spend it; one that is more than all waits for the rest to come back."""
        with self._spending:
            self._refill()
            self._left -= cost
            debt = max(0.0, -self._left)
        if debt:  # who comes meanwhile waits for this one too
            self._wait(debt / self._rate)

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
