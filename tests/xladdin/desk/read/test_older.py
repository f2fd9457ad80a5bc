"""A desk of an older layout goes on working: what it lacks reads as its default, which the run says."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError, DataWarning
from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk import first_layout
from tests.xladdin.desk.conftest import CELLS, NOW
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Block
from xladdin.desk import jobs
from xladdin.desk.going_on import take_inputs
from xladdin.desk.layout.fields import Column, TableLayout
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.desk.read.desk import read_desk, read_settings
from xladdin.desk.read.older import as_declared
from xladdin.desk.report.page import report_page
from xladdin.second_opinion.inputs import read_inputs

FIRST_SETTINGS = first_layout.SETTINGS.split()

LATER = Column("Later", "Came with a later layout", "x", "0.0", 9, role="input", blank=0.0, later=True)
RESULT = Column("Since", "Came with a later layout", "x", "0.0", 9, later=True)


def without(block: Block, *headings: str) -> Block:
    kept = [place for place, heading in enumerate(block.header) if heading not in headings]
    rows = tuple(tuple(row[place] for place in kept) for row in block.rows)
    return replace(block, header=tuple(block.header[place] for place in kept), rows=rows)


def first_of(block: Block) -> Block:
    """The table with the columns that went."""
    gone = TABLES[block.name].gone
    if not gone:
        return block
    before = first_layout.COLUMNS[block.name].split()
    header = (*before, *(heading for heading in block.header if heading not in before))
    places = [block.header.index(heading) if heading in block.header else None for heading in header]
    rows = tuple(tuple(None if place is None else row[place] for place in places) for row in block.rows)
    return replace(block, header=header, rows=rows)


@pytest.fixture
def desk_of(desk_content):
    """The sample desk without some of its names, or with others in their place."""

    def made(*lost: str, renamed: dict[str, str] | None = None) -> MemoryWorkbook:
        tables, cells = desk_content
        names = renamed or {}
        return MemoryWorkbook(
            [table for table in tables if table.name not in lost],
            [replace(cell, name=names.get(cell.name, cell.name)) for cell in cells if cell.name not in lost],
        )

    return made


@pytest.fixture
def first(desk_content) -> MemoryWorkbook:
    """The sample desk in the first layout."""
    tables, cells = desk_content
    later = {name: [c.name for c in TABLES[name].columns if c.later] for name in first_layout.COLUMNS}
    return MemoryWorkbook(
        [first_of(without(table, *later[table.name])) for table in tables if table.name in first_layout.COLUMNS],
        [cell for cell in cells if cell.name in (*FIRST_SETTINGS, "DataSource")],
    )


@pytest.mark.parametrize("name", TABLES)
def test_what_came_after_the_first_layout_says_so(name: str) -> None:
    table = TABLES[name]
    assert table.later == (name not in first_layout.COLUMNS)
    if not table.later:
        before = first_layout.COLUMNS[name].split()
        assert [column.name for column in table.columns if not column.later] == [
            heading for heading in before if heading not in table.gone
        ], "a new column has later=True, and the table of one that went names it in gone: older desks go on working"
        assert set(table.gone) <= set(before)


def test_a_column_that_came_later_may_be_blank() -> None:
    columns = [column for table in TABLES.values() for column in table.columns if column.later]
    assert [column.name for column in columns if column.role == "input" and column.blank is None] == []


def test_a_setting_that_came_later_has_a_default() -> None:
    later = [item for item in SETTINGS if item.name not in FIRST_SETTINGS]
    assert [item.name for item in later if item.needed] == []
    assert set(FIRST_SETTINGS) <= {item.name for item in SETTINGS}


def test_a_desk_of_today_is_left_as_it_is(book):
    assert as_declared(book) is book


def test_the_first_layout_goes_through_the_whole_day(first):
    for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
        job(first, NOW)
    first.commit()
    assert jobs.verify(first, NOW).passed
    assert report_page(first, NOW)


def test_a_cell_that_is_missing_reads_as_its_default_which_the_run_says_once(desk_of):
    old = desk_of("WhenUnanswered", "OverlayCap")
    report = jobs.rebalance(old, NOW)
    said = [warning for warning in report.warnings if "older PerpDesk" in warning]
    assert said == [
        "this desk was made by an older PerpDesk: it has no cell of these names, and their defaults were read: "
        "OverlayCap (0.2), WhenUnanswered (min_variance); to choose another, give an empty cell that name (Formulas > "
        "Name Manager) and type it there, or start from `perpdesk new`"
    ]
    assert said[0] in old.table("Runs").column("Warnings")[-1]


def test_its_figures_are_those_of_the_default_typed_in(desk_of, book):
    old = desk_of("HedgeBand")
    for desk in (old, book):
        jobs.rebalance(desk, NOW)
    assert old.table("Weights").rows == book.table("Weights").rows


@pytest.mark.parametrize("name", [item.name for item in SETTINGS if not item.needed])
def test_any_setting_may_be_missing(desk_of, name):
    old = desk_of(name)
    with pytest.warns(DataWarning, match=f"older PerpDesk: .* {name} "):
        declared = as_declared(old)
    item = next(item for item in SETTINGS if item.name == name)
    assert getattr(read_settings(declared), item.field) == item.default


@pytest.mark.parametrize("name", [item.name for item in SETTINGS if item.needed])
def test_what_only_the_desk_can_say_is_asked_for(desk_of, name):
    with pytest.raises(BookError, match=f"has no named cell '{name}'"):
        jobs.rebalance(desk_of(name), NOW)


def test_what_only_the_desk_can_say_is_equity_market_and_bars() -> None:
    assert [item.name for item in SETTINGS if item.needed] == ["Equity", "Benchmark", "BarHours", "Window"]


@pytest.mark.parametrize("slip", ["GrosMax", "grossmaxx", "Gross_Max"])
def test_a_misspelt_name_is_refused(desk_of, slip):
    with pytest.raises(BookError, match=r"has no named cell 'GrossMax'"):
        jobs.rebalance(desk_of(renamed={"GrossMax": slip}), NOW)


def test_a_name_of_the_analysts_own_is_no_slip(desk_of):
    assert jobs.rebalance(desk_of(renamed={"TiltMost": "MyNumber"}), NOW).passed


def test_to_set_what_is_not_there_is_refused_and_its_default_is_not(desk_of):
    declared = as_declared(desk_of("HedgeBand"), quietly=True)
    declared.write_value("HedgeBand", 0.05)
    with pytest.raises(BookError, match="has no named cell 'HedgeBand'"):
        declared.write_value("HedgeBand", 0.06)


class TestColumns:
    """With columns that no desk has yet: `Later` of Universe, and `Since` in the middle of Hedge."""

    @pytest.fixture(autouse=True)
    def declared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        universe, hedge = TABLES["Universe"], TABLES["Hedge"]
        monkeypatch.setitem(TABLES, "Universe", replace(universe, columns=(*universe.columns, LATER)))
        columns = (*hedge.columns[:3], RESULT, *hedge.columns[3:])
        monkeypatch.setitem(TABLES, "Hedge", replace(hedge, columns=columns))

    def test_an_input_column_reads_as_blank_which_is_said(self, book):
        with pytest.warns(DataWarning) as said:
            declared = as_declared(book)
        assert [str(warning.message) for warning in said] == [
            "this desk was made by an older PerpDesk: table 'Universe' on sheet 'Universe' has no column Later, read "
            "as 0; to use it, head a column beside the table so, or start from `perpdesk new`",
            "this desk was made by an older PerpDesk: table 'Hedge' on sheet 'Hedge' has no column Since, so what "
            "belongs there is not kept; start from `perpdesk new` for it",
        ]
        block = declared.table("Universe")
        assert block.column("Later") == [None] * len(block.rows)
        assert block.address(0, "Lot") == book.table("Universe").address(0, "Lot")
        assert block.address(0, "Later") == "Universe, row 7, without a column Later"

    def test_its_table_is_written_without_it(self, book):
        declared = as_declared(book, quietly=True)
        block = declared.table("Universe")
        declared.write_table("Universe", block.rows[:2])
        assert declared.table("Universe").rows == block.rows[:2]
        assert "Later" not in book.table("Universe").header

    def test_an_input_that_has_no_place_is_refused(self, book):
        declared = as_declared(book, quietly=True)
        rows = [(*row[:-1], 5.0) for row in declared.table("Universe").rows]
        with pytest.raises(BookError, match=r"'Universe' .* has no column Later for what is to stand there"):
            declared.write_table("Universe", rows)

    def test_a_result_that_has_no_place_is_left_out(self, book):
        declared = as_declared(book, quietly=True)
        header = TABLES["Hedge"].header
        declared.write_table("Hedge", [["BTCUSDT", *range(1, len(header))]])
        assert book.table("Hedge").rows == (("BTCUSDT", 1.0, 2.0, *map(float, range(4, len(header)))),)
        assert declared.table("Hedge").header == header

    def test_columns_in_an_own_order_stay_in_it(self, book):
        universe = book.table("Universe")
        turned = universe.header[::-1]
        book.write_table("Universe", [row[::-1] for row in universe.rows], turned)
        declared = as_declared(book, quietly=True)
        assert declared.table("Universe").header == (*turned, "Later")
        declared.write_table("Universe", declared.table("Universe").rows)
        assert book.table("Universe").rows == tuple(row[::-1] for row in universe.rows)

    def test_a_misspelt_heading_is_refused(self, book):
        universe = book.table("Universe")
        rows = [(*row, 1.0) for row in universe.rows]
        book.write_table("Universe", rows, (*universe.header, "Latter"))
        with pytest.raises(BookError, match=r"has no column 'Later'"):
            jobs.rebalance(book, NOW)


def test_a_column_that_is_added_beside_the_contracts_takes_none_of_their_moves(book, tmp_path):
    before, block = read_desk(book).scenarios, book.table("Scenarios")
    place = block.index("CorrelationToOne")
    header = (*block.header[:place], *block.header[place + 1 :], "CorrelationToOne")
    rows = [(*row[:place], *row[place + 1 :], 0.5) for row in block.rows]
    book.write_table("Scenarios", rows, header)
    after = read_desk(book).scenarios
    np.testing.assert_array_equal(after.overrides, before.overrides)
    assert set(after.correlations) == {0.5}
    source = tmp_path / "history.csv"
    times = [f"2024-06-{day:02d} 00:00,BTCUSDT,{100 + day}" for day in range(1, 29)]
    source.write_text("\n".join(["time,symbol,close", *times]))
    jobs.refresh(book, source, ["BTCUSDT"], now=NOW)
    assert book.table("Scenarios").header[: len(TABLES["Scenarios"].header)] == TABLES["Scenarios"].header
    assert book.table("Scenarios").column("CorrelationToOne") == [0.5] * len(rows)


def test_a_result_column_that_went_stays_blank(book, monkeypatch):
    hedge = TABLES["Hedge"]
    columns = tuple(column for column in hedge.columns if column.name != "Held")
    monkeypatch.setitem(TABLES, "Hedge", replace(hedge, columns=columns, gone=("Held",)))
    with pytest.warns(DataWarning, match="older PerpDesk: table 'Hedge' .* columns that nothing fills any more: Held"):
        declared = as_declared(book)
    assert declared.table("Hedge").header == TABLES["Hedge"].header
    declared.write_table("Hedge", [["BTCUSDT", *range(1, len(columns))]])
    assert book.table("Hedge").rows == (("BTCUSDT", 1.0, None, *map(float, range(2, len(columns)))),)
    assert declared.table("Hedge").rows == (("BTCUSDT", *map(float, range(1, len(columns)))),)


class TestTables:
    """With a table that no desk has yet."""

    @pytest.fixture(autouse=True)
    def declared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        table = TableLayout("Blotter", "Weights", (Column("Symbol", "Of the order"),), later=True)
        monkeypatch.setitem(TABLES, "Blotter", table)

    def test_a_table_that_came_later_is_empty_and_takes_nothing(self, book):
        with pytest.warns(DataWarning, match=r"it has no table Blotter, whose results are not kept; start from"):
            declared = as_declared(book)
        declared.write_table("Blotter", [["BTCUSDT"]])
        assert declared.table("Blotter").rows == ()

    def test_a_misspelt_table_is_refused(self, desk_content):
        tables, cells = desk_content
        book = MemoryWorkbook([*tables, Block("Bloter", "Weights", ("Symbol",), (), (), 2)], cells)
        with pytest.raises(BookError, match="has no table 'Blotter'"):
            as_declared(book).table("Blotter")


def test_a_file_without_the_name_goes_on_and_one_with_a_slip_does_not(desk_file):
    for name, works in (("Band", True), ("HegdeBand", False)):
        rename_cell(desk_file, "HedgeBand", name)
        with FileBook.open(desk_file) as opened:
            if works:
                assert "HedgeBand (0.05)" in " ".join(jobs.rebalance(opened, NOW).warnings)
            else:
                with pytest.raises(BookError, match="has no named cell 'HedgeBand'"):
                    jobs.rebalance(opened, NOW)
        rename_cell(desk_file, name, "HedgeBand")


def rename_cell(path: Path, old: str, new: str) -> None:
    """Give a named cell of a closed workbook another name."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(f'name="{old}"'.encode(), f'name="{new}"'.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_an_older_results_book_takes_no_input_that_it_has_no_place_for(desk_of, book):
    results = desk_of("HedgeBand")
    assert take_inputs(results, book) == []
    book.write_value("HedgeBand", 0.1)
    with pytest.raises(BookError, match="has no named cell 'HedgeBand'"):
        take_inputs(results, book)


def test_an_older_desk_goes_on_in_a_newer_book(desk_of, book):
    assert take_inputs(book, desk_of("HedgeBand", "HistoryFile")) == []


def test_the_second_opinion_reads_the_same_defaults(desk_of):
    declared = as_declared(desk_of("HedgeBand", "VolMode"), quietly=True)
    assert read_inputs(declared).numbers["HedgeBand"] == 0.05
    assert set(CELLS) >= {"HedgeBand"}
