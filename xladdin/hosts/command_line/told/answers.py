"""What came of a job for programs: one JSON document, or one table as CSV. The keys stay (docs/command-line.md)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from ....books.workbook import Block, CellValue, Workbook
from ....desk.jobs import Report
from .console import csv_rows

__all__ = ["document_of", "plain", "records", "table_as_csv"]


def document_of(report: Report, book: Workbook, tables: Sequence[str]) -> dict[str, object]:
    """The document of a job, its tables with all columns. Raises BookError."""
    return {
        "job": report.job,
        "headline": report.headline,
        "passed": report.passed,
        "verdict": report.verdict,
        "warnings": list(report.warnings),
        "tables": {name: records(book.table(name)) for name in tables},
    }


def table_as_csv(block: Block) -> None:
    """One table, all of its columns."""
    csv_rows(([plain(value) for value in row] for row in block.rows), block.header)


def plain(value: CellValue) -> str | float | bool | None:
    """A cell as JSON and CSV have it: a moment in UTC as 2025-03-31T23:00:00Z; null where no number is."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}Z"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def records(block: Block) -> list[dict[str, object]]:
    """Its rows, with the headings as keys."""
    return [dict(zip(block.header, map(plain, row), strict=True)) for row in block.rows]
