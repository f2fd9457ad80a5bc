"""Everything that can go wrong, as one tree. Each class knows the cell error a spreadsheet shows for it.

    PerpDeskError                  what every caller may catch              #VALUE!
    ├── ArgumentError              an argument is of the wrong kind, shape or range   #VALUE!
    ├── NotInstalledError          the answer needs an optional package that is not there   #VALUE!
    ├── MissingDataError           too few observations, or none at all     #N/A
    ├── SolveError                 there is no certified answer             #NUM!
    │   ├── InfeasibleError        limits contradict each other
    │   ├── NotConvergedError      no route reached a certified optimum
    │   └── UndefinedError         the quantity does not exist (constant market, no positive premium)
    ├── StoppedError               somebody stopped what was being done     #VALUE!
    └── DeskError                  a file, sheet, table or cell is not as the desk needs it   #VALUE!
        ├── BookError              the workbook
        │   └── LostNameError      it has no table or named cell of that name
        └── FeedError              the market data
            ├── AccountError       what an account holds
            └── UnreachableError   a venue that does not answer

A message is one sentence that names the argument (or the sheet and cell) and the way out.
What went well but deserves a word (rows dropped, a matrix repaired) is a `DataWarning`, never an error: `say` gives it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "AccountError",
    "ArgumentError",
    "BookError",
    "DataWarning",
    "DeskError",
    "FeedError",
    "InfeasibleError",
    "LostNameError",
    "MissingDataError",
    "NotConvergedError",
    "NotInstalledError",
    "PerpDeskError",
    "SolveError",
    "StoppedError",
    "UndefinedError",
    "UnreachableError",
    "listed",
    "say",
]


class PerpDeskError(Exception):
    """Base of all errors that PerpDesk raises on purpose."""

    cell_error: ClassVar[str] = "#VALUE!"


class ArgumentError(PerpDeskError):
    """An argument is of the wrong kind, shape or range."""


class NotInstalledError(PerpDeskError):
    """The answer needs an optional package that is not installed; the message says how to get it."""


class MissingDataError(PerpDeskError):
    """Too few observations are left to answer."""

    cell_error = "#N/A"


class SolveError(PerpDeskError):
    """No certified answer exists or could be found."""

    cell_error = "#NUM!"


class InfeasibleError(SolveError):
    """The limits contradict each other; the message names the smallest set that does."""


class NotConvergedError(SolveError):
    """No route reached an optimum that passes its certificate."""


class UndefinedError(SolveError):
    """The quantity asked for does not exist for these data."""


class StoppedError(PerpDeskError):
    """Somebody stopped what was being done; who goes on where something is missing does not go on with this."""


class DeskError(PerpDeskError):
    """A file, sheet, table or cell is not as the desk needs it."""


class BookError(DeskError):
    """The workbook cannot be read or written as asked."""


class LostNameError(BookError):
    """The workbook has no table or named cell of that name; `known` are the names that it has."""

    def __init__(self, message: str, known: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.known = tuple(known)


class FeedError(DeskError):
    """The market data cannot be read as asked."""


class AccountError(FeedError):
    """What an account holds, or an export of it, cannot be read as asked."""


class UnreachableError(FeedError):
    """A venue does not answer, or asks us to stay away; what the store has can still be read."""


class DataWarning(UserWarning):
    """The answer stands, but the user should know what was dropped, filled or repaired."""


LISTED = 8
"""Names that a sentence carries before it is no longer read."""


def listed(names: Iterable[object], most: int = LISTED, between: str = ", ") -> str:
    """Names with commas `between`, cut to what helps: `BTCUSDT, ETHUSDT and 536 more`."""
    every = [str(name) for name in names]
    rest = len(every) - most
    return between.join(every) if rest <= 1 else f"{between.join(every[:most])} and {rest} more"


def say(message: str) -> None:
    """Tell the user, as a DataWarning at the line that called PerpDesk, what was assumed, dropped or repaired."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("core.", "xladdin.")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DataWarning, stacklevel=level)
