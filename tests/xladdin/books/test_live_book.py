"""The open workbook beyond the protocol, through the real xlwings on an engine over openpyxl.

What it leaves alone, what it refuses and in which words, and that a failure at any moment leaves everything as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlwings as xw
from openpyxl.styles import Protection
from openpyxl.worksheet.table import Table

from core.errors import BookError
from tests.openpyxl_engine import ComError, Range, opened, refused
from tests.xladdin.books.conftest import START, digest, operate, replaced
from xladdin.books.file_book import FileBook
from xladdin.books.live import excel, excel_book
from xladdin.books.live_book import HalfWrittenError, LiveBook
from xladdin.books.workbook import Workbook
from xladdin.books.xlsx.areas import Area

HOUR = START + timedelta(hours=9)
BUSY = ComError(-2147352567, "", scode=-2146777998)

Edit = Callable[[openpyxl.Workbook], None]


def edited(desk: Path, edit: Edit) -> Path:
    """The desk after somebody worked on it."""
    workbook = openpyxl.load_workbook(desk)
    edit(workbook)
    workbook.save(desk)
    return desk


def at(book: xw.Book, address: str) -> Any:
    sheet, cell = address.split("!")
    return book.sheets[sheet][cell]


def state(book: xw.Book) -> dict[str, object]:
    """All that a user sees or has set: cells as typed and as shown, tables, headings, filters, modes."""
    impl, found = book.impl, {}
    for workbook in (impl.entered, impl.values):
        for sheet in workbook.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        value = float(cell.value) if isinstance(cell.value, int) else cell.value
                        found[f"{workbook is impl.entered} {sheet.title}!{cell.coordinate}"] = str(value)
    for sheet in impl.entered.worksheets:
        for table in sheet.tables.values():
            found[table.name] = table.ref, [column.name for column in table.tableColumns]
    return {**found, "filters": {name: dict(each) for name, each in impl.filters.items() if each}, **modes(book)}


def modes(book: xw.Book) -> dict[str, object]:
    app = book.app.impl
    names = ("screen_updating", "enable_events", "display_alerts", "calculation", "selection", "status_bar")
    return {name: getattr(app, name) for name in names}


def refusal_of(ask: Callable[[], object]) -> str:
    """What was said no to, and why; nothing when it was not."""
    try:
        ask()
    except BookError as error:
        return str(error)
    return ""


@pytest.fixture
def open_desk(desk: Path) -> xw.Book:
    book = opened(desk)
    book.app.impl.selection, book.app.impl.calculation = "Monitor!B2", "semiautomatic"
    return book


def write_much(book: Workbook) -> None:
    """Growth, shrinkage, other columns, appended rows, a value."""
    book.write_table("Prices", [[HOUR, 2.0, 1.0], [None, 4.0, 3.0]], ("Time", "ETH", "BTC"))
    book.write_table("Universe", [["BTC", 11.0, 0.1, "Y"], ["=1+1", 21.0, 0.1, "N"]])
    book.write_table("Weights", [["BTC", 0.5, -0.25], ["ETH", 0.5, 0.25], ["SOL", 0.0, None]])
    book.append_rows("Runs", [[HOUR, "refresh"], [HOUR, "hedge"]])
    book.write_value("Equity", 250_000.0)


class TestLanding:
    def test_nothing_is_in_excel_before_the_commit(self, open_desk: xw.Book) -> None:
        before = state(open_desk)
        write_much(LiveBook(open_desk))
        assert state(open_desk) == before

    def test_it_lands_as_in_the_file(self, open_desk: xw.Book, desk: Path) -> None:
        live = LiveBook(open_desk)
        write_much(live)
        live.commit()
        with FileBook.open(desk) as file:
            write_much(file)
            for name in ("Prices", "Universe", "Weights", "Runs"):
                assert live.table(name) == file.table(name)
            assert live.value("Equity") == file.value("Equity")
        assert at(open_desk, "Prices!D8").value == 3.0
        assert at(open_desk, "Prices!E6").value is None

    def test_headings_change_places_without_being_taken_for_doubles(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        live.write_table("Prices", [[HOUR, 1.0, 2.0, 3.0]], ("Time", "SOL", "BTC", "ETH"))
        live.commit()
        columns = open_desk.sheets["Prices"].impl.entered.tables["Prices"].tableColumns
        assert [column.name for column in columns] == ["Time", "SOL", "BTC", "ETH"]

    def test_new_rows_and_columns_get_the_formats_of_the_old(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        live.write_table("Weights", [["BTC", 0.5, 0.1], ["ETH", 0.5, 0.1]])
        live.write_table("Prices", [[HOUR, 1.0, 2.0, 3.0, 4.0]] * 8, ("Time", "BTC", "ETH", "SOL", "ADA"))
        live.commit()
        assert at(open_desk, "Weights!C8").number_format == "0.00%"
        assert at(open_desk, "Prices!F14").number_format == "#,##0.00"
        assert at(open_desk, "Prices!B14").number_format == "yyyy-mm-dd hh:mm"

    def test_a_table_is_read_and_written_in_few_calls(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        for _ in range(3):
            live.table("Prices"), live.value("Equity"), live.value("Objective")
        assert open_desk.impl.calls == 2, "one for the table, one for all names of the sheet"
        live.write_table("Prices", [[HOUR + timedelta(hours=n), 1.0, 2.0, 3.0] for n in range(500)])
        live.commit()
        assert open_desk.impl.calls < 12

    def test_the_workbook_is_not_saved(self, open_desk: xw.Book, desk: Path) -> None:
        before = digest(desk)
        live = LiveBook(open_desk)
        live.write_value("Equity", 1.0)
        live.commit()
        assert digest(desk) == before


class TestFailures:
    def test_a_failure_at_any_write_leaves_everything_as_it_was(self, desk: Path) -> None:
        for count in range(1, 1000):
            book = opened(desk)
            book.app.impl.selection, book.app.impl.calculation = "Monitor!B2", "semiautomatic"
            book.sheets["Universe"].tables["Universe"].autofilter.apply_values(1, ["BTC"])
            before, live = state(book), LiveBook(book)
            write_much(live)
            book.impl.fails_at = {count}
            said = refusal_of(live.commit)
            if not said:
                break
            assert said.startswith("Excel did not let PerpDesk write into desk.xlsx: We can't do that")
            assert state(book) == before
            assert live.value("Equity").value == 100_000.0
        assert count > 60, "every cell was the one that failed"
        assert state(book) != before
        assert modes(book) == {key: before[key] for key in modes(book)}

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), BUSY], ids=["interrupt", "busy"])
    def test_whatever_stops_it(self, open_desk: xw.Book, error: BaseException) -> None:
        before, live = state(open_desk), LiveBook(open_desk)
        write_much(live)
        open_desk.impl.fails_at, open_desk.impl.error = {30}, error
        with pytest.raises((KeyboardInterrupt, BookError)):
            live.commit()
        assert state(open_desk) == before

    def test_when_it_cannot_be_taken_back_it_is_said(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        write_much(live)
        open_desk.impl.fails_at = range(30, 1000)
        with pytest.raises(HalfWrittenError, match=r"could not be put back .* its last copy is desk.xlsx.bak beside"):
            live.commit()
        assert modes(open_desk)["calculation"] == "semiautomatic"

    def test_a_cell_that_is_being_edited(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        live.write_value("Equity", 1.0)
        open_desk.impl.fails_at, open_desk.impl.error = {1}, BUSY
        with pytest.raises(BookError, match="a cell is being edited or a dialog is open; press Enter or Esc"):
            live.commit()

    def test_faults_of_ours_are_not_called_excels(self, open_desk: xw.Book) -> None:
        with pytest.raises(ZeroDivisionError), excel.excel_said("divide"):
            raise ZeroDivisionError

    def test_a_busy_excel_is_not_asked_for_ever(self, monkeypatch: pytest.MonkeyPatch) -> None:
        windows = SimpleNamespace(N_COM_ATTEMPTS=0)
        monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
        with excel.patient():
            assert windows.N_COM_ATTEMPTS == excel.ATTEMPTS
        assert windows.N_COM_ATTEMPTS == 0


def lock_sheet(name: str, *unlocked: str) -> Edit:
    def edit(workbook: openpyxl.Workbook) -> None:
        workbook[name].protection.sheet = True
        for address in unlocked:
            cells = workbook[name][address]
            for row in cells if isinstance(cells, tuple) else ((cells,),):
                for cell in row:
                    cell.protection = Protection(locked=False)

    return edit


def typed(address: str, value: object) -> Edit:
    sheet, cell = address.split("!")
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


def merged(sheet: str, area: str) -> Edit:
    return lambda workbook: workbook[sheet].merge_cells(area)


def with_totals(workbook: openpyxl.Workbook) -> None:
    table = workbook["Universe"].tables["Universe"]
    table.ref, table.totalsRowCount = "B6:E10", 1


def without_header(workbook: openpyxl.Workbook) -> None:
    workbook["Universe"].tables["Universe"].headerRowCount = 0
    workbook["Universe"].tables["Universe"].autoFilter = None


def with_neighbour(workbook: openpyxl.Workbook) -> None:
    workbook["Weights"]["B9"], workbook["Weights"]["C9"] = "Left", "Right"
    workbook["Weights"].add_table(Table(displayName="Near", ref="B9:C10"))


def calculated(formula: str) -> Edit:
    def edit(workbook: openpyxl.Workbook) -> None:
        sheet = workbook["Universe"]
        for row in range(7, 10):
            sheet.cell(row, 5).value = formula.format(row=row)
        column = sheet.tables["Universe"].tableColumns[3]
        column.calculatedColumnFormula = openpyxl.worksheet.table.TableFormula(attr_text=formula[1:].format(row=7))

    return edit


WIDE = tuple(f"C{number}" for number in range(16_384))
FOUR = [["BTC", 1.0, 0.1, None]] * 4
SAME_WORDS = {
    "a name of no cell": (None, lambda b: b.value("Lost")),
    "a name of a range": (None, lambda b: b.value("Block")),
    "a formula under a name": (typed("Settings!C7", "=2*50000"), lambda b: b.write_value("Equity", 1.0)),
    "a formula in a table": (typed("Weights!C7", "=1+1"), lambda b: b.write_table("Weights", [["BTC", 3.0, 0.0]])),
    "a merge": (merged("Weights", "C7:D7"), lambda b: b.write_table("Weights", [["BTC", 3.0, 0.0]])),
    "a merge in the new rows": (merged("Runs", "C8:D8"), lambda b: b.append_rows("Runs", [[START, "a"]] * 2)),
    "a locked cell": (lock_sheet("Settings"), lambda b: b.write_value("Equity", 1.0)),
    "a locked table": (lock_sheet("Weights"), lambda b: b.write_table("Weights", [["BTC", 3.0, 0.0]])),
    "a total row": (with_totals, lambda b: b.write_table("Universe", FOUR)),
    "no header row": (without_header, lambda b: b.write_table("Universe", FOUR)),
    "a table in the way": (with_neighbour, lambda b: b.write_table("Weights", [["BTC", 3.0, 0.0]] * 4)),
    "a cell in the way": (typed("Weights!C9", 1.0), lambda b: b.write_table("Weights", [["BTC", 3.0, 0.0]] * 4)),
    "no columns": (None, lambda b: b.write_table("Prices", [[]], ())),
    "a blank heading": (None, lambda b: b.write_table("Prices", [[START, 1.0]], ("Time", " "))),
    "a calculated column under other headings": (
        calculated("=Universe[[#This Row],[Price]]*2"),
        lambda b: b.write_table("Universe", [["BTC", 1.0, 0.1]], ("Symbol", "Price", "Lot")),
    ),
    "addresses to fill down": (calculated("=C{row}*2"), lambda b: b.write_table("Universe", FOUR)),
    "more columns than a sheet has": (None, lambda b: b.write_table("Prices", [[1.0] * 16_384], WIDE)),
}


class TestRefusals:
    @pytest.mark.parametrize(("edit", "ask"), SAME_WORDS.values(), ids=SAME_WORDS)
    def test_what_the_closed_file_refuses_the_open_one_does_in_the_same_words(
        self, desk: Path, edit: Edit | None, ask: Callable[[Workbook], object]
    ) -> None:
        if edit is not None:
            edited(desk, edit)
        with FileBook.open(desk) as file:
            of_the_file = refusal_of(lambda: ask(file))
        book = opened(desk)
        before = state(book)
        assert refusal_of(lambda: ask(LiveBook(book))) == of_the_file != ""
        assert state(book) == before

    def test_array_formulas_and_spills(self, open_desk: xw.Book) -> None:
        said = r"Weights!C8 lies in an array formula, which results would cut; move it away"
        open_desk.impl.spills = {"Weights": ["C8:D12"]}
        with pytest.raises(BookError, match=said):
            LiveBook(open_desk).write_table("Weights", [["BTC", 0.5, 0.1]] * 3)
        open_desk.impl.spills = {}
        open_desk.impl.entered["Weights"]["C7"] = openpyxl.worksheet.formula.ArrayFormula("C7:C7", "=1+1")
        with pytest.raises(BookError, match=r"Weights!C7 lies in an array formula"):
            LiveBook(open_desk).write_table("Weights", [["BTC", 0.5, 0.1]])

    def test_a_protected_sheet_keeps_its_tables_as_long_as_they_are(self, desk: Path) -> None:
        book = opened(edited(desk, lock_sheet("Weights", "B6:D20")))
        live = LiveBook(book)
        live.write_table("Weights", [["BTC", 0.5, 0.1]])
        live.commit()
        assert live.table("Weights").rows == (("BTC", 0.5, 0.1),)
        with pytest.raises(BookError, match="sheet 'Weights' is protected, so that table 'Weights' cannot be resized"):
            live.write_table("Weights", [["BTC", 0.5, 0.1]] * 2)

    def test_an_unlocked_cell_of_a_protected_sheet_is_written(self, desk: Path) -> None:
        live = LiveBook(opened(edited(desk, lock_sheet("Settings", "C7"))))
        live.write_value("Equity", 1.0)
        live.commit()
        assert live.value("Equity").value == 1.0

    def test_a_query(self, desk: Path) -> None:
        book = opened(desk)
        book.impl.entered["Weights"].tables["Weights"].tableType = "queryTable"
        with pytest.raises(BookError, match="table 'Weights' on sheet 'Weights' is filled by a query"):
            LiveBook(book).write_table("Weights", [])

    @pytest.mark.parametrize(
        ("header", "gone"),
        [(("Time", "BTC"), True), (("Time", "ETH", "BTC", "SOL"), True), (("Time", "BTC", "ETH"), False)],
    )
    def test_a_column_that_a_formula_names_neither_goes_nor_moves(
        self, desk: Path, header: tuple[str, ...], gone: bool
    ) -> None:
        live = LiveBook(opened(edited(desk, typed("Monitor!D2", "=MAX(Prices[ETH])"))))
        if not gone:
            live.write_table("Prices", [[START] + [1.0] * (len(header) - 1)], header)
            return
        with pytest.raises(BookError, match=r"Monitor!D2 refers to Prices\[ETH\], a column that would go or move"):
            live.write_table("Prices", [[START] + [1.0] * (len(header) - 1)], header)

    def test_a_read_only_copy(self, open_desk: xw.Book) -> None:
        before, live = state(open_desk), LiveBook(open_desk)
        open_desk.impl.api.ReadOnly = True
        live.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=r"desk.xlsx is open as a read-only copy, .* save it under another name"):
            live.commit()
        assert state(open_desk) == before


class TestFormulasOfTheUser:
    def test_one_that_gives_the_very_result_stays(self, open_desk: xw.Book) -> None:
        open_desk.impl.entered["Weights"]["C7"], open_desk.impl.values["Weights"]["C7"] = "=1/2", 0.5
        live = LiveBook(open_desk)
        live.write_table("Weights", [["BTC", 0.5, 0.1], ["ETH", 0.25, 0.1]])
        live.commit()
        assert at(open_desk, "Weights!C7").formula == "=1/2"
        assert live.table("Weights").rows == (("BTC", 0.5, 0.1), ("ETH", 0.25, 0.1))

    def test_a_calculated_column_is_filled_down_and_goes_with_its_rows(self, desk: Path) -> None:
        formula = "=Universe[[#This Row],[Price]]*2"
        book = opened(edited(desk, calculated(formula)))
        live = LiveBook(book)
        live.write_table("Universe", FOUR)
        live.commit()
        assert [at(book, f"Universe!E{row}").formula for row in range(7, 12)] == [formula] * 4 + [""]
        live.write_table("Universe", FOUR[:2])
        live.commit()
        assert [at(book, f"Universe!E{row}").formula for row in range(7, 11)] == [formula] * 2 + [""] * 2

    def test_a_failure_puts_cleared_formulas_back(self, desk: Path) -> None:
        formula = "=Universe[[#This Row],[Price]]*2"
        book = opened(edited(desk, calculated(formula)))
        live = LiveBook(book)
        live.write_table("Universe", FOUR[:1])
        live.write_value("Equity", 5.0)
        book.impl.fails_at = {11}
        with pytest.raises(BookError, match="We can't do that"):
            live.commit()
        assert [at(book, f"Universe!E{row}").formula for row in range(7, 10)] == [formula] * 3
        assert book.sheets["Universe"].tables["Universe"].range.address == "$B$6:$E$9"

    def test_text_that_begins_like_a_formula_is_none(self, open_desk: xw.Book) -> None:
        live = LiveBook(open_desk)
        live.write_table("Weights", [["=1+1", 0.5, 0.1]])
        live.write_value("Objective", "=C7")
        live.commit()
        live.write_table("Weights", [["BTC", 0.5, 0.1]])
        live.write_value("Objective", "max_sharpe")
        live.commit()
        assert (live.table("Weights").rows[0][0], live.value("Objective").value) == ("BTC", "max_sharpe")


class TestFilters:
    @staticmethod
    def filtered(book: xw.Book) -> Any:
        filters = book.sheets["Universe"].tables["Universe"].autofilter
        filters.apply_values(1, ["BTC", "ETH"])
        filters.apply_comparison(2, "between", 5, 25)
        filters.apply_top_items(3, 2)
        return filters

    def test_they_are_set_again(self, open_desk: xw.Book) -> None:
        filters = self.filtered(open_desk)
        before, live = filters.impl.criteria, LiveBook(open_desk)
        live.write_table("Universe", [["ADA", 1.0, 0.1, "Y"]])
        live.commit()
        assert filters.impl.criteria == before

    def test_other_columns_have_none(self, open_desk: xw.Book) -> None:
        filters = self.filtered(open_desk)
        live = LiveBook(open_desk)
        live.write_table("Universe", [["ADA", 1.0, 0.1, "Y", 2.0]], ("Symbol", "Price", "Lot", "Include", "More"))
        live.commit()
        assert not filters.impl.filters

    def test_one_that_could_not_be_set_again_is_told_before_anything_is_written(self, open_desk: xw.Book) -> None:
        self.filtered(open_desk).impl._set(4, "unknown")
        before, live = state(open_desk), LiveBook(open_desk)
        live.write_table("Universe", [["ADA", 1.0, 0.1, "Y"]])
        with pytest.raises(BookError, match="table 'Universe' on sheet 'Universe' is filtered in a way that could not"):
            live.commit()
        assert state(open_desk) == before


class TestCopies:
    def test_the_first_write_of_a_session_keeps_a_copy(self, open_desk: xw.Book, desk: Path) -> None:
        backup = desk.with_name("desk.xlsx.bak")
        at(open_desk, "Settings!C7").value = 77.0
        live = LiveBook(open_desk)
        live.commit()
        assert not backup.exists(), "nothing to write, nothing to keep"
        for equity in (1.0, 2.0):
            live.write_value("Equity", equity)
            live.commit()
            assert openpyxl.load_workbook(BytesIO(backup.read_bytes()))["Settings"]["C7"].value == 77.0

    def test_without_a_copy_nothing_is_written(self, open_desk: xw.Book) -> None:
        def full(_: str) -> None:
            raise OSError(28, "No space left on device")

        open_desk.impl.api.SaveCopyAs = full
        before, live = state(open_desk), LiveBook(open_desk)
        live.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=r"no copy of desk.xlsx can be kept .*No space left on device"):
            live.commit()
        assert state(open_desk) == before

    def test_a_workbook_that_was_never_saved(self, open_desk: xw.Book) -> None:
        open_desk.impl.fullname = "Book1"
        live = LiveBook(open_desk)
        live.write_value("Equity", 1.0)
        with pytest.raises(BookError, match="Book1 was never saved; save it once"):
            live.commit()

    def test_a_workbook_in_the_cloud_has_its_versions_there(self, open_desk: xw.Book, desk: Path) -> None:
        open_desk.impl.fullname = "https://example.sharepoint.com/desk.xlsx"
        live = LiveBook(open_desk)
        live.write_value("Equity", 1.0)
        live.commit()
        assert live.value("Equity").value == 1.0
        assert not desk.with_name("desk.xlsx.bak").exists()


class TestValues:
    def test_a_currency_cell_keeps_all_its_digits(self, open_desk: xw.Book) -> None:
        cell = open_desk.impl.values["Universe"]["C7"]
        cell.value, cell.number_format = 0.000012345678, '"$"#,##0.00'
        assert LiveBook(open_desk).table("Universe").column("Price") == [0.000012345678, 20.0, 30.0]

    def test_a_currency_setting_keeps_all_its_digits(self, open_desk: xw.Book) -> None:
        cell = open_desk.impl.values["Settings"]["C7"]
        cell.value, cell.number_format = 12345.678901, '"$"#,##0.00'
        assert LiveBook(open_desk).value("Equity").value == 12345.678901

    @pytest.mark.parametrize(("held", "read"), [("#DIV/0!", "#DIV/0!"), (-2146826243, "#SPILL!"), (5, 5.0), ("", None)])
    def test_what_a_cell_shows(self, open_desk: xw.Book, held: object, read: object) -> None:
        open_desk.impl.values["Settings"]["C7"].value = held
        assert LiveBook(open_desk).value("Equity").value == read

    def test_the_calendar_of_1904(self, desk: Path) -> None:
        operate(desk, replaced("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"'))
        live = LiveBook(opened(desk))
        with FileBook.open(desk) as file:
            assert live.table("Prices") == file.table("Prices")
        live.append_rows("Runs", [[datetime(2024, 7, 1, 8), "refresh"]])
        live.commit()
        assert live.table("Runs").rows == ((datetime(2024, 7, 1, 8), "refresh"),)

    def test_names_far_apart_are_read_one_by_one(self, open_desk: xw.Book) -> None:
        names = open_desk.impl.entered.defined_names
        names["Far"] = openpyxl.workbook.defined_name.DefinedName("Far", attr_text="Settings!$XFD$1048576")
        live = LiveBook(open_desk)
        assert (live.value("Equity").value, live.value("Far").value) == (100_000.0, None)

    def test_the_name_of_a_merge_is_its_first_cell(self, desk: Path) -> None:
        def edit(workbook: openpyxl.Workbook) -> None:
            workbook["Settings"].merge_cells("C7:D7")
            workbook.defined_names["Equity"].attr_text = "Settings!$C$7:$D$7"

        live = LiveBook(opened(edited(desk, edit)))
        live.write_value("Equity", 3.0)
        live.commit()
        assert (live.value("Equity").address, live.value("Equity").value) == ("Settings!C7", 3.0)


def test_refusals_come_with_excels_words() -> None:
    with (
        pytest.raises(BookError, match="Excel did not let PerpDesk try: It is full; mend that in Excel"),
        excel.excel_said("try"),
    ):
        raise refused("It is full.")


def test_excel_is_asked_for_an_area_once_a_job_and_for_its_obstacles_once_a_table(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question goes to another process, and a job has hundreds."""
    areas: list[tuple[str, Area]] = []
    looked: list[str] = []
    range_at, merged = excel_book.range_at, Range.merge_cells.fget

    def noted(sheet: xw.Sheet, area: Area) -> xw.Range:
        areas.append((sheet.name, area))
        return range_at(sheet, area)

    def looked_for(cells: Range) -> bool | None:
        looked.append(cells.address)
        return merged(cells)

    monkeypatch.setattr(excel_book, "range_at", noted)
    monkeypatch.setattr(Range, "merge_cells", property(looked_for))
    book = LiveBook(opened(desk))
    block = book.table("Universe")
    book.write_table("Universe", block.rows)
    assert len(looked) == 1
    book.commit()
    assert len(areas) == len(set(areas)) > 1
    assert book.table("Universe").rows == block.rows
