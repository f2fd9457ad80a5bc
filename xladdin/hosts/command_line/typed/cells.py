"""The arguments of `perpdesk call` as the cells that a spreadsheet would send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ArgumentError

if TYPE_CHECKING:
    from ....books.workbook import CellValue

__all__ = ["cells_of"]


def cells_of(text: str) -> object:
    """One argument of `perpdesk call`: a scalar, `1,2;3,4` as rows of cells, or `@file.csv` as its block.

    Raises ArgumentError when the file cannot be read.
    """
    if text.startswith("@"):
        return _block_of(text[1:])
    if "," not in text and ";" not in text:
        return _scalar(text)
    return _rectangle([row.split(",") for row in text.split(";")])


def _block_of(name: str) -> object:
    import csv
    from pathlib import Path

    path = Path(name)
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
