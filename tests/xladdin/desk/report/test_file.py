"""The report as a file: written whole, over an older report only, and every refusal names the way out."""

from __future__ import annotations

import pytest

from core.errors import BookError
from tests.xladdin.desk.conftest import NOW
from xladdin.desk.report.file import report_beside, write_report
from xladdin.desk.report.page import report_page


def test_it_is_the_page_and_goes_beside_the_book(book, tmp_path):
    path = report_beside(tmp_path / "desk.results.xlsx")
    assert path.name == "desk.results.html"
    assert write_report(book, path, NOW) == path
    assert path.read_bytes() == report_page(book, NOW)
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_report_is_replaced(book, tmp_path):
    path = tmp_path / "a.html"
    write_report(book, path, NOW.replace(year=2020))
    write_report(book, path, NOW)
    assert path.read_bytes() == report_page(book, NOW)


@pytest.mark.parametrize("content", [b"", b"<html>mine</html>", b"PerpDesk report", b"x" * 9000])
def test_another_file_stays(book, tmp_path, content):
    path = tmp_path / "a.html"
    path.write_bytes(content)
    with pytest.raises(BookError, match=r"a\.html exists and is no report of PerpDesk; give another name with --out"):
        write_report(book, path, NOW)
    assert path.read_bytes() == content


def test_a_folder_and_a_name_that_is_no_page_are_refused(book, tmp_path):
    (tmp_path / "b.html").mkdir()
    with pytest.raises(BookError, match="exists and is no report"):
        write_report(book, tmp_path / "b.html", NOW)
    with pytest.raises(BookError, match=r"desk\.xlsx is no name for a page; end it in \.html"):
        write_report(book, tmp_path / "desk.xlsx", NOW)
    with pytest.raises(BookError, match="the folder does not exist; make it first"):
        write_report(book, tmp_path / "none" / "a.html", NOW)
    assert list(tmp_path.iterdir()) == [tmp_path / "b.html"]


def test_a_desk_that_cannot_be_read_leaves_no_file(book, tmp_path):
    class Broken:
        name = "broken.xlsx"

        def __getattr__(self, name):
            raise BookError("the table cannot be read")

    with pytest.raises(BookError, match="the table cannot be read"):
        write_report(Broken(), tmp_path / "a.html", NOW)
    assert not any(tmp_path.iterdir())
