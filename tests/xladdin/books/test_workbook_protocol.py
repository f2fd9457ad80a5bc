"""Each kind of workbook keeps the same promises: the closed file, and the one in memory that the job tests work on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.books.workbook_protocol import WorkbookProtocol
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Workbook

TABLES = ("Universe", "Prices", "Weights", "Runs")
CELLS = ("Equity", "TargetReturn", "Objective")


class TestFileBook(WorkbookProtocol):
    @pytest.fixture
    def book(self, desk: Path) -> Iterator[Workbook]:
        with FileBook.open(desk) as opened:
            yield opened


class TestMemoryWorkbook(WorkbookProtocol):
    @pytest.fixture
    def book(self, desk: Path) -> Workbook:
        with FileBook.open(desk) as opened:
            return MemoryWorkbook(map(opened.table, TABLES), map(opened.value, CELLS))
