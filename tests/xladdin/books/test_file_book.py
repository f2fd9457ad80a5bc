"""The closed file as a workbook, beyond the protocol: what stands in the file, and landing here or elsewhere."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import START, digest, operate, replaced
from xladdin.books.file_book import FileBook


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("desk.xlsx", "desk.xlsx.bak"))


def test_every_cell_reads_as_openpyxl_reads_it(desk: Path) -> None:
    oracle = openpyxl.load_workbook(desk, data_only=True)
    with FileBook.open(desk) as book:
        for name in ("Universe", "Prices"):
            block = book.table(name)
            sheet = oracle[block.sheet]
            expected = tuple(tuple(c.value for c in row) for row in sheet[sheet.tables[name].ref][1:])
            assert block.rows == expected


def test_a_formula_never_calculated_is_an_error_only_when_asked_for(desk: Path) -> None:
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 100_000.0
        with pytest.raises(
            BookError, match=r"Settings!C9 holds a formula without a stored value; open and save the book"
        ):
            book.value("Doubled")


def test_a_stored_formula_value_is_read(desk: Path) -> None:
    operate(desk, replaced("xl/worksheets/sheet4.xml", b"<f>C7*2</f><v></v>", b"<f>C7*2</f><v>200000</v>"))
    with FileBook.open(desk) as book:
        assert book.value("Doubled").value == 200_000.0


def test_an_error_cell_reads_as_its_text(desk: Path) -> None:
    operate(desk, replaced("xl/worksheets/sheet4.xml", b"<f>C7*2</f><v></v>", b"<f>C7*2</f><v>#DIV/0!</v>"))
    operate(desk, replaced("xl/worksheets/sheet4.xml", b'<c r="C9"', b'<c r="C9" t="e"'))
    with FileBook.open(desk) as book:
        assert book.value("Doubled").value == "#DIV/0!"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda b: b.value("Lost"), "the name 'Lost' stands for 'Settings!#REF!'"),
        (lambda b: b.value("Block"), "the name 'Block' stands for the range"),
    ],
)
def test_a_name_that_is_no_cell_is_told(desk: Path, ask: object, message: str) -> None:
    with FileBook.open(desk) as book, pytest.raises(BookError, match=message):
        ask(book)  # type: ignore[operator]


def test_a_missing_sheet_is_named(desk: Path) -> None:
    operate(desk, replaced("xl/workbook.xml", b"Settings!$C$7<", b"Setings!$C$7<"))
    with (
        FileBook.open(desk) as book,
        pytest.raises(BookError, match=r"no sheet 'Setings' \(did you mean 'Settings'\?\)"),
    ):
        book.value("Equity")


def test_written_values_read_back(desk: Path) -> None:
    rows = [["BTC", 0.5, -0.25], ["ETH", 0.3, 1e-12], ["SOL", 0.2, None]]
    with FileBook.open(desk) as book:
        book.write_table("Weights", rows)
        book.write_value("Equity", 250_000)
        book.write_value("Objective", "min_variance")
        assert book.commit() == desk
        assert book.table("Weights").rows == tuple(tuple(row) for row in rows)
        assert book.value("Equity").value == 250_000.0
    with FileBook.open(desk) as book:
        assert book.table("Weights").rows == tuple(tuple(row) for row in rows)
        assert book.value("Objective").value == "min_variance"
    sheet = openpyxl.load_workbook(desk)["Weights"]
    assert sheet.tables["Weights"].ref == "B6:D9"
    assert [cell.value for cell in sheet["C"][6:9]] == [0.5, 0.3, 0.2]


def test_staged_values_are_read_back_before_the_file_has_them(desk: Path) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        assert book.value("Equity").value == 1.0
        assert digest(desk) == before
        book.commit()
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 1.0


def test_what_is_staged_on_one_sheet_leaves_what_was_read_of_the_others(desk: Path) -> None:
    with FileBook.open(desk) as book:
        universe, prices = book.table("Universe"), book.series("Prices")
        book.write_table("Weights", [["A", 0.1, 0.1]])
        book.write_value("Equity", 1.0)
        assert book.table("Universe") is universe
        assert book.series("Prices") is prices
        book.write_table("Universe", [["A", 1.0, 1.0, "Y"]])
        assert book.table("Universe").rows == (("A", 1.0, 1.0, "Y"),)
        assert book.series("Prices") is prices
        with pytest.raises(BookError):
            book.write_table("Universe", [["too short"]])
        assert book.table("Universe") == universe


def test_what_was_not_committed_never_lands(desk: Path) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
    assert digest(desk) == before
    assert leftovers(desk.parent) == []


def test_a_commit_without_changes_leaves_the_file_alone(desk: Path) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        assert book.commit() == desk
    assert digest(desk) == before
    assert not desk.with_name("desk.xlsx.bak").exists()


def test_in_place_keeps_the_old_file_as_backup(desk: Path) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    assert digest(desk) != before
    assert digest(desk.with_name("desk.xlsx.bak")) == before
    assert leftovers(desk.parent) == []


def test_another_path_never_touches_the_source(desk: Path) -> None:
    before, out = digest(desk), desk.with_name("out.xlsx")
    out.write_text("an old result, replaced whole")
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        assert book.commit(out) == out
        assert book.value("Equity").value == 1.0, "the book now stands on the file it wrote"
        assert book.name == "out.xlsx"
        book.write_value("Equity", 2.0)
        book.commit()
    assert digest(desk) == before
    with FileBook.open(out) as book:
        assert book.value("Equity").value == 2.0
    assert leftovers(desk.parent) == ["out.xlsx", "out.xlsx.bak"]


def test_the_sources_own_path_means_in_place(desk: Path) -> None:
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit(desk.parent / "." / "desk.xlsx")
    assert desk.with_name("desk.xlsx.bak").exists()


def test_back_to_the_source_after_another_path(desk: Path) -> None:
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit(desk.with_name("out.xlsx"))
        book.write_value("Equity", 2.0)
        book.commit(desk)
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 2.0


@pytest.mark.parametrize("before", [None, b"theirs"])
def test_a_held_target_that_changed_meanwhile_is_refused(desk: Path, before: bytes | None) -> None:
    out = desk.with_name("out.xlsx")
    if before is not None:
        out.write_bytes(before)
    with FileBook.open(desk) as book:
        book.hold(out)
        out.write_bytes(b"changed meanwhile")
        book.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=r"out\.xlsx was (made|changed) by someone else during the run"):
            book.commit(out)
    assert out.read_bytes() == b"changed meanwhile"
    assert leftovers(desk.parent) == ["out.xlsx"]


def test_a_held_target_is_locked_from_the_start(desk: Path) -> None:
    out = desk.with_name("out.xlsx")
    out.write_bytes(desk.read_bytes())
    with FileBook.open(desk) as book:
        book.hold(out)
        with pytest.raises(BookError, match="in use by another PerpDesk job"):
            FileBook.open(out, wait=0.05)
    FileBook.open(out, wait=0.05).close()


def test_a_target_that_is_replaced_stays_as_its_backup(desk: Path) -> None:
    out = desk.with_name("out.xlsx")
    out.write_bytes(b"an old result")
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit(out)
    assert desk.with_name("out.xlsx.bak").read_bytes() == b"an old result"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("out.csv", "out.csv is not an .xlsx or .xlsm workbook"),
        ("out.xlsm", "out.xlsm must end with .xlsx"),
        ("nowhere/out.xlsx", "nowhere does not exist; make it first"),
    ],
)
def test_a_bad_target_is_refused(desk: Path, target: str, message: str) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=message):
            book.commit(desk.parent / target)
    assert digest(desk) == before


def test_all_or_nothing_when_one_of_many_writes_is_refused(desk: Path) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(BookError, match="Settings!C9 holds a formula"):
            book.write_value("Doubled", 1.0)
        assert book.value("Equity").value == 100_000.0
        book.commit()
    assert digest(desk) == before
    assert leftovers(desk.parent) == []


def test_text_is_never_a_formula(desk: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@A1", "  spaced  ", "two\nlines", "<&>\"'", "_x0041_", "Ünïcødé ☂", "tab\there"]
    with FileBook.open(desk) as book:
        book.write_table("Weights", [[text, None, None] for text in texts])
        book.commit()
        assert book.table("Weights").column("Symbol") == texts
    cells = openpyxl.load_workbook(desk)["Weights"]["B"][6 : 6 + len(texts)]
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_calendar_of_1904_is_respected(desk: Path) -> None:
    operate(desk, replaced("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"'))
    when = datetime(2024, 7, 1, 8)
    with FileBook.open(desk) as book:
        assert book.table("Prices").column("Time")[0] == START + timedelta(days=1462)
        book.append_rows("Runs", [[when, "refresh"]])
        book.commit()
        assert book.table("Runs").rows == ((when, "refresh"),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert openpyxl.load_workbook(desk)["Runs"]["B7"].value == when
