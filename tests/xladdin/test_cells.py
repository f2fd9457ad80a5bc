"""What a spreadsheet sends becomes numbers and gaps; what the core returns becomes what a cell shows."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError
from xladdin import cells

NA, DIV0 = -2146826246, -2146826281


def test_a_block_keeps_numbers_and_turns_everything_else_into_gaps():
    block = cells.to_block(((1.0, None, "text"), (Decimal("2.5"), NA, ""), (True, 3, "#N/A")), "x")
    np.testing.assert_array_equal(block, [[1, np.nan, np.nan], [2.5, np.nan, np.nan], [1, 3, np.nan]])


def test_a_number_written_as_text_is_no_number():
    assert math.isnan(cells.to_block(((1.0,), ("2",)), "x")[1, 0])


def test_error_integers_are_gaps_even_among_integers():
    np.testing.assert_array_equal(cells.to_block(((1, DIV0), (2, 3)), "x"), [[1, np.nan], [2, 3]])


def test_a_range_of_floats_alone_is_read_as_it_stands_and_may_be_written_to():
    sent = ((0.1, -0.0, 1e308), (math.inf, 5e-324, -1 / 3))
    block = cells.to_block(sent, "x")
    assert (block.tolist(), math.copysign(1, block[0, 1])) == ([list(row) for row in sent], -1)
    block[0, 0] = 2.0
    assert math.isnan(cells.to_block(((1.0, math.nan), (2.0, 3.0)), "x")[0, 1])


CELLS = st.one_of(
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([None, NA, DIV0, True, "", "2", "text", "#N/A", "g" * 8, Decimal("2.5"), np.float64(1.5), "g"]),
)


@given(
    st.integers(1, 3).flatmap(
        lambda columns: st.lists(st.lists(CELLS, min_size=columns, max_size=columns), min_size=1, max_size=4)
    ),
    st.sampled_from([tuple, list]),
)
def test_a_range_is_read_cell_by_cell_whatever_stands_beside(rows, kind):
    """Ranges of floats alone go another way than ranges with anything else; each cell reads as it does alone."""
    block = cells.to_block(kind(map(kind, rows)), "x")
    np.testing.assert_array_equal(block, [[cells.to_block(((None, cell),), "x")[0, 1] for cell in row] for row in rows])


@given(st.lists(st.lists(st.floats(), min_size=1, max_size=3), min_size=2, max_size=4))
def test_rows_of_floats_are_a_block_only_where_all_are_of_one_length(rows):
    if len({len(row) for row in rows}) == 1:
        assert cells.to_block(rows, "x").shape == (len(rows), len(rows[0]))
    else:
        with pytest.raises(ArgumentError, match="rows of unequal length"):
            cells.to_block(rows, "x")


@given(
    st.integers(1, 400),
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 399), st.integers(0, 5), st.integers(1, 400)), max_size=6),
    st.none() | st.tuples(st.integers(0, 399), st.integers(0, 5), st.sampled_from(["x", 7, True, "", Decimal("2.5")])),
    st.sampled_from([tuple, list]),
)
def test_a_range_with_blanks_is_read_as_cell_by_cell(rows, columns, blanks, odd, kind):
    """Blanks as they come: one, a column before its listing, a stretch; and a cell of another type, if any."""
    cells_of = [[row + column / 8 for column in range(columns)] for row in range(rows)]
    for first, column, count in blanks:
        for row in range(first, min(first + count, rows)):
            cells_of[row][column % columns] = None
    if odd is not None:
        cells_of[odd[0] % rows][odd[1] % columns] = odd[2]
    wanted = [
        [float(cell) if isinstance(cell, (float, int, Decimal)) else math.nan for cell in row] for row in cells_of
    ]
    block = cells.to_block(kind(map(kind, cells_of)), "returns")
    np.testing.assert_array_equal(block, wanted)
    assert block.flags.writeable


@pytest.mark.parametrize("blank", [(0, 0), (0, 2), (500, 1), (999, 2), (999, 0)])
def test_a_range_with_a_blank_is_read_in_one_pass(monkeypatch, blank):
    """Cell by cell it would be flattened first."""
    rows = [[float(row), 2.0, 3.0] for row in range(1000)]
    rows[blank[0]][blank[1]] = None
    monkeypatch.delattr(cells, "chain")
    block = cells.to_block(tuple(map(tuple, rows)), "returns")
    assert np.argwhere(np.isnan(block)).tolist() == [list(blank)]
    assert np.nansum(block) == sum(cell for row in rows for cell in row if cell is not None)


def test_rows_of_unequal_length_are_no_block_wherever_blanks_stand():
    """Two rows of two and one: as many bytes in all as three rows of others would have."""
    for rows in (((1.0, None), (1.0,)), ((1.0,), (None, None)), ((None, 1.0), (1.0, None, None))):
        with pytest.raises(ArgumentError, match="rows of unequal length"):
            cells.to_block(rows, "returns")


@pytest.mark.parametrize("value", [7.0, ((7.0,),), [7.0], np.array([7.0])])
def test_a_scalar_and_a_range_of_one_cell_are_the_same(value):
    assert cells.to_block(value, "x").tolist() == [[7.0]]


def test_dates_become_serial_numbers_as_in_the_sheet():
    moments = ((datetime(2024, 7, 1, 12),), (date(1900, 3, 1),))
    assert cells.to_block(moments, "x", dates=True).tolist() == [[45474.5], [61.0]]


def test_serial_numbers_become_times_and_come_back():
    serials = np.array([0.0, 61.0, 45474.5, 45474 + 1 / 86_400, 2_958_465.0])
    times = cells.from_serials(serials, "x")
    assert [str(time) for time in times[:3]] == ["1899-12-30T00:00:00", "1900-03-01T00:00:00", "2024-07-01T12:00:00"]
    np.testing.assert_array_equal(cells.to_serials(times), serials)
    assert np.isnat(cells.from_serials(np.array([np.nan]), "x")[0])


def test_rows_of_unequal_length_are_refused_by_name():
    with pytest.raises(ArgumentError, match="prices has rows of unequal length"):
        cells.to_block(((1.0, 2.0), (3.0,)), "prices")


def test_an_empty_range_is_refused_by_name():
    with pytest.raises(ArgumentError, match="prices is empty"):
        cells.to_block((), "prices")


@pytest.mark.parametrize(
    ("value", "text"), [(NA, "#N/A"), (DIV0, "#DIV/0!"), ("#REF!", "#REF!"), (2.0, None), ("#tag", None), (True, None)]
)
def test_error_cells_are_known(value, text):
    assert cells.is_error(value) == text


@pytest.mark.parametrize(
    ("value", "shown"), [(np.float64(2), 2.0), (math.nan, "#N/A"), (math.inf, "#NUM!"), ("0.1.0", "0.1.0"), (3, 3.0)]
)
def test_a_scalar_is_shown_as_number_text_or_error(value, shown):
    assert cells.shown(value) == (shown, value == math.inf)


def test_a_block_is_shown_row_by_row_and_a_single_cell_as_a_scalar():
    assert cells.shown(np.array([[1.0, np.nan], [np.inf, 2.0]]))[0] == [[1.0, "#N/A"], ["#NUM!", 2.0]]
    assert cells.shown(np.array([[1.5]]))[0] == 1.5
    assert cells.shown([["", "value"], ["beta", 1.0]])[0] == [["", "value"], ["beta", 1.0]]


def test_a_block_may_stand_in_arrays_and_in_rows_below_each_other():
    parts = [["a", "b"], np.array([[1.0, 2.0], [np.nan, 4.0]]), ["total", -np.inf]]
    assert cells.shown(parts) == ([["a", "b"], [1.0, 2.0], ["#N/A", 4.0], ["total", "#NUM!"]], True)


@pytest.mark.parametrize("value", [np.array([[1.0, np.inf]]), [["beta", 1.0], ["gamma", -np.inf]], [[1.0, np.inf]]])
def test_an_infinity_in_a_block_is_told(value):
    assert cells.shown(value)[1]


@pytest.mark.parametrize("value", [np.array([[1.0, np.nan]]), [["beta", 1.0], ["gamma", np.nan]], [[1.0, 2.0]]])
def test_of_a_block_without_an_infinity_none_is_told(value):
    assert not cells.shown(value)[1]


def test_whatever_is_shown_is_plain_python():
    shown, _ = cells.shown(np.array([[1, 2]], dtype=np.int64))
    assert [type(value) for value in shown[0]] == [float, float]
