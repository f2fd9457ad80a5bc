"""Values as a person types them outside a cell: a number as the tool prints it, a date, a word, nothing for a blank."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from core.errors import ArgumentError, listed

from ...books.workbook import CellValue
from ..layout.fields import CellKind

__all__ = ["nearest_names", "typed_value"]

NEAREST = 3
"""Names that a refusal offers."""

PRINTED = re.compile(r"(?P<digits>[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+\.?\d*|\.\d+)(e[+-]?\d+)?)\s*(?P<unit>[%x]?)", re.I)
"""A number with commas between its thousands, and the sign of percent or times."""


def typed_value(text: str, kind: CellKind, name: str, said: str) -> CellValue:
    """The value of a cell of that kind, None for a blank; 150%, 10,000,000 and 1.5x are numbers.

    `name` is that of the cell, `said` what was typed, for the refusal. Raises ArgumentError.
    """
    word = text.strip()
    try:
        return READ_AS[kind](word) if word else None
    except ValueError:
        raise ArgumentError(f"{said}: {name} is {WRITTEN_AS[kind]}") from None


def nearest_names(word: str, known: Iterable[str]) -> str:
    """The names nearest to a word, whatever its capitals, with commas between."""
    import difflib

    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.strip().lower(), names, n=NEAREST, cutoff=0.0)
    return listed(names[each] for each in close)


def _number(word: str) -> float:
    """A number as a person or this tool writes it. Raises ValueError."""
    found = PRINTED.fullmatch(word)
    if found is None:
        raise ValueError(word)
    digits = float(found["digits"].replace(",", ""))
    # Divided by 100, never multiplied by 0.01: 4.5 % is 0.045 to the last digit.
    return digits / 100 if found["unit"] == "%" else digits


def _time(word: str) -> datetime:
    """A moment as a person or this tool writes it, UTC. Raises ValueError."""
    moment = datetime.fromisoformat(word)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


READ_AS: dict[CellKind, Callable[[str], CellValue]] = {"number": _number, "time": _time, "text": str}
WRITTEN_AS: dict[CellKind, str] = {
    "number": "a number; write it as 0.3, 30%, 1.5x or 10,000,000",
    "time": "a date; write it as 2024-01-31 or 2024-01-31T08:00, UTC",
}
"""How a cell of each kind is read from what is typed, and how it is to be typed."""
