"""Of which cell a reason is told: addresses as people and CELL("address") write them, from the cell that asks."""

from __future__ import annotations

import pytest

from xladdin.reasons import ReasonBook

ASKING = "[Book 1.xlsx]'My Sheet'!$D$9"


@pytest.fixture
def kept() -> ReasonBook:
    book = ReasonBook()
    book.record("of here", "[Book 1.xlsx]My Sheet!C3")
    book.record("of there", "[Book 1.xlsx]Other!C3")
    book.record("of another book", "[Two.xlsx]Other!C3")
    return book


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("C3", "of here"),
        ("$C$3", "of here"),
        ("c3", "of here"),
        ("Other!C3", "of there"),
        ("'Other'!$C$3", "of there"),
        ("'[Two.xlsx]Other'!$C$3", "of another book"),
        ("[Two.xlsx]Other!C3", "of another book"),
        ("C4", "No failure or warning is known for C4."),
    ],
)
def test_an_address_is_completed_from_the_cell_that_asks(kept: ReasonBook, cell: str, reason: str) -> None:
    with kept.asked_from(ASKING):
        assert kept.why(cell) == reason


@pytest.mark.parametrize("asking", [None, "Macro1"])
def test_where_nobody_knows_who_asks_an_address_is_taken_as_it_is(kept: ReasonBook, asking: str | None) -> None:
    with kept.asked_from(asking):
        assert kept.why("C3") == "No failure or warning is known for C3."
        assert kept.why("[Book 1.xlsx]Other!C3") == "of there"


def test_who_asked_is_forgotten_afterwards_also_after_a_failure(kept: ReasonBook) -> None:
    with pytest.raises(ValueError, match="stop"), kept.asked_from(ASKING):
        raise ValueError("stop")
    assert kept.why("C3") == "No failure or warning is known for C3."


def test_a_sheet_without_a_book_is_of_no_book() -> None:
    book = ReasonBook()
    book.record("of a document", "Sheet1!C3")
    with book.asked_from("Sheet1!A1"):
        assert book.why("C3") == book.why("Sheet1!C3") == "of a document"
