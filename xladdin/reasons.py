"""Why a cell shows what it shows: the last failure or warning, kept for each caller so that PERP_WHY can tell."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["ReasonBook", "reasons"]

NO_REASON = "No failure or warning so far."


class ReasonBook:
    """The reasons of the latest calls, one for each calling cell, the oldest forgotten first."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._by_caller: OrderedDict[str, str] = OrderedDict()
        self._last = ""

    def record(self, reason: str, caller: str | None) -> None:
        """Keep the reason of one call; an empty reason says that the call went well, and clears the caller's own."""
        if reason:
            self._last = reason
        if caller is None:
            return
        self._by_caller.pop(_key(caller), None)
        if reason:
            self._by_caller[_key(caller)] = reason
        if len(self._by_caller) > self._capacity:
            self._by_caller.popitem(last=False)

    def why(self, caller: str | None = None) -> str:
        """The reason kept for a cell, or the last one of all."""
        if caller is None:
            return self._last or NO_REASON
        return self._by_caller.get(_key(caller), f"No failure or warning is known for {caller}.")


reasons = ReasonBook()
"""The one book of this process."""


def _key(caller: str) -> str:
    return caller.replace("$", "").replace("'", "").upper()
