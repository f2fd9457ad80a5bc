"""The second opinion as the table Verification: one row a figure, and one for each cell that differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.errors import listed

from ...books.workbook import CellValue, Workbook
from ...second_opinion.compare import Figure
from .results import clear, write_columns

__all__ = ["headline_of", "write_verification"]


def write_verification(book: Workbook, figures: Sequence[Figure]) -> None:
    """All figures in their order, the furthest apart first."""
    if not figures:
        clear(book, ["Verification"])
        return
    write_columns(
        book,
        "Verification",
        {
            "Figure": [each.name for each in figures],
            "Sheet": [each.sheet for each in figures],
            "Cell": [each.cell or None for each in figures],
            "Cells": [each.cells for each in figures],
            "Desk": [_written(each.desk) for each in figures],
            "SecondOpinion": [_written(each.second) for each in figures],
            "Difference": [each.difference for each in figures],
            "Tolerance": [each.tolerance for each in figures],
            "Verdict": [each.verdict for each in figures],
            "Reason": [each.reason for each in figures],
        },
    )


def headline_of(figures: Sequence[Figure]) -> str:
    """How many cells agree, which differ, and how many have no second opinion."""
    cells = {
        verdict: sum(each.cells for each in figures if each.verdict == verdict)
        for verdict in ("agrees", "as good", "not covered")
    }
    wrong = [f"{each.sheet}!{each.cell}" if each.cell else each.name for each in figures if each.verdict == "differs"]
    said = [f"{cells['agrees'] + cells['as good']:,} cells agree with a second opinion"]
    said.append(f"{len(wrong)} differ{'s' if len(wrong) == 1 else ''}: {listed(wrong)}" if wrong else "none differs")
    return f"{'; '.join(said)}; {cells['not covered']:,} have none, and the sheet says why"


def _written(value: CellValue) -> CellValue:
    """As one column of words and numbers can show it."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value
