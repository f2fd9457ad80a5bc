"""The menu's jobs on a document that is open in a real LibreOffice: they equal the jobs on files, cell for cell."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.numeric.compiled import loops
from tests.calc_office import Document, Office, office
from tests.shipped_desk import shipped_desk
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import CellValue
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES

pytestmark = pytest.mark.calc

COMMAND = "org.perpdesk.calc:"
EPOCH = datetime(1899, 12, 30)
RELATIVE = 1e-9
"""The worker's loops are compiled after a while, and a search for a likelihood ends one rounding elsewhere."""

COMPARED = {"Runs": (1, 2, 3, 4, 5, 8), "Verification": (0, 1, 3, 8, 9)}
"""What two runs have in common: not when it ran, nor by which route an optimum was found (compiled loops have one of
their own) and with what residual, nor which cell is furthest from its second opinion, by a last bit."""


IN_ANY_ORDER = {"Verification"}
"""The furthest off comes first, and among figures that all but agree a last bit decides which that is."""


@pytest.fixture(autouse=True)
def _loops_answer(_as_a_fresh_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the worker, which has loaded them by the time a job runs: the order of Verification is one of last bits."""
    monkeypatch.setattr(loops, "there", True)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return shipped_desk(tmp_path / "desk für Übung.xlsx")


@pytest.fixture
def document(calc_office: Office, desk: Path) -> Iterator[Document]:
    opened = calc_office.open(desk)
    opened.recalculate()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def refusing(calc_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    """A desk that is open for all jobs that are refused and leave it as it is; who enters something takes it out."""
    opened = calc_office.open(shipped_desk(tmp_path_factory.mktemp("refusing") / "desk.xlsx"))
    opened.recalculate()
    yield opened
    opened.close()


def history_beside(desk: Path, bars: int = 800) -> Path:
    """Files of history for every contract on the desk, made of the prices that stand there."""
    with FileBook.open(desk) as book:
        prices = book.table("Prices")
    folder = desk.with_name("history")
    folder.mkdir()
    for column, symbol in enumerate(prices.header[1:], 1):
        rows = [(row[0], row[column]) for row in prices.rows[-bars:] if row[column] is not None]
        lines = [f"{time - timedelta(hours=1):%Y-%m-%d %H:%M},{price}" for time, price in rows]
        (folder / f"{symbol}.csv").write_text("\n".join(["open_time,close", *lines]) + "\n")
    return folder


def in_file(job: str, path: Path) -> dict[str, tuple[list[Any], list[list[Any]]]]:
    """Run a job on a closed file; by table its place, counted from 0, and its cells as Calc holds them."""
    with FileBook.open(path) as book:
        if job == "refresh":
            jobs.refresh(book, path.with_name("history"))
        else:
            getattr(jobs, job)(book)
        book.commit()
        return {name: _cells_of(book, name) for name in TABLES}


def _cells_of(book: FileBook, name: str) -> tuple[list[Any], list[list[Any]]]:
    block = book.table(name)
    left, width = block.first_column - 1, len(block.header)
    top = min(block.row_numbers, default=0)
    rows = {
        number - top: [_held(value) for value in row] for number, row in zip(block.row_numbers, block.rows, strict=True)
    }
    blank = [""] * width
    return [block.sheet, left, top - 1], [
        list(block.header),
        *(rows.get(n, blank) for n in range(max(rows, default=-1) + 1)),
    ]


def _held(value: CellValue) -> Any:
    """A value as Calc holds it."""
    if isinstance(value, datetime):
        return (value - EPOCH) / timedelta(days=1)
    return "" if value is None else float(value) if isinstance(value, bool) else value


def in_calc(document: Document) -> dict[str, tuple[list[Any], list[list[Any]]]]:
    """By table its place and its cells, without blank rows at its end."""
    shown = document.everything()
    found = {}
    for name, (sheet, left, top, right, bottom) in document.tables().items():
        values = shown[sheet][0]
        rows = [[*row[left : right + 1], *[""] * (right + 1 - len(row))] for row in values[top : bottom + 1]]
        while len(rows) > 1 and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        found[name] = [sheet, left, top], rows
    return found


def assert_equal(calc: dict[str, Any], file: dict[str, Any]) -> None:
    assert calc.keys() == file.keys()
    for name, (place, rows) in file.items():
        there, cells = calc[name]
        if len(rows) > 1:
            assert there[:2] == place[:2]
        assert len(cells) == len(rows), name
        compared = COMPARED.get(name, range(len(rows[0])))
        if name in IN_ANY_ORDER:
            cells.sort(key=lambda row: str(row[0]))
            rows.sort(key=lambda row: str(row[0]))
        for number, (shown, wanted) in enumerate(zip(cells, rows, strict=True)):
            figures = [pytest.approx(each, RELATIVE, 1e-13) if isinstance(each, float) else each for each in wanted]
            assert [shown[n] for n in compared] == [figures[n] for n in compared], f"{name}, row {number}"


class TestTheDay:
    def test_every_job_leaves_what_it_leaves_in_a_file(self, document: Document, desk: Path, tmp_path: Path) -> None:
        closed = Path(shutil.copy(desk, tmp_path / "closed.xlsx"))
        history_beside(desk)
        document.select("Monitor", "C9")
        for job in ("rebalance", "hedge", "stress", "backtest", "verify", "check", "refresh", "rebalance"):
            state, said = document.dispatch(COMMAND + job)
            assert state, said
            assert said.startswith(f"{job.capitalize()}: ")
            assert_equal(in_calc(document), in_file(job, closed))
        assert document.state()[:2] == ["$Monitor.$C$9", True]


def assert_alike(ods: dict[str, Any], xlsx: dict[str, Any]) -> None:
    for sheet, rows in xlsx.items():
        for mine, wanted in zip(ods[sheet], rows, strict=True):
            assert mine == [
                pytest.approx(each, RELATIVE, 1e-13) if isinstance(each, float) else each for each in wanted
            ]


def entered(document: Document) -> dict[str, Any]:
    """What was entered in each cell, formula or value, and where the tables stand."""
    return {**{sheet: formulas for sheet, (_, formulas) in document.everything().items()}, "": document.tables()}


class TestUndo:
    def test_one_step_takes_a_job_back_and_another_brings_it_again(self, document: Document, desk: Path) -> None:
        history_beside(desk)
        states = [entered(document)]
        for job in ("hedge", "rebalance", "refresh"):
            state, said = document.dispatch(COMMAND + job)
            assert state, said
            states.append(entered(document))
            assert states[-1] != states[-2]
        assert document.undo_titles() == ["PerpDesk: refresh", "PerpDesk: rebalance", "PerpDesk: hedge"]
        for before in reversed(states[:-1]):
            document.undo()
            assert entered(document) == before
        for after in states[1:]:
            document.redo()
            assert entered(document) == after

    def test_calculation_by_hand_stays_so(self, document: Document) -> None:
        document.calculation(automatic=False)
        assert document.dispatch(COMMAND + "check")[0]
        assert document.state()[1] is False


class TestOtherFormats:
    def test_a_desk_saved_as_ods_runs_again(self, calc_office: Office, document: Document, desk: Path) -> None:
        copy = desk.with_name("closed.xlsx")
        shutil.copy(desk, copy)
        assert document.dispatch(COMMAND + "rebalance")[0]
        in_file("rebalance", copy)
        document.save(desk.with_suffix(".ods"))
        again = calc_office.open(desk.with_suffix(".ods"))
        for job in ("hedge", "stress", "rebalance"):
            state, said = again.dispatch(COMMAND + job)
            assert state, said
            assert_equal(in_calc(again), in_file(job, copy))
        again.close()

    def test_formulas_of_an_ods_follow_tables_that_grow_and_shrink(self, calc_office: Office, desk: Path) -> None:
        """LibreOffice writes addresses where Excel's file has names of columns; both then show the same."""
        shown = {}
        history_beside(desk)
        for kind in ("xlsx", "ods"):
            document = calc_office.open(desk)
            if kind == "ods":
                document.save(desk.with_suffix(".ods"))
                document.close()
                document = calc_office.open(desk.with_suffix(".ods"))
            before = entered(document)
            for job in ("rebalance", "hedge", "refresh"):
                state, said = document.dispatch(COMMAND + job)
                assert state, said
            assert document.dispatch(COMMAND + "rebalance")[0]
            document.recalculate()
            shown[kind] = {
                name: cells[0] for name, cells in document.everything().items() if name in ("Monitor", "Checks")
            }
            for _ in range(4):
                document.undo()
            assert entered(document) == before
            document.close()
        assert_alike(shown["ods"], shown["xlsx"])


class TestRefusals:
    def refused(self, document: Document, job: str, words: str) -> None:
        before, titles = entered(document), document.undo_titles()
        state, said = document.dispatch(COMMAND + job)
        assert (state, said.split(":")[0]) == (0, f"{job.capitalize()} stopped, nothing was written")
        assert words in said
        assert (entered(document), document.undo_titles()) == (before, titles)

    def test_a_read_only_document(self, calc_office: Office, desk: Path) -> None:
        document = calc_office.open(desk, read_only=True)
        self.refused(document, "check", "is open for reading only")
        document.close()

    def test_a_protected_sheet(self, document: Document) -> None:
        document.protect("Weights")
        self.refused(document, "rebalance", "is locked by sheet protection; take that off")

    def test_a_document_that_is_no_desk(self, calc_office: Office) -> None:
        document = calc_office.new()
        document.write("Sheet1", "A1", [["a", 1.0]])
        self.refused(document, "rebalance", "has no named cell")
        document.close()

    def test_a_formula_in_the_way(self, refusing: Document) -> None:
        result = refusing.shown("Weights", "E8")
        refusing.formula("Weights", "E8", "=1+1")
        self.refused(refusing, "rebalance", "Weights!E8 holds a formula; results go only over values")
        refusing.write("Weights", "E8", result)

    def test_a_desk_without_history(self, refusing: Document) -> None:
        self.refused(refusing, "refresh", "there is no history beside the workbook")

    def test_an_entry_that_cannot_be_read(self, refusing: Document) -> None:
        settings = refusing.shown("Settings", "A1:H200")
        row, column = next((row, line.index("max_sharpe")) for row, line in enumerate(settings) if "max_sharpe" in line)
        place = f"{'ABCDEFGH'[column]}{row + 1}"
        refusing.write("Settings", place, [["most_money"]])
        self.refused(refusing, "rebalance", "most_money")
        refusing.write("Settings", place, [["max_sharpe"]])


@pytest.fixture
def walking(desk: Path) -> Path:
    """A desk whose backtest takes many seconds: it decides every hour, and Kalman betas are searched for each time."""
    with FileBook.open(desk) as book:
        for name, value in {"DecideEvery": 1.0, "Window": 240.0, "BetaMethod": "kalman"}.items():
            book.write_value(name, value)
        book.commit()
    return desk


def killed_after_work(process: int) -> None:
    """Let the system kill a process when it has computed for another half to one and a half seconds."""
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    seconds = round(sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")) + 1
    resource.prlimit(process, resource.RLIMIT_CPU, (seconds, seconds))


class TestWhatEndsAJob:
    def test_a_worker_that_dies_leaves_nothing_and_another_goes_on(self, calc_office: Office, walking: Path) -> None:
        document = calc_office.open(walking)
        assert document.dispatch(COMMAND + "check")[0]
        before, titles = entered(document), document.undo_titles()
        (worker,) = calc_office.workers()
        killed_after_work(worker)
        state, said = document.dispatch(COMMAND + "backtest")
        assert (state, "worker ended in the middle of backtest" in said) == (0, True), said
        assert (entered(document), document.undo_titles()) == (before, titles)
        assert document.dispatch(COMMAND + "check")[0]
        document.close()

    def test_one_that_takes_too_long_is_stopped(self, walking: Path, tmp_path: Path) -> None:
        with office(tmp_path / "office", PERPDESK_CALC_JOB_SECONDS="0.5") as hasty:
            document = hasty.open(walking)
            before = entered(document)
            state, said = document.dispatch(COMMAND + "backtest")
            words = "took longer than 0.5 seconds and was stopped, nothing was written"
            assert (state, words in said) == (0, True), said
            assert entered(document) == before


class TestWhy:
    def test_the_selected_cell_tells_its_reason(self, calc_office: Office) -> None:
        document = calc_office.new()
        document.write("Sheet1", "A1", [[0.01, 0.02], [0.03, -0.01], [-0.02, 0.01], [0.02, 0.0]])
        document.formula("Sheet1", "D1", "=PERP_BETA(A1:A4;B1:B3)")
        document.array_formula("Sheet1", "E1:F2", '=PERP_COV(A1:B4;"nonsense")')
        document.formula("Sheet1", "D3", "=PERP_BETA(A1:A4;B1:B4)")
        document.formula("Sheet1", "D4", "=D1+1")
        document.formula("Sheet1", "D5", '=PERP_VOL(A1:A4;IF(D3>-9;"nonsense"))')
        before, titles = entered(document), document.undo_titles()
        for cell, words in {
            "D1": "Sheet1!D1 shows #VALUE!.\nPERP_BETA: ",
            "F2": "PERP_COV: ",
            "D3": "No failure or warning: PERP_BETA went well.",
            "D4": "Sheet1!D4 shows #VALUE!, and no PerpDesk function is in it",
            "D5": "PERP_VOL: ",
            "A1": "Sheet1!A1 holds no formula; select a cell with a PerpDesk function",
        }.items():
            document.select("Sheet1", cell)
            state, said = document.dispatch(COMMAND + "why")
            assert (state, words in said) == (1, True), said
        assert (entered(document), document.undo_titles()) == (before, titles)
        document.close()

    def test_a_protected_sheet_tells_its_reason_or_why_it_cannot(self, calc_office: Office) -> None:
        document = calc_office.new()
        document.formula("Sheet1", "D1", "=PERP_BETA(A1:A4;B1:B3)")
        document.protect("Sheet1")
        document.select("Sheet1", "D1")
        before = entered(document)
        _, said = document.dispatch(COMMAND + "why")
        assert "PERP_BETA: " in said or "protected" in said, said
        assert entered(document) == before
        document.close()

    def test_it_does_not_change_what_there_is_to_save(self, calc_office: Office, desk: Path) -> None:
        document = calc_office.open(desk)
        document.select("Monitor", "E7")
        before = document.state()
        state, said = document.dispatch(COMMAND + "why")
        assert (state, "PERP_BETA" in said) == (1, True), said
        assert document.state() == before
        document.close()


def test_the_doctor_and_the_examples_answer(calc_office: Office) -> None:
    document = calc_office.new()
    assert document.dispatch(COMMAND + "doctor")[0] == 1
    assert document.dispatch(COMMAND + "examples") == (
        1,
        "It stands in a window of its own; save it where you keep your work.",
    )
    document.close()
