"""The workbook is the layout, to the last cell: sheets, tables, names, validation, formats, charts, native formulas."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from tests.calc_office import Document, Office
from tests.render import pictures, recalculated
from xladdin.desk.layout import sheets as layout
from xladdin.desk.layout.fields import COUNT, MIXED
from xladdin.desk.layout.sheets import BODY_ROW, HEADER_ROW, NAMED_RESULTS, SETTINGS, SHEETS, TABLES
from xladdin.desk.template.charts import CHARTS
from xladdin.desk.template.frame import LONG
from xladdin.desk.template.monitor import FIGURES
from xladdin.desk.template.sample import SampleDesk, sample_desk
from xladdin.desk.template.scenarios import SCENARIOS
from xladdin.desk.template.workbook import Body, build

EMU = 360_000
"""Units of a drawing in a centimetre."""

ERROR = re.compile(r"#\w+[!?]?$|#N/A$|Err:\d+$")
"""What LibreOffice shows where a formula has no value."""

CHECK_STATES = {
    "OK": ("OK", "OK"),
    "1 warning": ("OK", "WARN"),
    "2 warnings": ("WARN", "WARN"),
    "1 failed": ("WARN", "FAIL"),
    "2 failed": ("FAIL", "FAIL"),
}


@pytest.fixture(scope="module")
def sample() -> SampleDesk:
    return sample_desk()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, sample: SampleDesk) -> Path:
    target = tmp_path_factory.mktemp("desk") / "PerpDesk.xlsx"
    build(target, sample)
    return target


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    target = tmp_path_factory.mktemp("blank") / "Blank.xlsx"
    build(target)
    return openpyxl.load_workbook(target)


@pytest.fixture(scope="module")
def checked(plain_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    """A desk with two checks, open in LibreOffice."""
    source = tmp_path_factory.mktemp("checked") / "desk.xlsx"
    rows = [(f"check {number}", "OK", 1.0, 1.0, "look") for number in (1, 2)]
    build(source, results={"Checks": Body(TABLES["Checks"].header, rows)})
    document = plain_office.open(source)
    yield document
    document.close()


def formulas(worksheet: Worksheet) -> Iterator[tuple[str, str]]:
    for row in worksheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, ArrayFormula):
                yield cell.coordinate, str(cell.value.text)
            elif isinstance(cell.value, str) and cell.value.startswith("="):
                yield cell.coordinate, cell.value


def errors(book: Workbook) -> set[str]:
    cells = ((worksheet, cell) for worksheet in book for row in worksheet.iter_rows() for cell in row)
    return {f"{worksheet.title}!{cell.coordinate}" for worksheet, cell in cells if cell.data_type == "e"}


def test_the_same_inputs_give_the_same_bytes(path: Path, sample: SampleDesk, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    build(again, sample)
    assert again.read_bytes() == path.read_bytes()


def test_no_part_bears_the_time_of_the_build(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", package.read("docProps/core.xml"))) == {
            b"2025-01-01T00:00:00Z"
        }


def test_one_header_row_goes_without_saying(path: Path) -> None:
    """ONLYOFFICE takes headerRowCount="1", which is the default, for one row of data."""
    with zipfile.ZipFile(path) as package:
        tables = [package.read(name) for name in package.namelist() if name.startswith("xl/tables/")]
    assert len(tables) == len(TABLES)
    assert not [table for table in tables if b"headerRowCount" in table]


def test_all_sheets_stand_in_order_and_none_is_hidden(book: Workbook) -> None:
    assert book.sheetnames == [sheet.name for sheet in SHEETS]
    for worksheet in book:
        assert worksheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in worksheet.column_dimensions.values())
        assert not any(dimension.hidden for dimension in worksheet.row_dimensions.values())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_stands_where_the_layout_says_with_its_headings(book: Workbook, sample: SampleDesk, name: str) -> None:
    declared = TABLES[name]
    worksheet = book[declared.sheet]
    table = worksheet.tables[name]
    header = tuple(column.name for column in table.tableColumns)
    free = {"Factors": sample.factor_names}.get(name, sample.panel.symbols) if declared.free_columns else ()
    assert header == (*declared.header, *free)
    cells = worksheet[table.ref]
    assert tuple(cell.value for cell in cells[0]) == header
    assert (cells[0][0].row, cells[0][0].column) == (declared.header_row, declared.first_column)
    assert (table.autoFilter is not None) == declared.filter_buttons
    assert not table.tableStyleInfo.showRowStripes


@pytest.mark.parametrize("cell", [f"D{BODY_ROW}", f"E{BODY_ROW}"])
def test_counts_among_shares_are_shown_whole(book: Workbook, cell: str) -> None:
    rules = [rule for cells, rule in _conditional(book["Checks"]) if cells.startswith(f"{cell}:")]
    ((formula, code),) = [(rule.formula[0], rule.dxf.numFmt.formatCode) for rule in rules]
    assert code == COUNT
    assert f"ABS({cell}-ROUND({cell},0))<0.00005" in formula, "1.00000001 reads as 1.0000, which is 1"
    assert f"ABS({cell})>=0.5" in formula, "and a residual of 1E-09 is not 0"


@pytest.mark.parametrize("name", TABLES)
def test_nothing_stands_where_a_table_may_grow(book: Workbook, name: str) -> None:
    worksheet = book[TABLES[name].sheet]
    cells = worksheet[worksheet.tables[name].ref]
    left, right, bottom = cells[0][0].column, cells[0][-1].column, cells[-1][0].row
    most = len(TABLES[name].measures) or TABLES[name].most_rows
    last = bottom + 50 if most is None else TABLES[name].header_row + most
    below = worksheet.iter_rows(min_row=bottom + 1, max_row=last, min_col=left, max_col=right, values_only=True)
    assert all(value is None for row in below for value in row)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_shows_its_note_unit_and_format(book: Workbook, name: str) -> None:
    declared = TABLES[name]
    worksheet = book[declared.sheet]
    for cell in worksheet[worksheet.tables[name].ref][0]:
        column = declared.column(cell.value)
        assert (worksheet.cell(declared.note_row, cell.column).value or "") == column.note
        assert (worksheet.cell(declared.unit_row, cell.column).value or "") == column.unit
        body = worksheet.cell(declared.body_row, cell.column)
        assert body.number_format == (
            declared.measures[0].format if column.format == MIXED and declared.measures else column.format
        )
        assert body.style == f"Desk {column.role}"


@pytest.mark.parametrize("item", [*SETTINGS, *NAMED_RESULTS], ids=lambda item: item.name)
def test_every_name_points_at_its_cell(book: Workbook, item: layout.Setting | layout.NamedResult) -> None:
    sheet, address = layout.named_cell(item.name)
    assert book.defined_names[item.name].attr_text == f"{sheet}!{address}"
    assert item.name != "Equity" or book[sheet][address.replace("$", "")].value == 10_000_000


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_has_label_unit_name_note_default_and_validation(book: Workbook, setting: layout.Setting) -> None:
    worksheet, row = book["Settings"], layout.setting_rows()[setting.name]
    label, value, unit, name, note = (worksheet.cell(row, column) for column in range(2, 7))
    assert (label.value, name.value, note.value) == (setting.label, setting.name, setting.note)
    assert ((unit.value or ""), value.value) == (setting.unit, setting.default)
    assert (value.number_format, value.style) == (setting.format, "Desk input")
    guards = [rule for rule in worksheet.data_validations.dataValidation if value.coordinate in rule.sqref]
    assert len(guards) == 1
    listed = setting.choices or setting.name == "Benchmark"
    number = "whole" if setting.format == COUNT else "decimal"
    by_kind = {"time": "date", "text": None}  # any text: what a file may be called no rule of a cell can say
    assert guards[0].type == ("list" if listed else by_kind.get(setting.kind, number))


def test_what_may_be_typed_is_validated_below_the_last_row_too(book: Workbook) -> None:
    guards = book["Universe"].data_validations.dataValidation
    include = [rule for rule in guards if "C300" in rule.sqref]
    assert [rule.formula1 for rule in include] == ['"Y,N"']
    leverage = [rule for rule in guards if "K300" in rule.sqref]
    assert [(rule.type, rule.formula1, rule.formula2) for rule in leverage] == [("decimal", "1", "200")]


def test_every_sheet_heads_with_title_purpose_check_and_source(book: Workbook) -> None:
    for sheet in SHEETS:
        worksheet = book[sheet.name]
        assert worksheet["B1"].value == sheet.title
        assert sheet.purpose in str(worksheet["B2"].value)
        if sheet.name != "Checks":
            assert worksheet["B3"].value == ("on Monitor" if sheet.name in LONG else "=MasterCheck")
        if sheet.name != "Prices":
            assert worksheet["C3"].value == "=DataSource"


def test_no_formula_of_the_long_sheets_hangs_on_results(book: Workbook) -> None:
    """A job empties what hangs on its results, and would have to write these sheets anew for a single cell."""
    for name in LONG:
        formulas = [cell.value for row in book[name].iter_rows() for cell in row if cell.data_type == "f"]
        assert set(formulas) <= {"=DataSource"}
        rules = [rule.formula for area in book[name].conditional_formatting if "B3" in area for rule in area.rules]
        assert len(rules) == 4
        assert all("MasterCheck" in formula[0] for formula in rules), "the colour is that of the master check"


def test_every_sheet_keeps_its_header_in_sight_and_prints_as_wide_as_it_says(book: Workbook) -> None:
    for worksheet in book:
        assert worksheet.freeze_panes in ("C7", "A7", "C4", "A4")
        wide = layout.sheet(worksheet.title).pages_wide
        assert (worksheet.page_setup.orientation, worksheet.page_setup.fitToWidth) == ("landscape", wide)
        assert worksheet.print_title_cols == ("$A:$B" if wide > 1 else None)
        assert worksheet.sheet_properties.pageSetUpPr.fitToPage
        assert worksheet.sheet_properties.tabColor is not None


def test_what_may_take_a_second_page_has_its_headings_on_each_and_no_other_sheet_has(book: Workbook) -> None:
    """LibreOffice takes some hundredths of a second for the titles of each sheet when it opens the workbook."""
    for worksheet in book:
        told_to_go_on = "clear the print area" in " ".join(str(cell.value) for cell in worksheet[2])
        if worksheet.page_setup.fitToHeight == 1 and not told_to_go_on:
            assert worksheet.print_title_rows is None, worksheet.title
        elif worksheet.title not in HEADED_LOWER:
            assert worksheet.print_title_rows == "$1:$6", worksheet.title


def test_print_areas_are_named_before_the_titles_that_libreoffice_breaks_into_pages(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        names = re.findall(r'<definedName name="([^"]+)"', package.read("xl/workbook.xml").decode())
    areas = names.count("_xlnm.Print_Area")
    assert areas > 10
    assert names[:areas] == ["_xlnm.Print_Area"] * areas


HEADED_LOWER = {
    "Correlation": "Correlation",
    "Positions": "Positions",
    "HedgeChoice": "HedgeChoice",
    "Orders": "Orders",
    "Stress": "Stress",
}
"""Sheets whose list stands below a summary and takes as many pages as it needs, and that list."""


@pytest.mark.parametrize("sheet", HEADED_LOWER)
def test_a_list_that_takes_several_pages_has_its_headings_on_each(book: Workbook, sheet: str) -> None:
    first, last = book[sheet].print_title_rows.replace("$", "").split(":")
    table = book[sheet].tables[HEADED_LOWER[sheet]]
    header = int(re.search(r"[A-Z]+(\d+):", table.ref)[1])
    assert (int(first), int(last)) == (header - 2, header), "notes, units and names"
    assert book[sheet].cell(header, 2).value == table.tableColumns[0].name


def test_quantities_of_ten_million_and_more_have_no_decimals_to_push_them_out(book: Workbook) -> None:
    """A lot that nobody states leaves six of them, and the cell would show ###."""
    orders = book["Orders"]
    for name in ("Contracts", "Rebalance", "Hedge", "PositionBefore", "PositionAfter"):
        place = TABLES["Orders"].header.index(name) + 2
        letter = get_column_letter(place)
        rules = [
            rule
            for area in orders.conditional_formatting
            if str(area.sqref).startswith(f"{letter}29:")
            for rule in area.rules
        ]
        formats = {
            rule.formula[0]: rule.dxf.numFmt.formatCode for rule in sorted(rules, key=lambda rule: rule.priority)
        }
        assert list(formats.items()) == [
            (f"AND(ISNUMBER({letter}29),ABS({letter}29)>=1000000000000)", "0.00000E+00;[Red]-0.00000E+00"),
            (f"AND(ISNUMBER({letter}29),ABS({letter}29)>=10000000)", "#,##0;[Red]-#,##0"),
        ], name
        assert orders.column_dimensions[letter].width == 14.5


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_is_printed_ends_where_the_layout_says_and_the_band_tells(book: Workbook, sheet: layout.Sheet) -> None:
    worksheet = book[sheet.name]
    if sheet.page is None:
        assert not worksheet.print_area
        return
    corner, end = worksheet.print_area.replace("$", "").split("!")[-1].split(":")
    letters, row = re.fullmatch(r"([A-Z]+)(\d+)", end).groups()
    assert (corner, letters) == ("A1", sheet.page.last_column)
    bottoms = {int(re.sub(r"\D", "", table.ref.split(":")[1])) for table in worksheet.tables.values()}
    assert int(row) == sheet.page.last_row or int(row) in bottoms, "else it would not grow with its table"
    assert worksheet.page_setup.fitToHeight == (0 if sheet.page.last_row is None else 1)
    told = worksheet[f"{letters}2"].value
    if sheet.beyond:
        first = re.search(r"from column ([A-Z]+)$", told)[1]
        assert worksheet[f"{first}1"].value == sheet.beyond
    elif sheet.page.last_row:
        assert "clear the print area" in told
    filled = [worksheet.cell(1, column).style for column in range(1, column_index_from_string(letters) + 1)]
    assert set(filled) == {"Desk title"}, "the band is as wide as the page"


def test_history_is_not_printed_page_after_page(book: Workbook) -> None:
    for name in ("Prices", "Funding", "Factors", "BacktestPath", "BacktestDecisions"):
        assert book[name].print_area.endswith("$N$37"), name


def test_a_symbol_kept_in_sight_is_that_of_the_row_beside_it(book: Workbook) -> None:
    """Where a whole list stands right of its largest, their rows are not the same contracts."""
    for sheet in SHEETS:
        if sheet.beyond:
            edge = column_index_from_string(sheet.page.last_column)
            beside = any(table.sheet == sheet.name and table.first_column > edge for table in TABLES.values())
            assert book[sheet.name].freeze_panes.startswith("A" if beside else "C"), sheet.name


def test_the_sample_is_on_its_sheets(book: Workbook, sample: SampleDesk) -> None:
    prices = book["Prices"]
    assert prices["C3"].value == sample.source
    assert prices.tables["Prices"].ref == "B6:J2167"
    assert prices["B7"].value == sample.panel.times[0].item()
    assert prices["C2167"].value == sample.panel.prices[-1, 0]
    gap = BODY_ROW + 1180
    assert prices.cell(gap, 5).value is None, "a missing bar is a blank cell"
    assert book["Funding"]["C8"].value is None


def test_a_blank_desk_still_has_settings_and_scenarios(blank: Workbook) -> None:
    assert blank["Scenarios"].tables["Scenarios"].ref == f"B6:K{HEADER_ROW + len(SCENARIOS)}"
    assert blank["Universe"].tables["Universe"].ref == "B6:AA7"
    assert blank["Prices"].tables["Prices"].ref == "B6:C7"
    assert blank["Prices"]["C3"].value == "none yet: run Refresh"


def test_results_that_are_given_fill_their_tables(tmp_path: Path) -> None:
    target = tmp_path / "filled.xlsx"
    rows = [("BTC-PERP", 0.1, 0.2, 0.0), ("USD index", 0.3, 0.0, 0.0)]
    build(target, results={"HedgeFactors": Body(TABLES["HedgeFactors"].header, rows)})
    sheet = openpyxl.load_workbook(target)["Hedge"]
    assert sheet.tables["HedgeFactors"].ref == "B26:E28"
    assert [tuple(cell.value for cell in row) for row in sheet["B27:E28"]] == rows


def drawn_ranges(chart) -> Iterator[tuple[str, str, int, int]]:
    """Sheet, column, first and last row of what each series of a chart draws."""
    for series in chart.series:
        for source in (series.val, series.yVal, series.xVal):
            if source is not None and source.numRef is not None:
                sheet, letters, first, _, last = re.fullmatch(
                    r"'(\w+)'!\$([A-Z]+)\$(\d+)(:\$[A-Z]+\$)?(\d+)?", source.numRef.f
                ).groups()
                yield sheet, letters, int(first), int(last or first)


@pytest.mark.parametrize("sheet", CHARTS)
def test_a_chart_draws_the_whole_body_of_its_table(book: Workbook, sheet: str) -> None:
    assert len(book[sheet]._charts) == len(CHARTS[sheet])
    for chart, (table_name, _, _) in zip(book[sheet]._charts, CHARTS[sheet], strict=True):
        table = TABLES[table_name]
        last = int(re.sub(r"\D", "", book[table.sheet].tables[table_name].ref.split(":")[1]))
        ranges = set(drawn_ranges(chart))
        assert {where[0] for where in ranges} == {table.sheet}
        whole = [(first, end) for _, _, first, end in ranges if first == table.body_row]
        if table_name != "HedgeSummary":  # its first three measures are the chart
            assert set(whole) == {(table.body_row, last)}


def test_single_points_of_the_frontier_stand_below_the_first_row_of_their_table(book: Workbook) -> None:
    """A range that begins at the first row is taken for the whole column, and would grow with the table."""
    (chart,) = book["Frontier"]._charts
    points = TABLES["FrontierPoints"]
    letters = {"B", "C", "D", "E"}
    single = {(first, last) for _, column, first, last in drawn_ranges(chart) if column in letters}
    assert (points.body_row, points.body_row) in single, "the dots of all, which do grow"
    named = sorted(first for first, last in single if first == last and first > points.body_row)
    assert named == [9, 11, 12, *range(13, 25)]


def test_the_largest_contracts_are_drawn_and_the_others_as_one(book: Workbook) -> None:
    drawn = {name for charts in CHARTS.values() for name, _, _ in charts}
    assert not drawn & {"Weights", "Estimates", "Hedge", "Ladder", "Waterfall", "Prices"}


@pytest.mark.parametrize("sheet", CHARTS)
def test_an_empty_chart_says_what_it_waits_for(book: Workbook, sheet: str) -> None:
    for chart in book[sheet]._charts:
        corner = chart.anchor._from
        told = book[sheet].cell(corner.row, corner.col + 1).value
        assert told.startswith("=IF(COUNTA(")
        assert layout.sheet(sheet).waiting in told


@pytest.mark.parametrize("sheet", CHARTS)
def test_a_chart_says_what_it_shows_and_keeps_its_axes(book: Workbook, sheet: str) -> None:
    for chart in book[sheet]._charts:
        assert chart.title is not None
        assert chart.y_axis.title is not None
        assert not chart.title.overlay
        assert (chart.x_axis.delete, chart.y_axis.delete) == (False, False)


@pytest.mark.parametrize("sheet", CHARTS)
def test_a_negative_figure_keeps_its_sign_on_every_axis(book: Workbook, sheet: str) -> None:
    for chart in book[sheet]._charts:
        for axis in (chart.x_axis, chart.y_axis):
            assert "[" not in axis.number_format, (
                "LibreOffice shows what no condition of a format names without its sign"
            )


def test_a_legend_that_stays_without_its_line_says_when_there_is_one(book: Workbook) -> None:
    equity, drawdown, _ = book["Backtest"]._charts
    for chart in (equity, drawdown):
        assert "Unhedged, where hedged" in [series.tx.v for series in chart.series]


def test_charts_cover_no_cell_that_holds_anything_nor_each_other(book: Workbook) -> None:
    for worksheet in book:
        taken: set[tuple[int, int]] = set()
        for chart in worksheet._charts:
            under = _covered(worksheet, chart)
            assert not taken & under, worksheet.title
            taken |= under
            assert all(worksheet.cell(*place).value is None for place in under), worksheet.title


@pytest.mark.parametrize("sheet", CHARTS)
def test_a_chart_stands_wholly_on_its_page(book: Workbook, sheet: str) -> None:
    page = layout.sheet(sheet).page
    for chart in book[sheet]._charts:
        bottom, right = max(_covered(book[sheet], chart))
        assert right <= column_index_from_string(page.last_column)
        assert page.last_row is None or bottom <= page.last_row


def _covered(worksheet: Worksheet, chart) -> set[tuple[int, int]]:
    """The cells (row, column) that a chart stands over."""
    corner = chart.anchor._from
    width, height = (size / EMU for size in (chart.anchor.ext.width, chart.anchor.ext.height))
    rows = _reached(corner.row + 1, height, [_row_height(worksheet, row) for row in range(1, 200)])
    columns = _reached(corner.col + 1, width, [_column_width(worksheet, column) for column in range(1, 200)])
    return {(row, column) for row in rows for column in columns}


def _reached(first: int, length: float, sizes: list[float]) -> range:
    """The rows or columns that something of so many centimetres reaches over."""
    last = first
    while length > sizes[last - 1] + 0.05:
        length -= sizes[last - 1]
        last += 1
    return range(first, last + 1)


def _column_width(worksheet: Worksheet, column: int) -> float:
    """Centimetres: of Calibri 11 a character has 7 pixels, and a cell 5 more."""
    widths = [each.width for each in worksheet.column_dimensions.values() if each.min <= column <= each.max]
    return (int(widths[0] * 7 + 5) if widths else 64) * 2.54 / 96


def _row_height(worksheet: Worksheet, row: int) -> float:
    height = worksheet.row_dimensions[row].height if row in worksheet.row_dimensions else None
    return (height or 15) * 2.54 / 72


def test_result_cells_are_values_and_formulas_stand_apart(book: Workbook) -> None:
    for table in TABLES.values():
        worksheet = book[table.sheet]
        cells = worksheet[worksheet.tables[table.name].ref]
        assert not [c.coordinate for row in cells for c in row if isinstance(c.value, str) and c.value.startswith("=")]


def test_the_monitor_compares_live_formulas_with_the_run(book: Workbook) -> None:
    monitor = book["Monitor"]
    assert len(FIGURES) == 13
    live = [monitor.cell(row, 5).value for row in range(BODY_ROW, BODY_ROW + 12)]
    assert all(isinstance(value, ArrayFormula) and "PERP_" in value.text for value in live)
    assert [value.ref for value in live] == [f"E{row}" for row in range(BODY_ROW, BODY_ROW + 12)]


def test_monitor_reads_inputs_only_by_name_table_or_heading(book: Workbook) -> None:
    for address, formula in formulas(book["Monitor"]):
        fixed = re.findall(r"\w+!\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?", formula)
        assert set(fixed) <= {"Prices!$C$6:$XFD$6"}, address


def test_no_two_names_collide_and_no_formula_stands_in_a_text_cell(book: Workbook) -> None:
    names = [*book.defined_names, *TABLES]
    assert len({name.lower() for name in names}) == len(names)
    text_cells = [
        f"{worksheet.title}!{address}"
        for worksheet in book
        for address, _ in formulas(worksheet)
        if worksheet[address].number_format == "@"
    ]
    assert text_cells == [], "Excel would take an edited formula for words"


def test_prompts_and_errors_are_short_enough_for_excel(book: Workbook) -> None:
    for worksheet in book:
        for rule in worksheet.data_validations.dataValidation:
            assert len(rule.promptTitle or "") <= 32
            assert max(len(rule.prompt or ""), len(rule.error or ""), len(rule.formula1 or "")) <= 255


def test_links_lead_to_sheets_that_exist(book: Workbook) -> None:
    targets = [cell.hyperlink.location for row in book["About"].iter_rows() for cell in row if cell.hyperlink]
    assert {target.split("'")[1] for target in targets} >= {sheet.name for sheet in SHEETS[1:]}


@pytest.mark.calc
def test_native_formulas_compute_in_a_real_spreadsheet(
    plain_office: Office, path: Path, sample: SampleDesk, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(recalculated(plain_office, path, tmp_path), data_only=True)
    assert {worksheet["B3"].value for worksheet in book if worksheet.title not in LONG} == {"not run"}
    assert {worksheet["C3"].value for worksheet in book} == {sample.source}
    assert book["Weights"]["B2"].value.endswith("Empty until Rebalance has run.")
    rows = range(BODY_ROW, BODY_ROW + len(FIGURES))
    assert errors(book) == {f"Monitor!E{row}" for row in rows}, "only the add-in's own functions may be unknown"
    assert {book["Monitor"].cell(row, 8).value for row in rows} == {"add-in not loaded"}
    assert {book["Monitor"].cell(row, 6).value for row in rows} == {None}, "a run that was not made has no figure"


@pytest.mark.calc
@pytest.mark.parametrize("verdict", CHECK_STATES)
def test_the_master_check_reaches_every_sheet(checked: Document, verdict: str) -> None:
    states, place = CHECK_STATES[verdict], TABLES["Checks"].header.index("Status") + TABLES["Checks"].first_column
    checked.write("Checks", f"{get_column_letter(place)}{BODY_ROW}", [[status] for status in states])
    checked.recalculate()
    values = {sheet: cells for sheet, (cells, _) in checked.everything().items()}
    assert {values[sheet.name][2][1] for sheet in SHEETS if sheet.name not in LONG} == {verdict}
    assert values["Checks"][1][1] == layout.sheet("Checks").purpose
    broken = {sheet for sheet, cells in values.items() if any(ERROR.match(str(cell)) for row in cells for cell in row)}
    assert broken == {"Monitor"}


@pytest.mark.calc
def test_a_figure_that_differs_from_its_second_opinion_is_a_failure_on_every_sheet(
    plain_office: Office, tmp_path: Path
) -> None:
    source, table = tmp_path / "desk.xlsx", TABLES["Verification"]
    rows = [
        tuple(verdict if name == "Verdict" else None for name in table.header)
        for verdict in ("differs", "agrees", "differs")
    ]
    checks = Body(TABLES["Checks"].header, [("check", "OK", 1.0, 1.0, "")])
    build(source, results={"Checks": checks, "Verification": Body(table.header, rows)})
    book = openpyxl.load_workbook(recalculated(plain_office, source, tmp_path / "calc"), data_only=True)
    assert {worksheet["B3"].value for worksheet in book if worksheet.title not in LONG} == {"2 failed"}


@pytest.mark.calc
def test_every_sheet_can_be_drawn(plain_office: Office, tmp_path: Path) -> None:
    source = tmp_path / "desk.xlsx"
    build(source)
    drawn = pictures(plain_office, source, tmp_path / "pictures", dots_per_inch=30)
    assert list(drawn) == [sheet.name for sheet in SHEETS]
    assert all(picture.stat().st_size > 1000 for picture in drawn.values())


def _conditional(worksheet: Worksheet) -> list[tuple[str, Rule]]:
    """The cells of each conditional format of a sheet, and what it does."""
    return [(str(cells.sqref), rule) for cells in worksheet.conditional_formatting for rule in cells.rules]
