"""Charts, conditional formats, validations and names follow the table they were drawn for."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from tests.xladdin.books.conftest import build_desk, members, operate, replaced
from tests.xladdin.books.xlsx.test_patch import bars, reshaped, written
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx.areas import Area, map_ranges
from xladdin.books.xlsx.followers import moved

PRICES_CHART, WEIGHTS_CHART = "xl/charts/chart1.xml", "xl/charts/chart2.xml"
OLD = Area(6, 2, 12, 5)


def ranges(path: Path, chart: str) -> list[str]:
    return re.findall(r"<(?:c:)?f>([^<]*)<", members(path)[chart].decode())


@pytest.mark.parametrize(
    ("before", "beyond", "widen", "after"),
    [
        ("C7:C12", "leave", False, "C7:C20"),
        ("C6:C12", "leave", False, "C6:C20"),
        ("C7:E12", "leave", True, "C7:G20"),
        ("C7:E12", "leave", False, "C7:E20"),
        ("D7:D12", "leave", True, "D7:D20"),
        ("C8:C12", "leave", True, "C8:C12"),
        ("C7:C11", "fit", True, "C7:C11"),
        ("C7:C99", "leave", True, "C7:C99"),
        ("C7:C99", "cover", True, "C7:C99"),
        ("C7:C15", "cover", True, "C7:C20"),
        ("C7:C99", "fit", False, "C7:C20"),
        ("A7:C12", "fit", True, "A7:C12"),
        ("C6", "fit", True, "C6"),
    ],
)
def test_what_moves_and_what_stays(before: str, beyond: str, widen: bool, after: str) -> None:
    new = Area(6, 2, 20, 7)
    assert str(moved(Area.parse(before), OLD, new, beyond=beyond, widen=widen)) == after  # type: ignore[arg-type]


def test_a_rule_on_a_column_that_goes_is_left_where_it_is() -> None:
    assert str(moved(Area.parse("E7:E12"), OLD, Area(6, 2, 20, 3), beyond="cover", widen=True)) == "E7:E20"


def test_ranges_are_found_whatever_the_sheet_is_called() -> None:
    seen: list[str] = []

    def change(sheet: str, area: Area) -> Area:
        seen.append(sheet)
        return Area(1, 1, 2, 2)

    text = "('It''s a sheet'!$C$7:$C$12,Prices!C7,[1]Prices!$A$1)+SUM(Tab!$A$1:$A$2)"
    assert (
        map_ranges(text, change)
        == "('It''s a sheet'!$A$1:$B$2,Prices!$A$1:$B$2,[1]Prices!$A$1:$B$2)+SUM(Tab!$A$1:$B$2)"
    )
    assert seen == ["It's a sheet", "Prices", "[1]Prices", "Tab"]


@pytest.mark.parametrize("rows", [1, 3, 6, 40])
def test_charts_follow_the_rows(desk: Path, rows: int) -> None:
    written(desk, "Prices", bars(rows, 3))
    last = 6 + rows
    expected = []
    for column in "CDE":
        body = (f"$B$7:$B${last}", f"${column}$7:${column}${last}") if rows > 1 else ("$B$7", f"${column}$7")
        expected += [f"'Prices'!{column}6", *(f"'Prices'!{area}" for area in body)]
    assert [text.replace("$", "") for text in ranges(desk, PRICES_CHART)] == [
        text.replace("$", "") for text in expected
    ]


def test_a_chart_drawn_for_more_rows_than_there_are_is_fitted(desk: Path) -> None:
    assert ranges(desk, WEIGHTS_CHART) == ["'Weights'!$B$7:$B$14", "'Weights'!$C$7:$C$14"]
    written(desk, "Weights", [[symbol, 0.1, 0.1] for symbol in "ABC"])
    assert ranges(desk, WEIGHTS_CHART) == ["'Weights'!$B$7:$B$9", "'Weights'!$C$7:$C$9"]
    written(desk, "Weights", [[symbol, 0.1, 0.1] for symbol in "ABCDEFGHIJKL"])
    assert ranges(desk, WEIGHTS_CHART) == ["'Weights'!$B$7:$B$18", "'Weights'!$C$7:$C$18"]


def test_a_chart_is_fitted_to_a_table_that_keeps_its_size(desk: Path) -> None:
    written(desk, "Weights", [["A", 0.1, 0.1]])
    assert [text.replace("$", "") for text in ranges(desk, WEIGHTS_CHART)] == ["'Weights'!B7", "'Weights'!C7"]


def test_series_of_columns_that_go_go_too_and_new_columns_get_one(desk: Path) -> None:
    written(desk, "Prices", bars(6, 2), ["Time", "BTC", "ETH"])
    assert ranges(desk, PRICES_CHART)[0::3] == ["'Prices'!C6", "'Prices'!D6"]
    written(desk, "Prices", bars(9, 4), ["Time", "BTC", "ETH", "ADA", "DOT"])
    found = ranges(desk, PRICES_CHART)
    assert [text.replace("$", "") for text in found[0::3]] == [f"'Prices'!{c}6" for c in "CDEF"]
    assert found[2::3] == [f"'Prices'!${c}$7:${c}$15" for c in "CDEF"]
    chart = members(desk)[PRICES_CHART].decode()
    assert len(set(re.findall(r'<(?:c:)?idx val="(\d+)"', chart))) == 4
    assert len(openpyxl.load_workbook(desk)["Prices"]._charts[0].series) == 4


def test_charts_of_other_ranges_keep_their_bytes(desk: Path) -> None:
    before = members(desk)[PRICES_CHART]
    written(desk, "Weights", [["BTC", 1.0, 0.0]] * 5)
    assert members(desk)[PRICES_CHART] == before


def test_stored_points_of_changed_sheets_are_dropped(desk: Path) -> None:
    point = b'<numCache><formatCode>General</formatCode><ptCount val="1"/><pt idx="0"><v>77</v></pt></numCache>'

    def cached(parts: dict[str, bytes]) -> None:
        for chart in (PRICES_CHART, WEIGHTS_CHART):
            parts[chart] = parts[chart].replace(b"</f></numRef>", b"</f>" + point + b"</numRef>")
            assert b"77" in parts[chart]

    operate(desk, cached)
    before = members(desk)
    with FileBook.open(desk) as book:
        book.write_table("Weights", [["BTC", 1.0, 0.0]])
        book.commit()
    after = members(desk)
    assert b"numCache" not in after[WEIGHTS_CHART]
    assert after[PRICES_CHART] == before[PRICES_CHART]


def test_rules_follow_the_table(desk: Path) -> None:
    book = written(desk, "Universe", [[f"C{n}", 1.0, 1.0, "Y"] for n in range(8)])
    sheet = book["Universe"]
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["E7:E14"]
    assert [str(area.sqref) for area in sheet.conditional_formatting] == ["C7:C14"]
    book = written(desk, "Prices", bars(2, 5), ["Time", "BTC", "ETH", "SOL", "D", "E"])
    assert [str(area.sqref) for area in book["Prices"].conditional_formatting] == ["C7:G8"]


def test_rules_in_the_extension_list_follow_too(desk: Path) -> None:
    extension = (
        b'<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        b"<xm:sqref>C7:C9</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"
    )
    operate(desk, replaced("xl/worksheets/sheet1.xml", b"</worksheet>", extension))
    with FileBook.open(desk) as book:
        book.write_table("Universe", [[f"C{n}", 1.0, 1.0, "Y"] for n in range(8)])
        book.commit()
    assert b"<xm:sqref>C7:C14</xm:sqref>" in members(desk)["xl/worksheets/sheet1.xml"]


def test_named_ranges_and_print_areas_follow_named_cells_stay(desk: Path) -> None:
    reshaped(desk, lambda book: setattr(book["Prices"], "print_area", "A1:E12"))
    reshaped(desk, lambda book: book.defined_names.update(_name("OneCell", "Weights!$C$7")))
    written(desk, "Weights", [["A", 1.0, 1.0]] * 3)
    book = written(desk, "Prices", bars(30, 3))
    assert book.defined_names["Closes"].attr_text == "Prices!$C$7:$E$36"
    assert book.defined_names["OneCell"].attr_text == "Weights!$C$7"
    assert book["Prices"].print_area == "'Prices'!$A$1:$E$36"


def test_a_print_area_that_ends_before_the_last_columns_of_a_table_follows_its_foot(desk: Path) -> None:
    reshaped(desk, lambda book: setattr(book["Prices"], "print_area", "A1:C12"))
    book = written(desk, "Prices", bars(30, 3))
    assert book["Prices"].print_area == "'Prices'!$A$1:$C$36"


def _name(name: str, target: str) -> dict[str, object]:
    return {name: openpyxl.workbook.defined_name.DefinedName(name, attr_text=target)}


def test_the_desk_of_the_tests_is_as_described(tmp_path: Path) -> None:
    charts = [name for name in members(build_desk(tmp_path / "d.xlsx")) if "/charts/chart" in name]
    assert charts == [PRICES_CHART, WEIGHTS_CHART]
