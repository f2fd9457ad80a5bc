"""The jobs on an open workbook: through the real xlwings, on an engine over openpyxl, they equal the jobs on files."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from core.errors import BookError
from tests.openpyxl_engine import ComError, opened, refused
from tests.shipped_desk import shipped_desk
from xladdin.books.file_book import FileBook
from xladdin.books.live_book import LiveBook
from xladdin.books.workbook import Block, Workbook
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.hosts.excel import macros
from xladdin.hosts.jobs import JOBS, LONGEST_MESSAGE

DAY = ("rebalance", "hedge", "stress", "backtest", "check", "verify")
Look = Callable[[xw.Book], dict[str, object]]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The desk workbook that ships, with a thousand hours of history."""
    return shipped_desk(tmp_path / "desk.xlsx")


@pytest.fixture
def book(desk: Path) -> xw.Book:
    """It, open, with the user somewhere in it."""
    opened_book = opened(desk)
    app = opened_book.app.impl
    app.selection, app.calculation, app.status_bar = "Monitor!C4", "semiautomatic", False
    opened_book.sheets["Universe"].tables["Universe"].autofilter.apply_values(2, ["Y"])
    return opened_book


def user_state(book: xw.Book) -> dict[str, object]:
    """What the user has set in Excel."""
    app = book.app.impl
    names = ("selection", "calculation", "status_bar", "screen_updating", "enable_events", "display_alerts")
    return {
        **{name: getattr(app, name) for name in names},
        "filters": [each for each in book.impl.filters.items() if each[1]],
    }


def cells(book: xw.Book) -> dict[str, object]:
    """Every cell and table of the workbook."""
    sheets = book.impl.entered.worksheets
    found = {f"{s.title}!{c.coordinate}": _bare(c.value) for s in sheets for row in s.iter_rows() for c in row}
    tables = {table.name: table.ref for sheet in sheets for table in sheet.tables.values()}
    return {place: value for place, value in found.items() if value is not None} | tables


def _bare(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, float | str | bool | None) else str(value)


UNREAD = ("holds a formula without a stored value", "not for a cell", "stands for the range")
"""What a file cannot tell of a name: a formula that nobody has calculated yet, and what is no single cell."""


def content(book: Workbook, names: list[str]) -> dict[str, object]:
    """All tables and all named values that can be read."""
    found: dict[str, object] = {name: _undated(book.table(name)) for name in TABLES}
    for name in names:
        try:
            found[name] = book.value(name)
        except BookError as error:
            if not any(words in str(error) for words in UNREAD):
                raise
    return found


def _undated(block: Block) -> Block | tuple[object, ...]:
    """Runs without their time, which is the clock's."""
    if block.name != "Runs":
        return block
    return block.header, block.row_numbers, [row[1:] for row in block.rows]


def history_beside(desk: Path, bars: int = 800) -> Path:
    """Files of history for every contract in play, made of the prices on the desk."""
    with FileBook.open(desk) as book:
        prices = book.table("Prices")
    folder = desk.with_name("history")
    folder.mkdir()
    for column, symbol in enumerate(prices.header[1:], 1):
        rows = [(row[0], row[column]) for row in prices.rows[-bars:] if row[column] is not None]
        lines = [f"{time - timedelta(hours=1):%Y-%m-%d %H:%M},{price}" for time, price in rows]
        (folder / f"{symbol}.csv").write_text("\n".join(["open_time,close", *lines]) + "\n")
    return folder


def test_the_buttons_are_the_jobs_of_the_desk() -> None:
    assert tuple(JOBS) == ("refresh", *DAY[:4], "train", *DAY[4:])
    assert set(JOBS) <= set(jobs.__all__)


class TestTheDay:
    def test_every_job_leaves_what_it_leaves_in_a_file(self, book: xw.Book, desk: Path, tmp_path: Path) -> None:
        closed = Path(shutil.copy(desk, tmp_path / "closed.xlsx"))
        history = history_beside(desk)
        before = user_state(book)
        names = [name.name for name in book.names]
        for job in (*DAY, "refresh", "rebalance", "hedge", "stress"):
            said = macros.run(job, book)
            with FileBook.open(closed) as file:
                report = jobs.refresh(file, history) if job == "refresh" else getattr(jobs, job)(file)
                file.commit()
                in_file = content(file, names)
            in_excel = content(LiveBook(book), names)
            assert {name: in_excel[name] for name in in_file} == in_file
            assert {setting.name for setting in SETTINGS} | {"DataSource", *TABLES} <= in_file.keys()
            assert said.startswith(f"{job.capitalize()}: {report.headline}\n{report.verdict}".rstrip())
            assert all(warning in said for warning in report.warnings) or "..." in said or "more" in said
            assert user_state(book) == before

    def test_formulas_of_the_workbook_stay(self, book: xw.Book) -> None:
        formulas = {place: value for place, value in cells(book).items() if str(value).startswith("=")}
        for job in DAY:
            macros.run(job, book)
        after = cells(book)
        assert len(formulas) > 100
        assert {place: after[place] for place in formulas} == formulas


class TestWhatStopsAJob:
    @pytest.mark.parametrize("write", [1, 60, 300])
    def test_a_failure_in_the_middle_of_writing(self, book: xw.Book, write: int) -> None:
        state, user = cells(book), user_state(book)
        book.impl.fails_at = {write}
        said = macros.run("rebalance", book)
        assert said == (
            "Rebalance stopped, nothing was written: Excel did not let PerpDesk write into desk.xlsx: "
            "We can't do that to a merged cell; mend that in Excel, then run again"
        )
        assert (cells(book), user_state(book)) == (state, user)

    @pytest.mark.parametrize("step", [0, 5, 20])
    def test_escape_between_two_steps(self, book: xw.Book, step: int) -> None:
        state, user, looks = cells(book), user_state(book), []

        def stopped() -> bool:
            looks.append(book.app.status_bar)
            return len(looks) > step

        said = macros.run("rebalance", book, stopped)
        assert said == "Rebalance stopped, nothing was written: you pressed Esc"
        assert (cells(book), user_state(book)) == (state, user)
        assert looks[-1].startswith("PerpDesk: rebalance")

    def test_the_status_bar_says_at_what_it_is(self, book: xw.Book) -> None:
        said: list[Any] = []
        macros.run("check", book, lambda: bool(said.append(book.app.status_bar)))
        assert said[0] == "PerpDesk: check ..."
        assert "PerpDesk: check, reading Universe ... (Esc stops)" in said
        assert "PerpDesk: check, preparing Checks ... (Esc stops)" in said

    def test_a_walk_says_how_far_it_is_and_stops_there(self, book: xw.Book) -> None:
        state, looks = cells(book), []

        def stopped() -> bool:
            looks.append(book.app.status_bar)
            return "walking the policy, 9 of 12" in str(book.app.status_bar)

        said = macros.run("backtest", book, stopped)
        assert said == "Backtest stopped, nothing was written: you pressed Esc"
        assert "PerpDesk: backtest, walking the policy, 3 of 12 decisions ... (Esc stops)" in looks
        assert cells(book) == state

    def test_what_the_desk_refuses_comes_with_its_reason(self, book: xw.Book) -> None:
        live = LiveBook(book)
        live.write_value("Objective", "most_money")
        live.commit()
        state = cells(book)
        said = macros.run("rebalance", book)
        assert said.startswith("Rebalance stopped, nothing was written: Settings!")
        assert "most_money" in said
        assert cells(book) == state

    def test_a_fault_of_ours_is_told_too(self, book: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("division by zero")

        monkeypatch.setitem(JOBS, "hedge", broken)
        said = macros.run("hedge", book)
        assert said.startswith("Hedge stopped, nothing was written: ZeroDivisionError: division by zero. That should")

    def test_what_could_not_be_taken_back_is_not_called_unwritten(self, book: xw.Book) -> None:
        book.impl.fails_at = range(60, 100_000)
        said = macros.run("rebalance", book)
        assert said.startswith("Rebalance stopped: desk.xlsx was written in part and could not be put back")
        assert "nothing was written" not in said

    def test_a_cell_that_is_being_edited(self, book: xw.Book) -> None:
        book.impl.fails_at, book.impl.error = {1}, ComError(-2147418111, "Call was rejected by callee.")
        assert "a cell is being edited or a dialog is open; press Enter or Esc" in macros.run("check", book)

    def test_a_job_that_there_is_not(self, book: xw.Book) -> None:
        assert macros.run("settle", book) == (
            "Settle stopped, nothing was written: there is no job 'settle'; "
            "there are: refresh, rebalance, hedge, stress, backtest, train, check, verify"
        )

    def test_a_refusal_while_reading(self, book: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(_: object) -> None:
            raise refused("The object invoked has disconnected from its clients.")

        monkeypatch.setattr(type(book.impl), "names", property(gone))
        assert "disconnected from its clients" in macros.run("check", book)


class TestRefresh:
    def test_where_no_history_lies_beside_the_workbook(self, book: xw.Book, desk: Path) -> None:
        said = macros.run("refresh", book)
        assert said == (
            "Refresh stopped, nothing was written: there is no history beside the workbook; put its files into a "
            f"folder 'history' in {desk.parent}, or name an exchange at Venue on Settings, or run "
            "`perpdesk refresh BOOK --from FOLDER` (see docs/settings.md#Venue)"
        )

    def test_it_goes_on_with_the_last_source_and_as_many_bars(self, book: xw.Book, desk: Path) -> None:
        source = history_beside(desk).rename(desk.with_name("perp_1h"))
        live = LiveBook(book)
        jobs.refresh(live, source, bars=50)
        live.commit()
        history_beside(desk)
        assert macros.run("refresh", book).startswith("Refresh: 50 bars of")
        source.rename(desk.with_name("gone"))
        assert macros.run("refresh", book).startswith("Refresh: 799 bars of")

    def test_a_workbook_in_the_cloud(self, book: xw.Book) -> None:
        book.impl.fullname = "https://example.sharepoint.com/desk.xlsx"
        assert "this one is in the cloud; save it into a folder" in macros.run("refresh", book)


class TestMessages:
    def test_a_long_one_fits_a_message_box(self, book: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
        report = jobs.Report("check", "done", (), tuple(f"{number}: {'long ' * 80}" for number in range(9)))
        monkeypatch.setitem(JOBS, "check", lambda *_: report)
        said = macros.run("check", book)
        assert len(said) == LONGEST_MESSAGE
        assert said.endswith("... (all of it stands in the sheet Runs)")

    def test_on_macos_the_message_is_shown(self, book: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(xw.Book, "caller", lambda: book)
        macros.main("settle")
        ((title, prompt),) = [said for said in book.app.impl.said if isinstance(said, tuple)]
        assert (title, prompt.split(",")[0]) == ("PerpDesk", "Settle stopped")

    def test_stale_formulas_are_calculated_first(self, book: xw.Book) -> None:
        macros.run("check", book)
        book.app.impl.calculation = "automatic"
        macros.run("check", book)
        assert book.app.impl.said == ["calculate"]


def test_escape_counts_with_excel_in_front_and_since_the_job_began(monkeypatch: pytest.MonkeyPatch) -> None:
    pressed, front = [1], [7]
    user = SimpleNamespace(
        GetAsyncKeyState=lambda key: pressed.pop() if pressed and key == 0x1B else 0,
        GetForegroundWindow=lambda: front[0],
    )
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user), raising=False)
    stopped = macros._escape_of(SimpleNamespace(hwnd=7))
    assert not stopped()
    pressed.append(1)
    assert stopped()
    pressed.append(1)
    front[0] = 8
    assert not stopped()


def test_a_copy_is_kept_before_the_first_results(book: xw.Book, desk: Path) -> None:
    macros.run("check", book)
    kept = openpyxl.load_workbook(BytesIO(desk.with_name("desk.xlsx.bak").read_bytes()))
    assert kept["Runs"].tables["Runs"].ref == openpyxl.load_workbook(desk)["Runs"].tables["Runs"].ref
