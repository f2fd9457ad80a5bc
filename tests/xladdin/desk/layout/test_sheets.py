"""The layout is one consistent declaration, and says what DESIGN promises of the desk."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from openpyxl.utils import column_index_from_string

from xladdin.desk.layout import sheets as layout
from xladdin.desk.layout.fields import MIXED, Column, Setting, TableLayout
from xladdin.desk.layout.page_tables import LARGEST
from xladdin.desk.layout.sheets import NAMED_RESULTS, SETTINGS, SHEETS, TABLES

ORDER = [
    *(
        "About",
        "Universe",
        "Limits",
        "Tiers",
        "Terms",
        "Hedges",
        "Settings",
        "Scenarios",
        "Prices",
        "Funding",
        "Factors",
    ),
    *("Estimates", "Weights", "Risk", "Correlation", "Positions"),
    *("Hedge", "HedgeChoice", "Orders", "Stress", "StressMap", "Liquidation", "Frontier", "Backtest", "Attribution"),
    *("BacktestPath", "BacktestDecisions", "Sweep", "Learning", "Checks", "Verification", "Runs", "Monitor"),
]

ALL_COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns]


def test_the_sheets_stand_in_the_order_of_the_desk() -> None:
    assert [sheet.name for sheet in SHEETS] == ORDER


def test_every_table_stands_on_a_sheet_and_is_known_by_its_own_name() -> None:
    assert {table.sheet for table in TABLES.values()} <= set(ORDER)
    assert all(name == table.name for name, table in TABLES.items())


def test_no_two_names_of_the_workbook_collide() -> None:
    names = [*TABLES, *(setting.name for setting in SETTINGS), *(result.name for result in NAMED_RESULTS)]
    assert len({name.lower() for name in names}) == len(names)


def test_no_name_reads_as_a_cell_address() -> None:
    cell_like = re.compile(r"[A-Za-z]{1,3}\d+|[RrCc]\d*")
    names = [*TABLES, *(setting.name for setting in SETTINGS), *(result.name for result in NAMED_RESULTS)]
    assert [name for name in names if cell_like.fullmatch(name)] == []


@pytest.mark.parametrize("sheet", ORDER)
def test_tables_on_one_sheet_never_meet_however_they_grow(sheet: str) -> None:
    for one, other in combinations(layout.tables_on(sheet), 2):
        left, right = sorted((one, other), key=lambda table: table.first_column)
        upper, lower = sorted((one, other), key=lambda table: table.header_row)
        most = len(upper.measures) or upper.most_rows
        below = most is not None and upper.header_row + most + 1 < lower.note_row
        beside = not left.free_columns and right.first_column > left.first_column + len(left.columns)
        assert below or beside, (one.name, other.name)


@pytest.mark.parametrize("sheet", ORDER)
def test_what_only_the_screen_shows_stands_wholly_right_of_the_page(sheet: str) -> None:
    page, told = layout.sheet(sheet).page, layout.sheet(sheet).beyond
    if page is None or not told:
        return
    edge = column_index_from_string(page.last_column)
    for table in layout.tables_on(sheet):
        last = table.first_column + len(table.columns) - 1
        beyond = table.columns[max(0, edge + 1 - table.first_column) :]
        told_apart = table.first_column > edge + 1 or all(column.later for column in beyond)
        assert last <= edge or told_apart, table.name


def test_a_page_of_the_largest_has_room_for_them_and_the_others() -> None:
    largest = [table for name, table in TABLES.items() if name.endswith("Largest")]
    assert {table.sheet for table in largest} == {"Estimates", "Weights", "Hedge"}
    assert {table.most_rows for table in largest} == {LARGEST + 1}
    for table in largest:
        whole = TABLES[table.name.removesuffix("Largest")]
        assert set(table.header) <= set(whole.header)


@pytest.mark.parametrize(("table", "column"), ALL_COLUMNS, ids=lambda item: item.name)
def test_a_column_says_what_it_means_and_what_may_stand_in_it(table: TableLayout, column: Column) -> None:
    assert column.note
    assert column.unit or column.kind == "text"
    assert len(column.name) + 2 <= column.width * 1.2, "the heading would be cut"
    if column.choices:
        assert column.kind == "text"
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum
    assert len(set(table.header)) == len(table.header)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_default_is_what_its_setting_permits(setting: Setting) -> None:
    assert setting.note
    if setting.default is None:
        assert setting.optional
        return
    assert isinstance(setting.default, str if setting.kind == "text" else float)
    assert not setting.choices or setting.default in setting.choices
    if isinstance(setting.default, float):
        assert setting.minimum is None or setting.minimum <= setting.default
        assert setting.maximum is None or setting.default <= setting.maximum


def test_an_optional_setting_says_what_blank_means() -> None:
    silent = [s.name for s in SETTINGS if s.optional and s.default is None and "Blank" not in s.note]
    assert silent == []


def test_every_named_cell_has_a_place_of_its_own() -> None:
    places = [layout.named_cell(item.name) for item in (*SETTINGS, *NAMED_RESULTS)]
    assert len(set(places)) == len(places)
    assert all(sheet in ORDER and re.fullmatch(r"\$[A-Z]+\$\d+", address) for sheet, address in places)


def test_ranges_follow_the_scheme_of_the_sheet() -> None:
    universe = TABLES["Universe"]
    assert layout.table_range(universe, len(universe.columns), 8) == "B6:AA14"
    assert layout.table_range(universe, len(universe.columns), 0) == "B6:AA7", "an empty table keeps one blank row"
    assert layout.body_range(TABLES["Prices"], 1, 2161) == "Prices!$C$7:$C$2167"


def test_free_columns_are_described_by_their_pattern() -> None:
    prices = TABLES["Prices"]
    assert prices.free_columns
    assert prices.column("BTCUSDT") is prices.free
    with pytest.raises(KeyError, match="Hedge has no column BTCUSDT"):
        TABLES["Hedge"].column("BTCUSDT")


def test_the_measures_of_the_summary_have_units_in_their_notes() -> None:
    summary = TABLES["WeightsSummary"]
    assert summary.column("Value").format == MIXED
    assert all(measure.note and measure.format != MIXED for measure in summary.measures)
