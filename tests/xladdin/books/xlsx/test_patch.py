"""Tables that grow, shrink and change their columns; what is in the way is refused; nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableColumn, TableFormula

from core.errors import BookError
from tests.xladdin.books.conftest import START, build_desk, digest, members, operate, replaced
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx.package import Package
from xladdin.books.xlsx.patch import Patch

Prepare = Callable[[openpyxl.Workbook], None]


def reshaped(path: Path, prepare: Prepare) -> Path:
    """The desk with something added by openpyxl, which may rewrite it here: it has nothing to lose yet."""
    book = openpyxl.load_workbook(path)
    prepare(book)
    book.save(path)
    return path


def written(path: Path, name: str, rows: list[list[object]], header: list[str] | None = None) -> openpyxl.Workbook:
    with FileBook.open(path) as book:
        book.write_table(name, rows, header)  # type: ignore[arg-type]
        book.commit()
    return openpyxl.load_workbook(path)


def bars(count: int, contracts: int) -> list[list[object]]:
    return [[START + timedelta(hours=n), *(float(n + k) for k in range(contracts))] for n in range(count)]


def test_a_growing_table_takes_the_look_of_its_first_row(desk: Path) -> None:
    sheet = written(desk, "Prices", bars(20, 3))["Prices"]
    assert sheet.tables["Prices"].ref == "B6:E26"
    assert {sheet.cell(row, 2).number_format for row in range(7, 27)} == {"yyyy-mm-dd hh:mm"}
    assert {sheet.cell(row, 5).number_format for row in range(7, 27)} == {"#,##0.00"}
    assert sheet["B26"].value == START + timedelta(hours=19)


def test_a_shrinking_table_leaves_nothing_behind(desk: Path) -> None:
    sheet = written(desk, "Prices", bars(2, 3))["Prices"]
    assert sheet.tables["Prices"].ref == "B6:E8"
    assert [cell.value for row in sheet["B9:E12"] for cell in row] == [None] * 16
    assert not any(cell.has_style for row in sheet["B9:E12"] for cell in row)


def test_an_empty_body_keeps_one_blank_row(desk: Path) -> None:
    sheet = written(desk, "Prices", [])["Prices"]
    assert sheet.tables["Prices"].ref == "B6:E7"
    assert [cell.value for cell in sheet["B7:E7"][0]] == [None] * 4
    assert sheet["B7"].number_format == "yyyy-mm-dd hh:mm"


def test_new_columns_take_headings_look_and_width_of_the_last_one(desk: Path) -> None:
    header = ["Time", "BTC", "ETH", "SOL", "ADA", "DOT"]
    sheet = written(desk, "Prices", bars(3, 5), header)["Prices"]
    table = sheet.tables["Prices"]
    assert (table.ref, table.autoFilter.ref if table.autoFilter else table.ref) == ("B6:G9", "B6:G9")
    assert [column.name for column in table.tableColumns] == header
    assert len({column.id for column in table.tableColumns}) == len(header)
    assert [cell.value for cell in sheet["B6:G6"][0]] == header
    assert sheet["G6"].fill.fgColor.rgb == "00DDDDDD"
    assert sheet["G9"].number_format == "#,##0.00"
    assert {sheet.column_dimensions[letter].width for letter in "EFG"} == {14}


def test_fewer_columns_leave_nothing_behind(desk: Path) -> None:
    sheet = written(desk, "Prices", bars(6, 1), ["Time", "SOL"])["Prices"]
    assert sheet.tables["Prices"].ref == "B6:C12"
    assert [cell.value for cell in sheet["B6:E6"][0]] == ["Time", "SOL", None, None]
    assert sheet["D7"].value is None


def test_a_heading_that_stays_keeps_its_column(desk: Path) -> None:
    operate(desk, replaced("xl/tables/table2.xml", b'name="SOL"', b'name="SOL" dataDxfId="0"'))
    table = written(desk, "Prices", bars(6, 2), ["Time", "SOL", "BTC"])["Prices"].tables["Prices"]
    assert [(column.name, column.dataDxfId) for column in table.tableColumns] == [
        ("Time", None),
        ("SOL", 0),
        ("BTC", None),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["Time", "BTC", "btc"], "two columns 'btc'"),
        (["Time", " "], "cannot have the heading ' '"),
        (["Time", "x" * 256], "cannot have the heading 'xxx"),
        ([], "needs at least one column"),
    ],
)
def test_headings_that_excel_would_refuse_are_refused(desk: Path, header: list[str], message: str) -> None:
    with pytest.raises(BookError, match=message):
        written(desk, "Prices", [], header)


@pytest.mark.parametrize(
    "formula", ["=SUM(Prices[ETH])", "=INDEX(Prices[[#All],[ETH]],2)", "=SUM(prices[[BTC]:[eth]])"]
)
def test_a_column_that_a_formula_names_does_not_go(desk: Path, formula: str) -> None:
    reshaped(desk, lambda book: book["Monitor"].__setitem__("D2", formula))
    with pytest.raises(BookError, match=r"Monitor!D2 refers to Prices\[(ETH|eth)\], a column that would go"):
        written(desk, "Prices", bars(6, 1), ["Time", "BTC"])
    assert written(desk, "Prices", bars(6, 2), ["Time", "ETH", "BTC"])["Monitor"]["D2"].value == formula


def test_a_time_in_a_column_without_date_format_still_shows_as_time(desk: Path) -> None:
    when = datetime(2024, 7, 1, 8, 30)
    book = written(desk, "Weights", [[when, when, 0.5], [when, 0.25, 0.5]])
    cells = [book["Weights"][address] for address in ("B7", "C7", "B8", "C8", "D8")]
    assert [cell.value for cell in cells] == [when, when, when, 0.25, 0.5]
    assert book["Weights"]["C8"].number_format == "0.00%", "a number beside it keeps its own look"


def test_a_number_in_a_date_column_is_written_as_the_number(desk: Path) -> None:
    written(desk, "Runs", [[45_000.5, "odd"]])
    assert b"<v>45000.5</v>" in members(desk)["xl/worksheets/sheet5.xml"]


OBSTACLES = {
    "value below": (lambda b: b["Weights"].__setitem__("C9", "mine"), r"Weights!C9 is in the way of table 'Weights'"),
    "formula below": (lambda b: b["Weights"].__setitem__("B8", "=1+1"), r"Weights!B8 is in the way"),
    "formula inside": (
        lambda b: b["Weights"].__setitem__("C7", "=1+1"),
        r"Weights!C7 holds a formula; results go only over",
    ),
    "merge below": (lambda b: b["Weights"].merge_cells("A9:C9"), r"Weights!B9 lies in the merged cells A9:C9"),
    "spill below": (
        lambda b: b["Weights"].__setitem__("D8", ArrayFormula("D8:D9", "=Universe[Lot]")),
        r"Weights!D8 is in the way|Weights!D8 lies in the array formula D8:D9",
    ),
    "table below": (
        lambda b: b["Weights"].add_table(Table(displayName="Other", ref="C9:D10", tableColumns=[])),
        "table 'Other' is in the way of table 'Weights'",
    ),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_is_in_the_way_is_named_and_nothing_written(desk: Path, name: str) -> None:
    prepare, message = OBSTACLES[name]
    if name == "table below":
        reshaped(desk, lambda b: [b["Weights"].__setitem__(c, c) for c in ("C9", "D9")])
    reshaped(desk, prepare)
    before = digest(desk)
    with pytest.raises(BookError, match=message):
        written(desk, "Weights", [["BTC", 1.0, 0.0]] * 4)
    assert digest(desk) == before


def test_a_spill_over_a_named_cell_is_refused(desk: Path) -> None:
    reshaped(desk, lambda b: b["Settings"].__setitem__("C6", ArrayFormula("C6:C8", "=Universe[Lot]")))
    message = r"Settings!C8 lies in the array formula C6:C8"
    with FileBook.open(desk) as book, pytest.raises(BookError, match=message):
        book.write_value("TargetReturn", 1.0)


def test_a_named_cell_may_be_the_first_of_a_merge_but_no_other(desk: Path) -> None:
    reshaped(desk, lambda b: b["Settings"].merge_cells("C7:D7"))
    with FileBook.open(desk) as book:
        book.write_value("Equity", 5.0)
        book.commit()
        assert book.value("Equity").value == 5.0
    operate(desk, replaced("xl/workbook.xml", b"Settings!$C$7<", b"Settings!$D$7<"))
    with FileBook.open(desk) as book, pytest.raises(BookError, match=r"Settings!D7 lies in the merged cells C7:D7"):
        book.write_value("Equity", 6.0)


def test_a_pivot_table_in_the_way_is_refused(desk: Path) -> None:
    relation = (
        b'<Relationship Id="rId9" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable" '
        b'Target="/xl/pivotTables/pivotTable1.xml"/></Relationships>'
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def surgery(parts: dict[str, bytes]) -> None:
        rels = "xl/worksheets/_rels/sheet3.xml.rels"
        parts[rels] = parts[rels].replace(b"</Relationships>", relation)
        parts["xl/pivotTables/pivotTable1.xml"] = (
            b'<pivotTableDefinition xmlns="%s"><location ref="C9:D12"/></pivotTableDefinition>' % namespace
        )

    operate(desk, surgery)
    with pytest.raises(BookError, match=r"Weights!C9 lies in the pivot table C9:D12"):
        written(desk, "Weights", [["BTC", 1.0, 0.0]] * 4)


def test_protection_is_respected_where_cells_are_locked(desk: Path) -> None:
    def protect(book: openpyxl.Workbook) -> None:
        book["Settings"].protection.sheet = True
        book["Settings"]["C8"].protection = openpyxl.styles.Protection(locked=False)

    reshaped(desk, protect)
    with FileBook.open(desk) as book:
        book.write_value("TargetReturn", 0.2)
        book.commit()
        with pytest.raises(BookError, match=r"Settings!C7 is locked .* Unprotect Sheet"):
            book.write_value("Equity", 1.0)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (b'totalsRowCount="1" ', "has a total row; switch it off"),
        (b'headerRowCount="0" ', "has no header row; switch it on"),
        (b'tableType="queryTable" ', "is filled by a query"),
    ],
)
def test_tables_of_another_kind_are_refused(desk: Path, attribute: bytes, message: str) -> None:
    part, name = "xl/tables/table3.xml", attribute.partition(b"=")[0]
    operate(desk, lambda parts: parts.update({part: re.sub(b" " + name + rb"=\"[^\"]*\"", b"", parts[part])}))
    operate(desk, replaced(part, b"<table ", b"<table " + attribute))
    with pytest.raises(BookError, match=message):
        written(desk, "Weights", [["BTC", 1.0, 0.0]])


def test_a_signed_workbook_is_refused(desk: Path) -> None:
    operate(desk, lambda parts: parts.update({"_xmlsignatures/sig1.xml": b"<Signature/>"}))
    with FileBook.open(desk) as book, pytest.raises(BookError, match="digitally signed"):
        book.write_value("Equity", 1.0)


def with_own_column(formula: str) -> Prepare:
    """Weights with a calculated column of the analyst's own on its right."""

    def prepare(book: openpyxl.Workbook) -> None:
        sheet = book["Weights"]
        sheet["E6"], sheet["E7"] = "Own", f"={formula}"
        table = sheet.tables["Weights"]
        column = TableColumn(id=9, name="Own", calculatedColumnFormula=TableFormula(attr_text=formula))
        table.tableColumns.append(column)
        table.ref = table.autoFilter.ref = "B6:E7"

    return prepare


def test_a_calculated_column_is_filled_down_and_shrinks(desk: Path) -> None:
    formula = "Weights[[#This Row],[Final]]*2"
    reshaped(desk, with_own_column(formula))
    sheet = written(desk, "Weights", [["BTC", 1.0, 0.0, None], ["ETH", 1.0, 0.0, None]])["Weights"]
    assert [sheet["E7"].value, sheet["E8"].value] == [f"={formula}"] * 2
    sheet = written(desk, "Weights", [["BTC", 1.0, 0.0, None]])["Weights"]
    assert [sheet["E7"].value, sheet["E8"].value] == [f"={formula}", None]
    with pytest.raises(BookError, match=r"Weights!E7 holds a formula"):
        written(desk, "Weights", [["BTC", 1.0, 0.0, 5.0]])


def test_a_calculated_column_with_addresses_is_not_guessed_at(desk: Path) -> None:
    reshaped(desk, with_own_column("C7*2"))
    with pytest.raises(BookError, match="column 'Own' of table 'Weights' has a formula with cell addresses"):
        written(desk, "Weights", [["BTC", 1.0, 0.0, None], ["ETH", 1.0, 0.0, None]])


def test_a_formula_of_the_analyst_in_a_row_that_goes_is_kept(desk: Path) -> None:
    reshaped(desk, lambda b: b["Prices"].__setitem__("D12", "=C12*2"))
    with pytest.raises(BookError, match=r"Prices!D12 holds a formula"):
        written(desk, "Prices", bars(2, 3))


def test_the_order_of_calculation_goes_when_a_formula_goes(desk: Path) -> None:
    reshaped(desk, with_own_column("Weights[[#This Row],[Final]]*2"))
    written(desk, "Weights", [["BTC", 1.0, 0.0, None], ["ETH", 1.0, 0.0, None]])

    def calc_chain(parts: dict[str, bytes]) -> None:
        parts["xl/calcChain.xml"] = (
            b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<c r="E8" i="3"/></calcChain>'
        )
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Override PartName="/xl/calcChain.xml" ContentType='
            b'"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>',
        )
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
            b"</Relationships>",
            b'<Relationship Id="rId99" Target="calcChain.xml" Type='
            b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>',
        )

    operate(desk, calc_chain)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    assert "xl/calcChain.xml" in members(desk)
    written(desk, "Weights", [["BTC", 1.0, 0.0, None]])
    parts = members(desk)
    assert "xl/calcChain.xml" not in parts
    assert b"calcChain" not in parts["[Content_Types].xml"] + parts["xl/_rels/workbook.xml.rels"]


def test_an_active_filter_goes_with_the_columns_it_was_set_on(desk: Path) -> None:
    plain = b'<autoFilter ref="B6:E12"/>'
    filtered = b'<autoFilter ref="B6:E12"><filterColumn colId="1"><filters blank="1"/></filterColumn></autoFilter>'
    operate(desk, replaced("xl/tables/table2.xml", plain, filtered))
    table = written(desk, "Prices", bars(3, 2), ["Time", "BTC", "ETH"])["Prices"].tables["Prices"]
    assert (table.autoFilter.ref, table.autoFilter.filterColumn) == ("B6:D9", [])


@given(first=st.integers(0, 12), second=st.integers(0, 12), width=st.integers(1, 5), again=st.integers(1, 5))
def test_any_sequence_of_sizes_reads_back(
    first: int, second: int, width: int, again: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("sizes") / "desk.xlsx"
    package = Package("desk.xlsx", _original())
    for rows, columns in ((first, width), (second, again)):
        patch = Patch(package)
        header = ["Time", *(f"C{k}" for k in range(columns))]
        patch.set_table("Prices", bars(rows, columns), header)  # type: ignore[arg-type]
        package = patch.pack("desk.xlsx")
    path.write_bytes(package.raw)
    with FileBook.open(path) as book:
        block = book.table("Prices")
    assert block.header == tuple(header)
    assert [list(row) for row in block.rows] == bars(rows, columns)


_ORIGINAL: list[bytes] = []


def _original() -> bytes:
    if not _ORIGINAL:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            _ORIGINAL.append(build_desk(Path(folder) / "desk.xlsx").read_bytes())
    return _ORIGINAL[0]


def captioned(book: openpyxl.Workbook) -> None:
    for column in "CDE":
        book["Prices"][f"{column}4"], book["Prices"][f"{column}5"] = "Close", "USDT"
    book["Prices"]["E5"] = "of my own"
    book["Prices"]["C3"] = "where from"
    book.defined_names["DataSource"] = DefinedName("DataSource", attr_text="Prices!$C$3")


def test_lines_above_the_headings_leave_with_their_columns(desk: Path) -> None:
    reshaped(desk, captioned)
    sheet = written(desk, "Prices", bars(3, 2), ["Time", "BTC", "ETH"])["Prices"]
    assert [sheet[cell].value for cell in ("D4", "D5", "E4", "E5")] == ["Close", "USDT", None, "of my own"]


def test_lines_above_the_headings_come_with_new_columns(desk: Path) -> None:
    reshaped(desk, captioned)
    reshaped(desk, lambda book: book["Prices"].__setitem__("G4", "here before"))
    sheet = written(desk, "Prices", bars(3, 5), ["Time", "BTC", "ETH", "SOL", "ADA", "DOT"])["Prices"]
    assert [sheet[cell].value for cell in ("F4", "F5", "G4", "G5")] == [
        "Close",
        "of my own",
        "here before",
        "of my own",
    ]


def test_a_named_cell_above_the_headings_is_no_caption(desk: Path) -> None:
    reshaped(desk, captioned)
    written(desk, "Prices", bars(3, 1), ["Time", "BTC"])
    sheet = written(desk, "Prices", bars(3, 2), ["Time", "BTC", "ETH"])["Prices"]
    assert [sheet[cell].value for cell in ("C3", "D3", "D4")] == ["where from", None, "Close"]


def test_a_formula_that_gives_the_value_to_be_written_stays(desk: Path) -> None:
    """Refresh reads Universe, changes prices and writes all of it back: the analyst's `=5+3` must survive that."""
    operate(
        desk, replaced("xl/worksheets/sheet1.xml", b'<c r="D7" t="n"><v>0.1</v>', b'<c r="D7"><f>1/10</f><v>0.1</v>')
    )
    sheet = written(desk, "Universe", [["BTC", 11.0, 0.1, "Y"], ["ETH", 21.0, 0.1, "Y"]])["Universe"]
    assert (sheet["C7"].value, sheet["D7"].value) == (11, "=1/10")
    with pytest.raises(BookError, match=r"Universe!D7 holds a formula"):
        written(desk, "Universe", [["BTC", 11.0, 0.2, "Y"]])
