"""The open Calc document over one in memory: what is asked of it, and what it is given to write."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from core.errors import BookError
from tests.memory_office import MemoryOffice
from tests.xladdin.books.conftest import build_desk
from xladdin.books.calc_book import CalcBook
from xladdin.books.xlsx.areas import Area


@pytest.fixture
def office(tmp_path: Path) -> MemoryOffice:
    return MemoryOffice(build_desk(tmp_path / "desk.xlsx"))


def state(office: MemoryOffice) -> tuple[object, ...]:
    return office.cells, office.formats, office.formula_texts, office.areas, office.targets


def write_much(book: CalcBook) -> None:
    book.write_table("Prices", [[datetime(2024, 6, 1), 2.0, 1.0], [None, 4.0, 3.0]], ("Time", "ETH", "BTC"))
    book.write_table("Weights", [["BTC", 0.5, -0.25], ["ETH", 0.5, float("nan")], ["SOL", True, None]])
    book.append_rows("Runs", [[datetime(2024, 6, 1), "refresh"]])
    book.write_value("Equity", 250_000.0)


def test_a_table_is_read_in_one_call_and_the_settings_in_another(office: MemoryOffice) -> None:
    book = CalcBook(office)
    for _ in range(3):
        book.table("Prices")
        book.value("Equity")
        book.value("Objective")
    assert office.asked == ["read Prices!B6:E12", "read Settings!C7:C10"]


def test_nothing_is_written_before_the_commit_and_all_of_it_at_once(office: MemoryOffice) -> None:
    before = tuple(map(dict, state(office)))
    book = CalcBook(office)
    write_much(book)
    assert state(office) == before
    book.commit()
    assert office.written == 1
    assert state(office) != before


@pytest.mark.parametrize("piece", [0, 1, 5, 9])
def test_a_refusal_in_the_middle_leaves_nothing_and_the_book_reads_what_stands_there(
    office: MemoryOffice, piece: int
) -> None:
    before = tuple(map(dict, state(office)))
    book = CalcBook(office)
    write_much(book)
    office.fails_at = piece
    with pytest.raises(BookError, match="out of paper"):
        book.commit()
    assert state(office) == before
    assert book.value("Equity").value == 100_000.0


def test_text_and_errors_stay_what_they_are(office: MemoryOffice) -> None:
    book = CalcBook(office)
    book.write_table("Weights", [["=1+1", float("inf"), "#N/A"]])
    book.commit()
    assert office.cells["Weights", 7, 2] == "=1+1"
    assert office.formula_texts["Weights", 7, 3] == "=#NUM!"
    assert office.cells["Weights", 7, 4] == "#N/A"
    book.write_table("Weights", [["BTC", 1.0, 2.0]])
    book.commit()
    assert ("Weights", 7, 3) not in office.formula_texts


def test_what_stands_in_the_way_is_named(office: MemoryOffice) -> None:
    office.merges.append(("Weights", Area(7, 2, 7, 3)))
    office.protected.add("Runs")
    office.formula_texts["Universe", 7, 3] = "=1+1"
    book = CalcBook(office)
    for table, rows, words in (
        ("Weights", [["BTC", 1.0, 1.0]], "Weights!B7 lies in the merged cells B7:C7"),
        ("Runs", [[None, "x"]], "Runs!B6 is locked by sheet protection"),
        ("Universe", [["BTC", 1.0, 1.0, "Y"]] * 3, "Universe!C7 holds a formula"),
    ):
        with pytest.raises(BookError, match=words):
            book.write_table(table, rows)
    with pytest.raises(BookError, match="the name 'Block' stands for the range"):
        book.value("Block")
    office.read_only = True
    book = CalcBook(office)
    book.write_value("Equity", 1.0)
    with pytest.raises(BookError, match="is open for reading only"):
        book.commit()


def test_in_an_ods_formulas_and_names_follow_a_table(office: MemoryOffice) -> None:
    office.name = "desk.ods"
    office.targets["Lots"] = "=SUM($Universe.$D$7:$D$9)"
    office.formula_texts["Monitor", 2, 2] = "=SUM($Universe.$C$7:$C$9)"
    book = CalcBook(office)
    book.append_rows("Universe", [["ADA", 1.0, 0.1, "Y"]])
    book.commit()
    assert office.formula_texts["Monitor", 2, 2] == "=SUM($Universe.$C$7:$C$10)"
    assert office.targets["Lots"] == "=SUM($Universe.$D$7:$D$10)"
