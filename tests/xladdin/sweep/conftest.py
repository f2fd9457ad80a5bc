"""A desk to sweep: the sample desk, deciding every ten days so that a configuration takes little."""

from __future__ import annotations

import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.sample_file import sample_file
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Workbook
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.inputs import Desk
from xladdin.sweep.grid import tried_values
from xladdin.sweep.plan import Plan, planned

SELDOM = {"DecideEvery": 240.0, "Window": 240.0}


@pytest.fixture(scope="session")
def content(tmp_path_factory) -> tuple:
    with FileBook.open(sample_file(tmp_path_factory.mktemp("sample") / "desk.xlsx")) as book:
        return [book.table(name) for name in TABLES], [
            book.value(name) for name in (*(setting.name for setting in SETTINGS), "DataSource")
        ]


@pytest.fixture
def book(content) -> Workbook:
    book = MemoryWorkbook(*content)
    for name, value in SELDOM.items():
        book.write_value(name, value)
    book.commit()
    return book


@pytest.fixture
def desk(book) -> Desk:
    return read_desk(book)


@pytest.fixture
def plan(book, desk) -> Plan:
    """Eight configurations, of which one is the desk as it is."""
    return planned(book, desk, tried_values(["Window=120,240", "Model=classical,equal_weight", "RiskFree=0.05,0.02"]))
