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

    def test_headings_are_those_of_the_table_as_it_is_staged(self, book: Workbook) -> None:
        assert book.header("Universe") == ("Symbol", "Price", "Lot", "Include")
        book.write_table("Prices", [[START, 1.0]], ["Time", "ADA"])
        assert book.header("Prices") == book.table("Prices").header == ("Time", "ADA")
        with pytest.raises(BookError, match="has no table 'Nothing'"):
            book.header("Nothing")

    def test_dates_come_as_naive_times(self, book: Workbook) -> None:
        assert book.table("Prices").column("Time") == [START + timedelta(hours=n) for n in range(BARS)]

    def test_a_table_of_times_and_numbers_reads_as_arrays(self, book: Workbook) -> None:
        series, block = book.series("Prices"), book.table("Prices")
        assert (series.name, series.sheet, series.header, series.first_column) == (
            "Prices",
            "Prices",
            block.header,
            block.first_column,
        )
        assert series.times.tolist() == block.column("Time")
        assert series.times.dtype == np.dtype("datetime64[s]")
        assert series.numbers.tolist() == [list(row[1:]) for row in block.rows]
        assert series.column("ETH").tolist() == block.column("ETH")
        assert series.row_numbers.tolist() == list(block.row_numbers)
        assert series.address(1, "ETH") == block.address(1, "ETH") == "Prices!D8"
        assert not series.odd

    def test_what_is_no_number_is_told_apart(self, book: Workbook) -> None:
        rows: Rows = [
            [START, 1.0, None, "n/a"],
            [None, None, None, None],
            [False, math.nan, True, START],
            ["soon", 2.0, 3.0, 4.0],
        ]
        book.write_table("Prices", rows)
        for land in (lambda: None, book.commit):
            land()
            series = book.series("Prices")
            others = {(1, 0): False, (1, 1): "#N/A", (1, 2): True, (1, 3): START}
            assert series.odd == {(0, 3): "n/a", **others, (2, 0): "soon"}
            assert np.isnat(series.times).tolist() == [False, True, True]
            np.testing.assert_array_equal(series.numbers, [[1, np.nan, np.nan], [np.nan] * 3, [2, 3, 4]])
            assert series.row_numbers.tolist() == [7, 9, 10]

    def test_times_and_numbers_are_written_and_read_back(self, book: Workbook) -> None:
        random = np.random.default_rng(3)
        for rows, header in (
            (9, ("BTC", "ETH", "SOL")),
            (4, ("BTC", "SOL", "ADA", "DOT")),
            (30, ("ADA",)),
            (2, ("A", "B")),
        ):
            times = np.datetime64(START, "s") + np.arange(rows) * np.timedelta64(1234, "s")
            numbers = random.normal(size=(rows, len(header)))
            numbers[1, 0] = np.nan
            book.write_series("Prices", times, numbers, ("Time", *header), {(0, len(header)): "n/a"})
            numbers[0, -1] = np.nan
            for land in (lambda: None, book.commit):
                land()
                series, block = book.series("Prices"), book.table("Prices")
                assert series.header == block.header == ("Time", *header)
                np.testing.assert_array_equal(series.times, times)
                np.testing.assert_array_equal(series.numbers, numbers)
                assert series.odd == {(0, len(header)): "n/a"}
                assert block.column("Time") == times.tolist()
                assert block.rows[0][-1] == "n/a"
                assert block.rows[1][1] is None

    def test_one_kind_of_write_goes_over_the_other(self, book: Workbook) -> None:
        times = np.datetime64(START, "s") + np.arange(8) * np.timedelta64(3600, "s")
        for rows in (8, 3):
            book.write_series("Prices", times[:rows], np.ones((rows, 1)), ("Time", "BTC"))
        book.write_table("Prices", [[START, 2.0, 3.0]], ("Time", "BTC", "ETH"))
        assert book.table("Prices").rows == ((START, 2.0, 3.0),)
        book.append_rows("Prices", [[START + timedelta(hours=1), 4.0, 5.0]])
        book.commit()
        assert book.series("Prices").numbers.tolist() == [[2, 3], [4, 5]]
        book.write_series("Prices", times, np.ones((8, 1)), ("Time", "BTC"))
        book.append_rows("Prices", [[START + timedelta(days=9), 7.0]])
        book.commit()
        assert book.series("Prices").numbers.ravel().tolist() == [*[1.0] * 8, 7.0]

    @pytest.mark.parametrize(
        ("times", "width", "odd", "words"),
        [
            (3, 2, {}, "has 4 columns and the result has 3 times with 2 rows of 2 numbers"),
            (2, 2, {}, "has 4 columns and the result has 2 times with 2 rows of 2 numbers"),
            (2, 3, {(2, 1): "n/a"}, "cannot hold 'n/a' in row 3, column 2"),
            (2, 3, {(0, 0): "n/a"}, "cannot hold 'n/a' in row 1, column 1"),
        ],
    )
    def test_arrays_that_do_not_fit_are_refused(
        self, book: Workbook, times: int, width: int, odd: dict[tuple[int, int], str], words: str
    ) -> None:
        when = np.datetime64(START, "s") + np.arange(times) * np.timedelta64(3600, "s")
        with pytest.raises(BookError, match=f"table 'Prices' on sheet 'Prices'.* {words}"):
            book.write_series("Prices", when, np.ones((2, width)), ("Time", "BTC", "ETH", "SOL"), odd)

    def test_a_row_without_a_time_is_refused(self, book: Workbook) -> None:
        when = np.array([START, "NaT"], dtype="datetime64[s]")
        with pytest.raises(BookError, match="row 2 of the result has no time"):
            book.write_series("Prices", when, np.ones((2, 1)), ("Time", "BTC"))

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
