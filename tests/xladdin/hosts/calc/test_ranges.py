"""Whole columns and rows lose their blank ends, together; what is shorter is left as it is."""

from __future__ import annotations

from xladdin.hosts.calc.extension.ranges import LONG, WIDE, trimmed

BLANK = ("",)


def column(*cells: object, rows: int = LONG) -> tuple[tuple[object, ...], ...]:
    return (*((cell,) for cell in cells), *[BLANK] * (rows - len(cells)))


def test_columns_of_one_height_keep_the_height_of_the_longest() -> None:
    assert trimmed([column(1.0, 2.0, 3.0), "ols", column(1.0, "", ""), None]) == [
        ((1.0,), (2.0,), (3.0,)),
        "ols",
        ((1.0,), BLANK, BLANK),
        None,
    ]


def test_blanks_between_and_texts_are_kept() -> None:
    assert trimmed([column("BTC", "", 2.0, " ")]) == [(("BTC",), BLANK, (2.0,), (" ",))]


def test_a_zero_is_no_blank() -> None:
    assert trimmed([column(1.0, 0.0)]) == [((1.0,), (0.0,))]


def test_one_that_is_blank_all_over_keeps_a_cell() -> None:
    assert trimmed([column()]) == [(BLANK,)]


def test_what_a_person_selected_by_hand_is_left() -> None:
    short = column(1.0, rows=LONG - 1)
    assert trimmed([short]) == [short]


def test_whole_rows_are_cut_at_their_right() -> None:
    row = (1.0, "", 2.0, *[""] * (WIDE - 3))
    assert trimmed([(row, ("",) * WIDE), (("",) * WIDE,)]) == [
        ((1.0, "", 2.0), ("", "", "")),
        (("", "", ""),),
    ]
