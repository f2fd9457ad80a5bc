"""The process that answers LibreOffice: it has the packages that LibreOffice's own Python lacks.

The extension starts it when a cell first asks. It ends when the office ends, in the middle of a call too: the thread
that reads what comes from the office sees the end of the pipe, however the office went.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import IO, Any

import numpy as np

from ... import catalog
from ...reasons import WHICH_CELL
from .. import background
from .commands import Commands
from .extension.messages import Block, BrokenError, Link, Message, error_of, receive

__all__ = ["call", "cells_of", "main"]


def main() -> None:
    """Answer until the office is gone."""
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints must not print into the messages
    inbox = _Inbox(sys.stdin.buffer)
    inbox.start()
    background.start()

    def ask(kind: str, *needed: Any) -> Any:
        return link.ask(kind, *needed)

    commands = Commands(ask)
    link = Link(inbox.take, outgoing, {"call": commands.listening(call), "job": commands.run})
    link.serve()


def call(name: str, *cells: Any) -> Any:
    """What the cell shows for a sheet function and the cells that Calc sends."""
    if name == "PERP_WHY" and any(cell is not None for cell in cells):
        return Block.of([[WHICH_CELL]])
    shown = catalog.call(name, *map(cells_of, cells))
    background.answered()
    return Block.of(shown if isinstance(shown, list) else [[shown]])


def cells_of(value: Any) -> Any:
    """An argument as `xladdin.cells` reads it: numbers as an array, else rows with None for blank and errors as texts.

    Calc sends TRUE as 1, a date as its serial number and a blank cell as an empty text.
    """
    if not isinstance(value, Block):
        return value
    if not value.others:
        numbers = np.array(value.doubles).reshape(value.rows, value.columns)
        if not np.isnan(numbers).any():
            return numbers
    return [tuple(None if cell == "" else cell for cell in row) for row in value.cells(error_of)]


class _Inbox(threading.Thread):
    """Reads what comes, one message after the other; the end of the pipe is the end of this process."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(name="inbox", daemon=True)
        self._pipe = pipe
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def take(self) -> Message:
        """The next message; whoever takes it waits for it."""
        return self._messages.get()

    def run(self) -> None:
        """Read until there is nothing to come, then end at once, whatever is being computed."""
        while True:
            try:
                self._messages.put(receive(self._pipe))
            except (BrokenError, OSError):
                os._exit(0)
