"""Numbers as Germans, Swiss, Britons and programs write them: one that has one reading settles those that have two."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FeedError
from xladdin.feeds.tables.figures import figures
from xladdin.feeds.tables.table import Columns


def read(tmp_path, *cells: object, decimal=None):
    columns = Columns(tmp_path / "a.csv", pd.DataFrame({"x": cells}, index=range(2, 2 + len(cells))))
    found = figures(columns, ["x"], decimal)
    return found.columns["x"].tolist(), found.doubtful


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.500", "0,25"], [1500, 0.25]),
        (["1.500", "0.25"], [1.5, 0.25]),
        (["1.500", "0.500"], [1.5, 0.5]),
        (["1.500", "1500.000"], [1.5, 1500]),
        (["1.500", "1.234.567"], [1500, 1234567]),
        (["1,500", "0.25"], [1500, 0.25]),
        (["1,500", "2,5"], [1.5, 2.5]),
        (["1.500,25", "-7"], [1500.25, -7]),
        (["1,500.25", "+7"], [1500.25, 7]),
        (["1'500", "1\u2019500\u2019000.5"], [1500, 1500000.5]),
        (["12 345,5", "1\u00a0500", "1\u202f500"], [12345.5, 1500, 1500]),
        (["1,5E+03", "1.500"], [1500, 1500]),
        (["1e-4", ".5", "5."], [1e-4, 0.5, 5]),
        (["61000", "-2"], [61000, -2]),
    ],
)
def test_one_figure_settles_the_others(tmp_path, cells, numbers) -> None:
    assert read(tmp_path, *cells) == (numbers, "")


@pytest.mark.parametrize(("cell", "point", "comma"), [("1.500", 1.5, 1500), ("-12,345", -12345, -12.345)])
def test_what_nothing_settles_is_in_doubt(tmp_path, cell, point, comma) -> None:
    assert read(tmp_path, cell, "3") == ([point, 3], cell)
    assert read(tmp_path, cell, decimal=",") == ([comma], "")


@pytest.mark.parametrize(
    "cell",
    ["5%", "1.50.0", "12.34.567", "1 50", "1'500 000", "five", "0x10", "1e999", "--", "1,500,25", "0 500", "inf"],
)
def test_what_is_no_number_is_refused_by_its_line(tmp_path, cell) -> None:
    with pytest.raises(FeedError, match=r"a\.csv line 3 has '.*' as x, not a number"):
        read(tmp_path, "0.25", cell)


def test_two_ways_of_writing_in_one_file_are_refused(tmp_path) -> None:
    with pytest.raises(
        FeedError, match=r"line 4 has '2,5' as x, not a number; elsewhere its decimals stand after '\.'"
    ):
        read(tmp_path, "1.5", "0.5", "2,5")


def test_blanks_and_missing_values_are_none(tmp_path) -> None:
    numbers, doubtful = read(tmp_path, "", None, float("nan"), "n/a", "0.5")
    assert [number == number for number in numbers] == [False] * 4 + [True]
    assert not doubtful


@given(st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1), st.sampled_from([".,", ",."]))
def test_grouped_numbers_with_cents_are_read_as_they_were_written(tmp_path_factory, values, signs) -> None:
    """Of the locale's own format: thousands of one sign, two decimals after the other."""
    decimal, between = signs
    cells = [f"{value:,.2f}".translate({ord("."): decimal, ord(","): between}) for value in values]
    assert read(tmp_path_factory.getbasetemp(), *cells) == ([float(value) for value in values], "")
