"""Each kind of argument reads what a cell can send, and names the argument where it cannot."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from xladdin.kinds import Address, Block, Choice, Flag, Integer, Labels, Number, Rows, Text, Times, Vector

NA = -2146826246


@pytest.mark.parametrize("value", [2, 2.0, Decimal(2), ((2.0,),), np.float64(2)])
def test_number_reads_every_form_of_a_number(value):
    assert Number("Help.").read(value, "x") == 2.0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("two", "x must be a number, not 'two'"),
        ("2", "x must be a number"),
        (((1.0, 2.0),), "x must be one cell, not a range of 1 x 2"),
        (NA, "x shows #N/A; mend that cell first"),
        (float("nan"), "x must be a finite number"),
        (0.0, "x is 0; it must be above 0"),
        (-1.0, "x is -1; it must be above 0"),
    ],
)
def test_number_names_the_argument_and_the_bound(value, message):
    with pytest.raises(ArgumentError, match=message):
        Number("Help.", above=0).read(value, "x")


def test_integer_refuses_a_fraction():
    assert Integer("Help.").read(3.0, "n") == 3
    with pytest.raises(ArgumentError, match=r"n is 2\.5; it must be a whole number"):
        Integer("Help.").read(2.5, "n")


@pytest.mark.parametrize(("value", "flag"), [(True, True), (0.0, False), (1, True), ("TRUE", True), ("false", False)])
def test_flag_reads_what_excel_and_calc_send(value, flag):
    assert Flag("Help.").read(value, "x") is flag


@pytest.mark.parametrize("value", [2.0, "yes", ((True, False),)])
def test_flag_refuses_the_rest(value):
    with pytest.raises(ArgumentError, match="x "):
        Flag("Help.").read(value, "x")


def test_choice_ignores_case_and_offers_the_nearest():
    kind = Choice("Help.", ("ols", "ewma"))
    assert kind.read(" EWMA ", "method") == "ewma"
    with pytest.raises(
        ArgumentError, match=r"method 'emwa' is not known \(did you mean 'ewma'\?\); choose one of: ols, ewma"
    ):
        kind.read("emwa", "method")
    with pytest.raises(ArgumentError, match="choose one of"):
        kind.read(3.0, "method")


@pytest.mark.parametrize("value", [((1.0, 2.0),), ((1.0,), (2.0,)), [1.0, 2.0], np.array([1.0, 2.0])])
def test_vector_takes_a_row_or_a_column(value):
    assert Vector("Help.").read(value, "w").tolist() == [1.0, 2.0]


def test_vector_refuses_a_block():
    with pytest.raises(ArgumentError, match="w must be one row or one column"):
        Vector("Help.").read(((1.0, 2.0), (3.0, 4.0)), "w")


def test_a_range_without_any_number_is_refused_unless_it_may_be_blank():
    with pytest.raises(MissingDataError, match="prices holds no number, all its 2 cells are missing"):
        Block("Help.").read((("a",), (None,)), "prices")
    with pytest.raises(ArgumentError, match="prices holds no number"):
        Block("Help.").read("a", "prices")
    assert np.isnan(Block("Help.", may_be_blank=True).read(((None,), (None,)), "funding")).all()


def test_rows_keep_names_and_blanks_and_drop_blank_lines():
    read = Rows("Help.").read((("net", 1.0, None), (None, "", None), (" betas ", 1, Decimal("0.5"))), "limits")
    assert read == [["net", 1.0, None], ["betas", 1.0, 0.5]]


def test_rows_refuse_an_error_cell():
    with pytest.raises(ArgumentError, match="limits shows #N/A in one of its cells"):
        Rows("Help.").read((("net", NA),), "limits")


@pytest.mark.parametrize("value", [(("BTC", " btc "),), (("BTC",), ("btc",)), ["Btc", "BTC"]])
def test_labels_are_read_as_a_sheet_compares_them(value):
    assert Labels("Help.").read(value, "underlyings") == ("btc", "btc")


def test_labels_may_be_numbers_and_a_blank_is_none():
    assert Labels("Help.").read(((1, 1.0, None, " "),), "underlyings") == (1.0, 1.0, None, None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((("a", NA),), "coins shows #N/A in one of its cells"),
        ((("a", "b"), ("c", "d")), "coins must be one row or one column, not a block of 2 x 2"),
    ],
)
def test_labels_refuse_errors_and_blocks(value, message):
    with pytest.raises(ArgumentError, match=message):
        Labels("Help.").read(value, "coins")


@pytest.mark.parametrize("kind", [Block("Help."), Vector("Help.")])
def test_a_date_is_no_number(kind):
    with pytest.raises(ArgumentError, match="prices holds the date 2024-07-01 in row 2, column 1; select"):
        kind.read(((1.0,), (datetime(2024, 7, 1, 8),)), "prices")
    with pytest.raises(ArgumentError, match="x must be a number, not the date 2024-07-01"):
        Number("Help.").read(date(2024, 7, 1), "x")


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), Decimal("1e400"), float("inf"), 1e160],
    ids=["huge", "minus huge", "decimal", "infinite", "1e160"],
)
def test_a_number_larger_than_any_of_a_market_is_refused(value):
    for kind, cells in ((Number("Help."), value), (Block("Help."), ((1.0,), (value,))), (Vector("Help."), ((value,),))):
        with pytest.raises(ArgumentError, match=r"x is infinite|x is 1e\+160.*, larger than any figure of a market"):
            kind.read(cells, "x")


def test_a_number_smaller_than_any_of_a_market_but_nothing_is_refused():
    with pytest.raises(ArgumentError, match=r"x is 9\.99989e-321 at row 1, column 2, smaller than any figure"):
        Block("Help.").read(((0.0, 1e-320),), "x")


def test_a_signalling_nan_is_missing():
    assert np.isnan(Block("Help.").read(((1.0, Decimal("sNaN")),), "x")).tolist() == [[False, True]]
    with pytest.raises(ArgumentError, match="x must be a finite number"):
        Number("Help.").read(Decimal("sNaN"), "x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("0.5"), "0.5"),
        pytest.param(10**5000, "no finite number", id="huge"),
        (datetime(2024, 7, 1), "the date 2024-07-01"),
        (True, "TRUE"),
    ],
)
def test_what_is_no_word_is_named_as_a_sheet_shows_it(value, words):
    with pytest.raises(ArgumentError, match=f"method is {words}; choose one of: ols"):
        Choice("Help.", ("ols",)).read(value, "method")


def test_address_is_text():
    assert Address("Help.").read("Sheet1!B2", "cell") == "Sheet1!B2"


def test_times_are_read_from_serials_and_dates():
    read = Times("Help.").read(((45474.5,), (datetime(2024, 7, 1, 13),), (None,), (date(2024, 7, 2),)), "times")
    assert read.astype(str).tolist() == ["2024-07-01T12:00:00", "2024-07-01T13:00:00", "NaT", "2024-07-02T00:00:00"]


def test_times_are_rounded_to_the_second():
    read = Times("Help.").read(tuple((45474 + hour / 24,) for hour in range(24)), "times")
    assert (read == np.datetime64("2024-07-01", "s") + np.arange(24) * 3600).all()


@pytest.mark.parametrize("value", [-1.0, 2_958_466.0, 1e300])
def test_a_number_that_is_no_date_is_refused(value):
    with pytest.raises(ArgumentError, match=r"times is .* at position 2, which is no date"):
        Times("Help.").read(((45474.0,), (value,)), "times")


@pytest.mark.parametrize(("value", "text"), [(" 8h ", "8h"), (((" 1d",),), "1d"), (8.0, "8"), (Decimal("1.5"), "1.5")])
def test_text_is_read_as_it_is_written(value, text):
    assert Text("Help.").read(value, "interval") == text


@pytest.mark.parametrize("value", [NA, (("8h", "1d"),)])
def test_text_is_one_cell_without_error(value):
    with pytest.raises(ArgumentError, match="interval "):
        Text("Help.").read(value, "interval")
