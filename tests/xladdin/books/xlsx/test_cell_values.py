"""What the XML of a cell means, and which number formats show a date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.styles.numbers import is_date_format as openpyxl_says
from openpyxl.utils.datetime import from_excel

from xladdin.books.contents import plain
from xladdin.books.workbook import CellValue
from xladdin.books.xlsx.cell_values import EPOCH_1900, EPOCH_1904, UNCACHED, decode, encode
from xladdin.books.xlsx.markup import MAIN
from xladdin.books.xlsx.styles import BUILT_IN_DATES, is_date_format


def cell(inside: str, kind: str = "") -> etree._Element:
    attribute = f' t="{kind}"' if kind else ""
    return etree.fromstring(f'<c xmlns="{MAIN}" r="A1"{attribute}>{inside}</c>')


@pytest.mark.parametrize(
    ("inside", "kind", "value"),
    [
        ("<v>1.5</v>", "", 1.5),
        ("<v>1E-3</v>", "n", 0.001),
        ("", "", None),
        ("<v></v>", "n", None),
        ("<v>1</v>", "s", "two runs"),
        ("<v>0</v>", "s", None),
        ("<v>1</v>", "b", True),
        ("<v>0</v>", "b", False),
        ("<v>#DIV/0!</v>", "e", "#DIV/0!"),
        ("<f>A2</f><v>text</v>", "str", "text"),
        ('<f>""</f><v></v>', "str", None),
        ("<f>A2</f><v>7</v>", "", 7.0),
        ("<v>2024-06-30T12:00:00</v>", "d", datetime(2024, 6, 30, 12)),
        ("<is><t>in_x000D_line</t></is>", "inlineStr", "in\rline"),
        ("<is><r><t>a</t></r><r><t>b</t></r><rPh><t>hint</t></rPh></is>", "inlineStr", "ab"),
        ("<is><t>_x005F_x0041_</t></is>", "inlineStr", "_x0041_"),
    ],
)
def test_each_kind_of_cell_is_read(inside: str, kind: str, value: CellValue) -> None:
    assert decode(cell(inside, kind), ["", "two runs"], False, EPOCH_1900) == value


@pytest.mark.parametrize(("inside", "kind"), [("<f>A2</f>", ""), ("<f>A2</f><v></v>", ""), ("<f>A2</f>", "str")])
def test_a_formula_without_value_is_told_from_a_blank(inside: str, kind: str) -> None:
    assert decode(cell(inside, kind), [], False, EPOCH_1900) is UNCACHED


@given(st.floats(61, 2_957_000), st.booleans())
def test_serials_become_the_time_that_openpyxl_reads(serial: float, from_1904: bool) -> None:
    epoch = EPOCH_1904 if from_1904 else EPOCH_1900
    ours = decode(cell(f"<v>{serial!r}</v>"), [], True, epoch)
    theirs = from_excel(serial, datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30))
    assert isinstance(ours, datetime)
    assert abs(ours - theirs) <= timedelta(seconds=1)
    assert ours.microsecond == 0


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=50),
    st.datetimes(datetime(1904, 1, 2), datetime(2200, 1, 1)),
)


@given(VALUES, st.sampled_from([EPOCH_1900, EPOCH_1904]))
def test_what_is_written_is_read(value: CellValue, epoch: datetime) -> None:
    meant = plain(value)
    element = cell("<f>A2</f><v>3</v>", "str")
    encode(element, meant, epoch)
    again = etree.fromstring(etree.tostring(element))
    assert decode(again, [], isinstance(meant, datetime), epoch) == meant


@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd hh:mm", "d mmm yy", "[$-409]h:mm AM/PM", '"on "dd.mm', "mm:ss.0", "[Red]yyyy"]
)
def test_date_formats_are_known(code: str) -> None:
    assert is_date_format(code)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0.00%;[Red]-0.00%",
        '0"x"',
        '#,##0" m"',
        r"0\d",
        "@",
        "[h]:mm",
        "0.0_d",
        "0*-",
        '0.0" bp"',
        "#,##0.00##",
    ],
)
def test_number_formats_are_no_dates(code: str) -> None:
    assert not is_date_format(code)


def test_the_built_in_date_formats_are_those_of_the_standard() -> None:
    known = {number for number, code in BUILTIN_FORMATS.items() if openpyxl_says(code) and not code.startswith("[h]")}
    assert known - {46} <= BUILT_IN_DATES
    assert not any(number in BUILT_IN_DATES for number, code in BUILTIN_FORMATS.items() if not openpyxl_says(code))
