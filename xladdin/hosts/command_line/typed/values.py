"""What a person types on the command line, as the cells and settings a spreadsheet would hold."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from core.errors import ArgumentError

from ....books.workbook import CellValue
from ....desk.layout.sheets import SETTINGS
from ....desk.read.typed import nearest_names, typed_value

__all__ = ["cells_of", "setting_values"]


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
            nearest = nearest_names(name, (each.name for each in SETTINGS))
            raise ArgumentError(f"--set {assignment}: write NAME=VALUE with the name of a setting; nearest: {nearest}")
        values[setting.name] = typed_value(value, setting.kind, setting.name, f"--set {assignment}")
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


def _scalar(text: str) -> CellValue:
    word = text.strip()
    if word.upper() in ("TRUE", "FALSE"):
        return word.upper() == "TRUE"
    try:
        return float(word)
    except ValueError:
        return word or None
