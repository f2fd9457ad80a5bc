"""Each kind of workbook keeps the same promises: the closed file, the open one, the one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lite_host import remote_book
from tests.lite_payload import payload
from tests.memory_office import MemoryOffice
from tests.memory_workbook import MemoryWorkbook
from tests.openpyxl_engine import opened
from tests.xladdin.books.workbook_protocol import WorkbookProtocol
from xladdin.books.calc_book import CalcBook
from xladdin.books.file_book import FileBook
from xladdin.books.live_book import LiveBook
from xladdin.books.workbook import Workbook
from xladdin.hosts.lite.book import LiteBook

TABLES = ("Universe", "Prices", "Weights", "Runs")
CELLS = ("Equity", "TargetReturn", "Objective")


class TestFileBook(WorkbookProtocol):
    @pytest.fixture
    def book(self, desk: Path) -> Iterator[Workbook]:
        with FileBook.open(desk) as held:
            yield held


class TestMemoryWorkbook(WorkbookProtocol):
    @pytest.fixture
    def book(self, desk: Path) -> Workbook:
        with FileBook.open(desk) as held:
            return MemoryWorkbook(map(held.table, TABLES), map(held.value, CELLS))


class TestLiveBook(WorkbookProtocol):
    @pytest.fixture
    def book(self, desk: Path) -> Workbook:
        return LiveBook(opened(desk))


class TestCalcBook(WorkbookProtocol):
    """Over a document in memory; `hosts/calc/test_office` holds a real one to the same."""

    @pytest.fixture
    def book(self, desk: Path) -> Workbook:
        return CalcBook(MemoryOffice(desk))


class TestLiteBook(WorkbookProtocol):
    """Over what xlwings Lite sends of the file; what it is asked to do, `hosts/lite/test_jobs` carries out."""

    @pytest.fixture
    def book(self, desk: Path) -> Workbook:
        return LiteBook(remote_book(payload(desk)))
