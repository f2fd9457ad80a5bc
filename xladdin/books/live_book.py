"""A workbook that is open in Excel as a `Workbook`.

book = LiveBook(xlwings.Book.caller())
universe = book.table("Universe")
book.write_value("Equity", 250_000)
book.commit()
"""

from __future__ import annotations

from typing import Any

from .live.excel_book import ExcelBook
from .live.staged import HalfWrittenError, StagedBook

__all__ = ["HalfWrittenError", "LiveBook"]


class LiveBook(StagedBook):
    """An open workbook, held for one job."""

    def __init__(self, book: Any) -> None:
        """`book` is an `xlwings.Book`."""
        super().__init__(ExcelBook(book))
