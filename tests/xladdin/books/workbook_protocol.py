"""What every workbook promises a job, whichever program holds it: a suite that each kind of workbook passes.

    class TestFileBook(WorkbookProtocol):
        @pytest.fixture
        def book(self, desk): ...

The workbook holds the small desk of this folder: three contracts in Universe, six bars in Prices, blank Weights and
Runs, the named cells Equity (100,000), TargetReturn (blank) and Objective (max_sharpe).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import BARS, START
from xladdin.books.workbook import CellValue, Workbook

Rows = list[list[CellValue]]

THREE: Rows = [["BTC", 0.5, -0.25], ["ETH", 0.3, 1e-12], ["SOL", 0.2, None]]


def as_read(rows: Rows) -> tuple[tuple[CellValue, ...], ...]:
    return tuple(map(tuple, rows))


class WorkbookProtocol:
    """Each subclass gives a fixture `book`: the small desk, open and as it was made."""

    def test_a_table_reads_with_its_place(self, book: Workbook) -> None:
        block = book.table("Universe")
        assert (block.name, block.sheet, block.first_column) == ("Universe", "Universe", 2)
        assert block.header == ("Symbol", "Price", "Lot", "Include")
        assert block.rows == (("BTC", 10.0, 0.1, "Y"), ("ETH", 20.0, 0.1, "Y"), ("SOL", 30.0, 0.1, "Y"))
        assert block.row_numbers == (7, 8, 9)
        assert block.address(1, "Price") == "Universe!C8"

    def test_dates_come_as_naive_times(self, book: Workbook) -> None:
        assert book.table("Prices").column("Time") == [START + timedelta(hours=n) for n in range(BARS)]

    def test_a_blank_table_has_no_rows(self, book: Workbook) -> None:
        assert book.table("Weights").rows == ()

    def test_a_named_cell_says_where_it_stands(self, book: Workbook) -> None:
        assert (book.value("Equity").address, book.value("Equity").value) == ("Settings!C7", 100_000.0)
        assert (book.value("TargetReturn").address, book.value("TargetReturn").value) == ("Settings!C8", None)

    def test_names_are_found_whatever_their_case(self, book: Workbook) -> None:
        assert book.table("universe").name == "Universe"
        assert book.value("EQUITY").value == 100_000.0

    @pytest.mark.parametrize(
        ("table", "meant"), [("Univers", r" \(did you mean 'Universe'\?\)"), ("Zzzzzzz", "")], ids=["near", "far"]
    )
    def test_a_missing_table_is_named_with_what_there_is(self, book: Workbook, table: str, meant: str) -> None:
        for ask in (book.table, lambda name: book.write_table(name, []), lambda name: book.append_rows(name, [])):
            with pytest.raises(BookError, match=rf"has no table '{table}'{meant}; it has: Universe, Prices, Weights"):
                ask(table)

    def test_a_missing_named_cell_is_named(self, book: Workbook) -> None:
        for ask in (book.value, lambda name: book.write_value(name, 1.0)):
            with pytest.raises(BookError, match=r"has no named cell 'Equit' \(did you mean 'Equity'\?\)"):
                ask("Equit")

    def test_what_was_written_is_read_at_once_and_after_the_commit(self, book: Workbook) -> None:
        book.write_table("Weights", THREE)
        book.write_value("Equity", 250_000)
        book.write_value("Objective", "min_variance")
        for land in (lambda: None, book.commit):
            land()
            assert book.table("Weights").rows == as_read(THREE)
            assert book.table("Weights").row_numbers == (7, 8, 9)
            assert (book.value("Equity").value, book.value("Objective").value) == (250_000.0, "min_variance")

    def test_a_table_grows_and_shrinks(self, book: Workbook) -> None:
        for rows in (THREE, THREE[:1], [], THREE[1:]):
            book.write_table("Weights", rows)
            assert book.table("Weights").rows == as_read(rows)
            book.commit()
            assert book.table("Weights").rows == as_read(rows)

    def test_a_blank_row_is_left_out_and_the_others_keep_their_place(self, book: Workbook) -> None:
        book.write_table("Weights", [THREE[0], [None, "", None], THREE[2]])
        assert book.table("Weights").rows == as_read([THREE[0], THREE[2]])
        assert book.table("Weights").row_numbers == (7, 9)

    def test_columns_come_and_go(self, book: Workbook) -> None:
        hour = START + timedelta(hours=9)
        for header in (("Time", "BTC", "ETH", "SOL", "ADA"), ("Time", "ADA", "BTC"), ("Time",)):
            row = [hour, *range(len(header) - 1)]
            book.write_table("Prices", [row], header)
            book.commit()
            assert book.table("Prices").header == header
            assert book.table("Prices").rows == (tuple(row),)

    def test_rows_are_appended_below_the_last_filled_one(self, book: Workbook) -> None:
        first, second = datetime(2024, 7, 1, 12, 30, 15), datetime(2024, 7, 2)
        book.append_rows("Runs", [[first, "refresh"]])
        book.append_rows("Runs", [])
        book.commit()
        book.append_rows("Runs", [[second, "rebalance"], [None, "hedge"]])
        assert book.table("Runs").rows == ((first, "refresh"), (second, "rebalance"), (None, "hedge"))
        assert book.table("Runs").row_numbers == (7, 8, 9)

    def test_a_named_cell_can_be_blanked(self, book: Workbook) -> None:
        book.write_value("Objective", None)
        book.commit()
        assert book.value("Objective").value is None

    def test_text_is_never_a_formula(self, book: Workbook) -> None:
        texts = ["=1+1", "+1", "-1", "@A1", "  spaced  ", "two\nlines", "<&>\"'", "_x0041_", "Ünïcødé ☂", "tab\there"]
        book.write_table("Weights", [[text, None, None] for text in texts])
        book.commit()
        assert book.table("Weights").column("Symbol") == texts

    def test_values_of_other_libraries_read_as_plain_ones(self, book: Workbook) -> None:
        aware = datetime(2024, 7, 1, 2, 0, 0, 700_000, tzinfo=UTC)
        values = [np.float64(0.1), np.int64(3), np.bool_(True), np.datetime64("2024-06-30T05:00:00"), aware, True]
        book.write_table("Weights", [[None, value, None] for value in values] + [["", math.nan, math.inf]])
        book.commit()
        final = book.table("Weights").column("Final")
        assert final[:6] == [0.1, 3.0, True, datetime(2024, 6, 30, 5), datetime(2024, 7, 1, 2, 0, 1), True]
        assert [type(value) for value in final[:6]] == [float, float, bool, datetime, datetime, bool]
        assert book.table("Weights").rows[-1] == (None, "#N/A", "#NUM!")

    @pytest.mark.parametrize(
        ("value", "words"), [("x" * 32_768, "is longer than the"), (object(), "cannot stand in a cell")]
    )
    def test_what_no_cell_can_hold_is_refused(self, book: Workbook, value: CellValue, words: str) -> None:
        with pytest.raises(BookError, match=f"Settings!C7: .*{words}"):
            book.write_value("Equity", value)
        with pytest.raises(BookError, match=words):
            book.write_table("Weights", [[value, None, None]])

    def test_a_row_of_the_wrong_width_is_refused(self, book: Workbook) -> None:
        said = r"table '{0}' on sheet '{0}' has {1} columns and row 1 .* has {2}"
        with pytest.raises(BookError, match=said.format("Weights", 3, 2)):
            book.write_table("Weights", [["BTC", 0.5]])
        with pytest.raises(BookError, match=said.format("Runs", 2, 1)):
            book.append_rows("Runs", [["refresh"]])

    def test_two_columns_of_one_name_are_refused(self, book: Workbook) -> None:
        with pytest.raises(BookError, match="table 'Prices' on sheet 'Prices' would have two columns"):
            book.write_table("Prices", [[START, 1.0, 2.0]], ("Time", "BTC", "btc"))

    def test_one_refusal_drops_all_that_was_staged_and_nothing_that_has_landed(self, book: Workbook) -> None:
        book.write_value("Equity", 1.0)
        book.commit()
        book.write_value("Equity", 2.0)
        book.append_rows("Runs", [[START, "refresh"]])
        with pytest.raises(BookError, match="columns and row"):
            book.write_table("Weights", [["BTC"]])
        assert book.value("Equity").value == 1.0
        assert book.table("Runs").rows == ()
