"""Why a cell shows what it shows: the last failure or warning, kept for each caller so that PERP_WHY can tell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["WHICH_CELL", "ReasonBook", "reasons"]

NO_REASON = "No failure or warning so far."
WENT_WELL = "The last call was fine."
WHICH_CELL = "Calc does not tell which cell is meant; select it and choose Why? in the menu PerpDesk."
"""What PERP_WHY says where it is handed what a cell holds, and not which one it is."""


class ReasonBook:
    """The reasons of the latest calls, one for each calling cell, the oldest forgotten first."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._by_caller: OrderedDict[str, str] = OrderedDict()
        self._last = ""
        self._went_well = False
        self._asking: str | None = None

    @contextmanager
    def asked_from(self, caller: str | None) -> Iterator[None]:
        """Inside it, `why` knows from which cell it is asked."""
        before, self._asking = self._asking, caller
        try:
            yield
        finally:
            self._asking = before

    def record(self, reason: str, caller: str | None) -> None:
        """Keep the reason of one call; an empty reason says that the call went well, and clears the caller's own."""
        self._went_well = not reason
        if reason:
            self._last = reason
        if caller is None:
            return
        self._by_caller.pop(_key(caller), None)
        if reason:
            self._by_caller[_key(caller)] = reason
        if len(self._by_caller) > self._capacity:
            self._by_caller.popitem(last=False)

    def latest(self) -> str:
        """The reason of the last call; empty where it went well."""
        return "" if self._went_well else self._last

    def why(self, caller: str | None = None) -> str:
        """The reason kept for a cell, or that of the last call; where it went well, the last one before it too.

        `CELL("address", B21)` gives `$B$21` alone on its own sheet: sheet and book are then those of the asking cell.
        """
        if caller is None:
            before = f" The last failure or warning before it: {self._last}" if self._last else ""
            return WENT_WELL + before if self._went_well else self._last or NO_REASON
        return self._by_caller.get(
            _key(_completed(caller, self._asking)), f"No failure or warning is known for {caller}."
        )


reasons = ReasonBook()
"""The one book of this process."""


def _completed(cell: str, asking: str | None) -> str:
    """The address with the sheet and the workbook of the asking cell, where it names none."""
    if asking is None or "!" not in asking:
        return cell
    sheet = asking.replace("'", "").rpartition("!")[0]
    if "!" not in cell:
        return f"{sheet}!{cell}"
    return cell if "[" in cell or "]" not in sheet else f"{sheet.partition(']')[0]}]{cell}"


def _key(caller: str) -> str:
    return caller.replace("$", "").replace("'", "").upper()
