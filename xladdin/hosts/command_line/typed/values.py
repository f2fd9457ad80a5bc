"""What a person types on the command line, as the cells and settings a spreadsheet would hold."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ArgumentError, listed

from ....books.workbook import CellValue
from ....desk.layout.fields import CellKind
from ....desk.layout.sheets import SETTINGS

__all__ = ["cells_of", "setting_values"]

NEAREST = 3
"""Names of settings that a refusal offers."""

PRINTED = re.compile(r"(?P<digits>[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+\.?\d*|\.\d+)(e[+-]?\d+)?)\s*(?P<unit>[%x]?)", re.I)
"""A number with commas between its thousands, and the sign of percent or times."""


def cells_of(text: str) -> object:
    """One argument of `perpdesk call`: a scalar, `1,2;3,4` as rows of cells, or `@file.csv` as its block.

    Raises ArgumentError when the file cannot be read.
    """
    if text.startswith("@"):
        return _block_of(Path(text[1:]))
    if "," not in text and ";" not in text:
        return _scalar(text)
    return _rectangle([row.split(",") for row in text.split(";")])


def setting_values(assignments: Iterable[str]) -> dict[str, CellValue]:
    """`NAME=VALUE` texts as values of settings by name; an empty value is a blank cell.

    A number may be written as the tool prints it: 150%, 10,000,000 or 1.5x. Raises ArgumentError.
    """
    known = {setting.name.lower(): setting for setting in SETTINGS}
    values: dict[str, CellValue] = {}
    for assignment in assignments:
        name, sign, value = assignment.partition("=")
        setting = known.get(name.strip().lower())
        if setting is None or not sign:
            close = difflib.get_close_matches(name.strip().lower(), known, n=NEAREST, cutoff=0.0)
            nearest = listed(known[word].name for word in close)
            raise ArgumentError(f"--set {assignment}: write NAME=VALUE with the name of a setting; nearest: {nearest}")
        try:
            values[setting.name] = READ_AS[setting.kind](value.strip()) if value.strip() else None
        except ValueError:
            raise ArgumentError(f"--set {assignment}: {setting.name} is {WRITTEN_AS[setting.kind]}") from None
    return values


def _block_of(path: Path) -> object:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(
            f"@{path} cannot be read ({error}); name a CSV file of the block, without a header"
        ) from None
    return _rectangle(rows)


def _rectangle(rows: list[list[str]]) -> tuple[tuple[CellValue, ...], ...]:
    """Rows of texts as rows of cells; short rows end in blanks, as in a sheet."""
    width = max(map(len, rows), default=0)
    return tuple(tuple(_scalar(cell) for cell in [*row, *[""] * (width - len(row))]) for row in rows)


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
"""How a setting of each kind is read from what is typed, and how it is to be typed."""


def _scalar(text: str) -> CellValue:
    word = text.strip()
    if word.upper() in ("TRUE", "FALSE"):
        return word.upper() == "TRUE"
    try:
        return float(word)
    except ValueError:
        return word or None
