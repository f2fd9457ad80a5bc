"""Stored results that a change can reach go; all others stay, with their formulas, for the next job to read."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import members, operate, replaced
from tests.xladdin.books.xlsx.test_patch import reshaped
from xladdin.books.file_book import FileBook

SETTINGS, MONITOR, CHART = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet6.xml", "xl/charts/chart1.xml"


def calculated(path: Path, **formulas: str) -> Path:
    """The desk with further formulas on Monitor, every formula of the book with the stored value 42."""
    reshaped(path, lambda book: [book["Monitor"].__setitem__(cell, text) for cell, text in formulas.items()])

    def surgery(parts: dict[str, bytes]) -> None:
        for part in (SETTINGS, MONITOR):
            for blank in (b"<v></v>", b"<v />", b"<v/>"):
                parts[part] = parts[part].replace(blank, b"<v>42</v>")

    return operate(path, surgery)


def kept(path: Path, sheet: str = "Monitor") -> set[str]:
    """The formula cells of a sheet that still have a stored value."""
    values, formulas = (openpyxl.load_workbook(path, data_only=only)[sheet] for only in (True, False))
    cells = [cell.coordinate for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
    return {cell for cell in cells if values[cell].value == 42}


def test_only_what_hangs_on_the_written_cells_is_emptied(desk: Path) -> None:
    calculated(
        desk,
        D2="=1+1",
        D3="=Equity*2",
        D4="=D3+1",
        D5="=SUM(Weights[Final])",
        D6='=INDIRECT("Settings!C7")',
        D7="=PERP_SOMETHING(1)",
        D8="=D2*2",
        D9="=Settings!$C:$C",
        D10="=NOW()",
    )
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    assert kept(desk) == {"B2", "B4", "D2", "D5", "D8"}
    assert kept(desk, "Settings") == set(), "C9 is C7*2"
    assert b'fullCalcOnLoad="1"' in members(desk)["xl/workbook.xml"]
    assert openpyxl.load_workbook(desk)["Monitor"]["D3"].value == "=Equity*2"


def test_a_formula_in_an_input_cell_keeps_its_value_for_the_next_job(desk: Path) -> None:
    cell = b'<row r="8"><c r="C8"><f>5000000*2</f><v>10000000</v></c></row>'
    operate(
        desk, lambda parts: parts.update({SETTINGS: re.sub(rb'<row r="8".*?(?=<row r="9")', cell, parts[SETTINGS])})
    )
    for final in (0.25, 0.5):
        with FileBook.open(desk) as book:
            assert book.value("TargetReturn").value == 10_000_000
            book.write_table("Weights", [["BTC", final, 0.0]])
            book.write_value("Equity", final)
            book.commit()
    assert cell in members(desk)[SETTINGS]


def test_the_cells_that_an_array_formula_fills_go_with_it(desk: Path) -> None:
    calculated(desk)
    operate(desk, replaced(MONITOR, b"</sheetData>", b'<row r="5"><c r="B5"><v>43</v></c></row></sheetData>'))
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    assert b"<v>43</v>" in members(desk)[MONITOR], "B4:B6 hangs on Universe, which stands as it was"
    with FileBook.open(desk) as book:
        book.write_table("Universe", [["BTC", 1.0, 0.1, "Y"]])
        book.commit()
    assert b"<v>43</v>" not in members(desk)[MONITOR], "a cell that an array formula fills holds a result too"
    assert kept(desk) == set()


def test_a_result_that_went_is_told_where_it_is_asked_for(desk: Path) -> None:
    calculated(desk)
    with FileBook.open(desk) as book:
        assert book.value("Doubled").value == 42
        book.write_value("Equity", 1.0)
        book.commit()
        with pytest.raises(BookError, match="Settings!C9 holds a formula without a stored value"):
            book.value("Doubled")


@pytest.mark.parametrize("name", ["Prices", "Weights"])
def test_points_of_charts_stay_unless_their_cells_changed(desk: Path, name: str) -> None:
    cache = b'<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="0"/></c:numCache>'
    plain = cache.replace(b"c:", b"")

    def surgery(parts: dict[str, bytes]) -> None:
        for part in (CHART, "xl/charts/chart2.xml"):
            for end, points in ((b"</f></numRef>", plain), (b"</c:f></c:numRef>", cache)):
                parts[part] = parts[part].replace(
                    end, end.replace(b"</f>", b"</f>" + points).replace(b"</c:f>", b"</c:f>" + points)
                )
            assert b"numCache" in parts[part]

    operate(desk, surgery)
    with FileBook.open(desk) as book:
        book.write_table(name, [[None] * len(book.table(name).header)])
        book.commit()
    parts = members(desk)
    assert (b"numCache" in parts[CHART]) == (name == "Weights")
    assert (b"numCache" in parts["xl/charts/chart2.xml"]) == (name == "Prices")
