"""A new desk is the shipped one, wherever the code stands, and it replaces nothing."""

from __future__ import annotations

import pytest

from core.errors import BookError
from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook
from xladdin.desk.template import build, shipped
from xladdin.desk.template.shipped import new_desk

SHIPPED = ROOT / "workbooks" / "PerpDesk.xlsx"


def test_it_is_the_shipped_workbook_to_the_byte_and_a_job_can_begin_with_it(tmp_path):
    new_desk(tmp_path / "desk.xlsx")
    assert (tmp_path / "desk.xlsx").read_bytes() == SHIPPED.read_bytes()
    with FileBook.open(tmp_path / "desk.xlsx") as book:
        assert book.table("Weights").rows
        book.write_value("GrossMax", 1.5)
        book.commit()


def test_where_the_package_is_installed_the_copy_beside_the_code_is_taken(tmp_path, monkeypatch):
    beside = tmp_path / "PerpDesk.xlsx"
    beside.write_bytes(b"the one beside")
    monkeypatch.setattr(shipped, "PLACES", (beside, SHIPPED))
    new_desk(tmp_path / "desk.xlsx")
    assert (tmp_path / "desk.xlsx").read_bytes() == b"the one beside"


def test_where_none_was_shipped_it_is_built(tmp_path, monkeypatch):
    built = []
    monkeypatch.setattr(shipped, "PLACES", ())
    monkeypatch.setattr(build, "build_desk", built.append)
    new_desk(tmp_path / "desk.xlsx")
    assert built == [tmp_path / "desk.xlsx"]


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("there.xlsx", "exists already; give another name"),
        ("desk.xlsm", "must end with .xlsx"),
        ("desk.csv", "is not an .xlsx or .xlsm workbook"),
        ("no/desk.xlsx", "does not exist; make it first"),
        (f"{'x' * 240}.xlsx", "shorten it"),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused(tmp_path, name, words, empty):
    (tmp_path / "there.xlsx").write_bytes(b"mine")
    with pytest.raises(BookError, match=words):
        new_desk(tmp_path / name, empty=empty)
    assert [path.name for path in tmp_path.iterdir()] == ["there.xlsx"]
    assert (tmp_path / "there.xlsx").read_bytes() == b"mine"
