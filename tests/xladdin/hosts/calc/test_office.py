"""The open document as the extension answers it, in a real LibreOffice: the promises that every workbook keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calc_office import Document, Office
from tests.xladdin.books.conftest import build_desk
from tests.xladdin.books.workbook_protocol import WorkbookProtocol
from xladdin.books.calc_book import CalcBook
from xladdin.books.workbook import Workbook
from xladdin.hosts.calc.office import PipedOffice

pytestmark = pytest.mark.calc


@pytest.fixture
def document(calc_office: Office, tmp_path: Path) -> Iterator[Document]:
    opened = calc_office.open(build_desk(tmp_path / "desk.xlsx"))
    yield opened
    opened.close()


@pytest.fixture
def book(document: Document) -> Workbook:
    return CalcBook(PipedOffice(document.asked, "PerpDesk: test"))


class TestCalcBook(WorkbookProtocol):
    """The same suite as for a file and for Excel."""
