"""A part of one step of undo: what LibreOffice forgets of a block of values, the cells that were blank."""

from __future__ import annotations

from typing import Any

import unohelper
from com.sun.star.document import XUndoAction

__all__ = ["Blanks"]

CONTENTS = 1 | 2 | 4 | 16
"""Numbers, dates, texts and formulas: bits of com.sun.star.sheet.CellFlags."""


class Blanks(unohelper.Base, XUndoAction):
    """The cells that were blank before a step, and those that are after it. It comes first in its step.

    So it is taken back last, when what LibreOffice left in them is there, and done again first.
    """

    def __init__(self, title: str, manager: Any, before: list[Any]) -> None:
        self.Title, self._manager, self._before = title, manager, before
        self.after: list[Any] = []

    def undo(self) -> None:
        """Make those blank again that were."""
        self._clear(self._before)

    def redo(self) -> None:
        """Make those blank that are to be."""
        self._clear(self.after)

    def _clear(self, blanks: list[Any]) -> None:
        """Unlocked, a clearing were a step itself: it would end this one, which is among those to be done again then.

        LibreOffice takes the lock off after the first cells that it clears, so each range has a lock of its own.
        """
        for cells in blanks:
            self._manager.lock()
            try:
                cells.clearContents(CONTENTS)
            finally:
                self._manager.unlock()
