"""The workbook of a script beyond the protocol: what is asked of the add-in, and that a refusal asks for nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import BookError
from tests.lite_host import remote_book
from tests.lite_payload import payload
from xladdin.books.live.program import OpenWorkbook
from xladdin.hosts.lite.book import LiteBook, entered

ROWS: list[list[Any]] = [["BTC", 0.5, -0.25], ["ETH", 0.3, 1e-12], ["SOL", 0.2, None]]


def asked(book: Any) -> list[str]:
    return [each["func"] for each in book.json()["actions"]]


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        *[(text, f"'{text}") for text in ("=1+1", "+1", "-1", "@A1", "'quoted", "1/2", "1e5", "50 %", "2024-01-01")],
        *[(text, f"'{text}") for text in ("TRUE", "false", "SEPT2", "Jan 5", "MAR-24", "  spaced  ", "$5", "(3)")],
        *[(text, text) for text in ("BTC", "max_sharpe", "Ünïcødé ☂", "two\nlines", "#N/A", "Worst of all: -3 %")],
        (None, ""),
        (float("nan"), "#N/A"),
        (float("inf"), "#NUM!"),
        (datetime(2024, 6, 1, 12), 45444.5),
        (True, True),
        (0.1, 0.1),
    ],
)
def test_what_is_entered_means_no_more_than_it_says(value: Any, typed: Any) -> None:
    assert entered(value) == typed


def test_nothing_is_asked_before_the_commit_and_a_size_before_its_cells(desk: Path) -> None:
    given = remote_book(payload(desk))
    book = LiteBook(given)
    book.write_table("Weights", ROWS)
    book.write_value("Equity", 5.0)
    assert asked(given) == []
    book.commit()
    assert asked(given) == ["resizeTable", *["copyFromRange"] * 3, "setValues", "setValues"]
    block, equity = (each for each in given.json()["actions"] if each["func"] == "setValues")
    assert block["values"] == [["BTC", 0.5, -0.25], ["ETH", 0.3, 1e-12], ["SOL", 0.2, ""]]
    assert equity["values"] == [[5.0]]
    book.commit()
    assert len(asked(given)) == 6, "what has landed is not asked for again"


def test_a_refusal_in_the_middle_of_a_commit_asks_for_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = remote_book(payload(desk))
    book = LiteBook(given)
    book.write_table("Weights", ROWS)
    book.write_value("Equity", 5.0)
    opened: OpenWorkbook = book._book
    put = type(opened.sheets["Settings"]).put

    def refusing(sheet: Any, *args: Any, **kwargs: Any) -> None:
        if sheet.name == "Settings" and args[1] == [[5.0]]:
            raise BookError("no more")
        put(sheet, *args, **kwargs)

    monkeypatch.setattr(type(opened.sheets["Settings"]), "put", refusing)
    with pytest.raises(BookError, match="no more"):
        book.commit()
    assert asked(given) == []
    assert book.table("Weights").rows == ()
    assert book.value("Equity").value == 100_000.0


def test_a_column_in_which_nothing_changes_is_not_written_so_that_its_formulas_stay(desk: Path) -> None:
    given = remote_book(payload(desk))
    book = LiteBook(given)
    rows = [list(row) for row in book.table("Universe").rows]
    for row in rows:
        row[2] = 0.5
    book.write_table("Universe", rows)
    book.commit()
    [write] = given.json()["actions"]
    assert (write["func"], write["start_column"], write["column_count"]) == ("setValues", 3, 1)
    assert write["values"] == [[0.5]] * 3


def test_a_sheet_that_was_not_sent_is_never_read_as_blank(desk: Path) -> None:
    book = LiteBook(remote_book(payload(desk, include=["Universe", "Settings"])))
    assert book.table("Universe").rows
    for ask in (lambda: book.table("Prices"), lambda: book.append_rows("Runs", [["a", "b"]])):
        with pytest.raises(BookError, match=r"was not given the cells of sheet '(Prices|Runs)'"):
            ask()


def test_cells_below_a_table_are_in_its_way(desk: Path) -> None:
    sent = payload(desk)
    weights = next(sheet for sheet in sent["sheets"] if sheet["name"] == "Weights")
    weights["values"] = [*weights["values"], ["", "", "a note"]]
    with pytest.raises(BookError, match="Weights!C8"):
        LiteBook(remote_book(sent)).write_table("Weights", ROWS)
