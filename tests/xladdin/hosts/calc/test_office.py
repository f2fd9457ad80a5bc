"""The open document as the extension answers it, in a real LibreOffice: the promises that every workbook keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.errors import BookError
from tests.calc_office import Document, Office
from tests.xladdin.books.conftest import build_desk
from tests.xladdin.books.workbook_protocol import WorkbookProtocol
from xladdin.books.calc.office import Extent, Formula, Values
from xladdin.books.calc_book import CalcBook
from xladdin.books.workbook import Workbook
from xladdin.books.xlsx.areas import Area
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


class TestWriting:
    def test_what_libreoffice_refuses_in_the_middle_is_taken_back(self, document: Document) -> None:
        document.write("Weights", "H2", [["by hand"]])
        before, titles = document.everything(), document.undo_titles()
        office = PipedOffice(document.asked, "PerpDesk: test")
        written = Values("Weights", Area(7, 2, 8, 3), [["BTC", 1.0], ["ETH", None]], (("number", Area(7, 3, 8, 3)),))
        for refused in (Extent("Nowhere", "Weights", Area(6, 2, 8, 4)), Formula("Lost", (1, 1), "=1")):
            with pytest.raises(BookError, match="LibreOffice refused to write"):
                office.write([written, Extent("Weights", "Weights", Area(6, 2, 8, 4)), refused])
            assert (document.everything(), document.undo_titles()) == (before, titles)
        with pytest.raises(BookError, match="LibreOffice refused to write"):
            office.write([Formula("Lost", (1, 1), "=1")])
        assert (document.everything(), document.undo_titles()) == (before, titles)

    def test_a_number_is_no_date_where_one_stood(self, document: Document) -> None:
        book = CalcBook(PipedOffice(document.asked, "PerpDesk: test"))
        for value in (datetime(2024, 7, 1, 12), True, 3.0, "text", 0.5):
            book.write_table("Weights", [["BTC", value, None]])
            book.commit()
            assert book.table("Weights").column("Final") == [value]
        document.undo()
        assert CalcBook(PipedOffice(document.asked, "")).table("Weights").column("Final") == ["text"]

    def test_merged_cells_arrays_and_neighbours_are_in_the_way(self, document: Document) -> None:
        document.array_formula("Weights", "B8:C8", "=Settings.C7:D7")
        book = CalcBook(PipedOffice(document.asked, "PerpDesk: test"))
        with pytest.raises(BookError, match=r"Weights!B8 is in the way of table 'Weights', which needs B6:D8"):
            book.write_table("Weights", [["BTC", 1.0, 0.0]] * 2)
        document.array_formula("Prices", "C8:D8", "=Settings.C7:D7")
        book = CalcBook(PipedOffice(document.asked, "PerpDesk: test"))
        with pytest.raises(BookError, match="Prices!C8 lies in an array formula"):
            book.write_table("Prices", [])
