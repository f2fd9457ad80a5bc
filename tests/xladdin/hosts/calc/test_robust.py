"""What goes wrong around a cell of LibreOffice: a worker that dies or hangs, an office that dies, strange input."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import termios
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import xladdin
from tests.calc_office import DeedError, Office, gone, in_time, office
from xladdin.hosts.calc.extension.process import REST

pytestmark = pytest.mark.calc

RETURNS = [[0.01, 0.02], [-0.02, -0.01], [0.005, 0.01], [0.015, 0.04], [-0.01, -0.03]]
BETA = "=PERP_BETA(A1:A5;B1:B5)"
EXPECTED = xladdin.call("PERP_BETA", [row[:1] for row in RETURNS], [row[1:] for row in RETURNS])

SHEET = "xl/worksheets/sheet1.xml"

LONG_CALL = "PERP_STRESS_MONTE_CARLO({1;2;1;1;1;1;1;1};{100;50;1;1;1;1;1;1};1000;A1:H5;25000;2000)"
LONG_WORK = f"=SUM({';'.join([LONG_CALL] * 30)})"
"""A worker is at it for more than a minute, so that it is in the middle of it when something happens."""


@pytest.fixture
def own_office(tmp_path: Path) -> Iterator[Office]:
    """An office that a test may ruin."""
    with office(tmp_path) as running:
        yield running


def test_a_worker_that_is_killed_while_a_cell_waits_costs_that_cell_only(own_office: Office) -> None:
    document = own_office.new()
    document.write("Sheet1", "A1", RETURNS)
    assert document.formula("Sheet1", "D1", BETA) == EXPECTED
    (worker,) = own_office.workers()
    os.kill(worker, signal.SIGSTOP)

    def kill_when_asked() -> None:
        assert in_time(lambda: unread(worker) > 0)
        os.kill(worker, signal.SIGKILL)

    killer = threading.Thread(target=kill_when_asked)
    killer.start()
    assert document.formula("Sheet1", "D2", BETA) == "#VALUE!"
    killer.join()
    assert "PerpDesk's worker ended in the middle of PERP_BETA" in document.formula("Sheet1", "D3", "=PERP_WHY()")
    assert document.formula("Sheet1", "D4", BETA) == EXPECTED
    (other,) = own_office.workers()
    assert other != worker


def test_a_worker_that_died_between_two_calls_is_not_missed(own_office: Office) -> None:
    document = own_office.new()
    document.write("Sheet1", "A1", RETURNS)
    document.formula("Sheet1", "D1", BETA)
    (worker,) = own_office.workers()
    os.kill(worker, signal.SIGKILL)
    assert gone(worker)
    assert document.formula("Sheet1", "D2", BETA) == EXPECTED


def test_a_call_that_takes_too_long_is_stopped_and_says_so(tmp_path: Path) -> None:
    with office(tmp_path, PERPDESK_CALC_SECONDS="10") as running:  # a worker starts and answers well within them
        document = running.new()
        document.write("Sheet1", "A1", RETURNS)
        document.formula("Sheet1", "D1", BETA)
        (worker,) = running.workers()
        os.kill(worker, signal.SIGSTOP)
        assert document.formula("Sheet1", "D2", BETA) == "#VALUE!"
        said = document.formula("Sheet1", "D3", "=PERP_WHY()")
        assert said.startswith("PERP_BETA took longer than 10 seconds and was stopped; select fewer cells")
        assert gone(worker)
        assert document.formula("Sheet1", "D4", BETA) == EXPECTED


@pytest.mark.parametrize("busy", [False, True])
def test_no_worker_outlives_an_office_that_is_killed(own_office: Office, busy: bool) -> None:
    document = own_office.new()
    document.write("Sheet1", "A1", [row * 4 for row in RETURNS])
    document.formula("Sheet1", "J1", BETA)
    (worker,) = own_office.workers()
    if busy:
        waiting = threading.Thread(target=_fails, args=(document.formula, "Sheet1", "J2", LONG_WORK))
        rested = worked(worker)
        waiting.start()
        assert in_time(lambda: worked(worker) > rested + 0.2)
    own_office.kill()
    assert gone(worker)
    if busy:
        waiting.join()


def test_no_worker_outlives_an_office_that_is_closed(tmp_path: Path) -> None:
    with office(tmp_path) as running:
        running.new().formula("Sheet1", "A1", "=PERP_VERSION()")
        (worker,) = running.workers()
    assert gone(worker)


def test_where_perpdesk_is_not_installed_a_cell_says_what_to_do(tmp_path: Path) -> None:
    with office(tmp_path, PERPDESK_CALC_RECORD=str(tmp_path / "nothing.json")) as running:
        document = running.new()
        assert document.formula("Sheet1", "A1", "=PERP_VERSION()") == "#VALUE!"
        assert "run `perpdesk calc install`" in document.formula("Sheet1", "A2", "=PERP_WHY()")


def test_a_python_that_cannot_start_is_not_started_for_every_cell(tmp_path: Path) -> None:
    record, broken = tmp_path / "record.json", tmp_path / "python"
    broken.write_text("#!/bin/sh\necho started >> starts\necho 'no numpy here' >&2\nexit 1\n")
    broken.chmod(0o755)
    record.write_text(json.dumps({"python": str(broken), "project": str(tmp_path)}))
    with office(tmp_path / "office", PERPDESK_CALC_RECORD=str(record)) as running:
        document, began = running.new(), time.monotonic()
        assert document.formula("Sheet1", "A1", "=PERP_VERSION()") == "#VALUE!"
        assert {document.formula("Sheet1", f"B{row}", "=PERP_VERSION()") for row in range(1, 30)} == {"#VALUE!"}
        starts = len((tmp_path / "starts").read_text().splitlines())
        assert starts <= 1 + (time.monotonic() - began) // REST
        log = tmp_path / "office" / "data" / "PerpDesk" / "calc-worker.log"
        assert str(log) in document.formula("Sheet1", "D1", "=PERP_WHY()")
        assert log.read_text() == "no numpy here\n"


def test_two_documents_at_once(calc_office: Office) -> None:
    first, second = calc_office.new(), calc_office.new()
    for document, scale in ((first, 1.0), (second, 2.0)):
        document.write("Sheet1", "A1", [[scale * row[0], row[1]] for row in RETURNS])
    assert first.formula("Sheet1", "D1", BETA) == EXPECTED
    assert second.formula("Sheet1", "D1", BETA) == pytest.approx(2 * EXPECTED, rel=1e-12)
    first.recalculate()
    assert (first.shown("Sheet1", "D1"), len(calc_office.workers())) == ([[EXPECTED]], 1)
    first.close()
    second.close()


def test_an_error_cell_in_a_range_is_never_a_number(calc_office: Office) -> None:
    """Calc calls no function for a range with an error in it; IFERROR is the way out, and the cell is missing then."""
    document = calc_office.new()
    document.write("Sheet1", "A1", RETURNS)
    document.formula("Sheet1", "A3", "=1/0")
    assert document.formula("Sheet1", "D1", BETA) == "Err:504"
    asset: list[list[float | None]] = [[row[0]] for row in RETURNS]
    asset[2] = [None]
    expected = xladdin.call("PERP_BETA", asset, [row[1:] for row in RETURNS])
    assert document.array_formula("Sheet1", "D2", '=PERP_BETA(IFERROR(A1:A5;"");B1:B5)') == [[expected]]
    document.close()


def test_an_error_of_a_nested_function_stays_an_error_or_is_missing(calc_office: Office) -> None:
    document = calc_office.new()
    document.write("Sheet1", "A1", RETURNS)
    rolling = xladdin.call("PERP_BETA_ROLLING", [row[:1] for row in RETURNS], [row[1:] for row in RETURNS], 3.0)
    shown = document.array_formula("Sheet1", "D1:D5", "=PERP_BETA_ROLLING(A1:A5;B1:B5;3)")
    assert [row[0] for row in shown[2:]] == pytest.approx([row[0] for row in rolling[2:]], rel=1e-12)
    assert shown[:2] == [["#N/A"], ["#N/A"]]
    assert document.array_formula("Sheet1", "F1", "=PERP_VOL(PERP_BETA_ROLLING(A1:A5;B1:B5;3))") == [["#N/A"]]
    inside = document.array_formula("Sheet1", "F2", '=PERP_VOL(IFERROR(PERP_BETA_ROLLING(A1:A5;B1:B5;3);""))')
    assert inside[0] == pytest.approx([xladdin.call("PERP_VOL", rolling)], rel=1e-12)
    document.close()


def test_blanks_texts_dates_and_truth(calc_office: Office) -> None:
    document = calc_office.new()
    document.write("Sheet1", "A1", [[0.01], [None], ["halted"], [-0.02], [0.03]])
    cells = [[0.01], [None], ["halted"], [-0.02], [0.03]]
    assert document.formula("Sheet1", "C1", "=PERP_VOL(A1:A5)") == xladdin.call("PERP_VOL", cells)
    assert document.formula("Sheet1", "C2", "=PERP_FUNDING_ANNUAL(A4:A5;3;TRUE())") == xladdin.call(
        "PERP_FUNDING_ANNUAL", cells[3:], 3.0, True
    )
    document.formula("Sheet1", "E1", "=DATE(2024;1;1)")
    document.formula("Sheet1", "E2", "=DATE(2024;1;2)")
    document.write("Sheet1", "F1", [[100.0], [110.0]])
    serials = [[45292.0], [45293.0]]
    expected = xladdin.call("PERP_RESAMPLE", serials, [[100.0], [110.0]], "1d")
    assert document.array_formula("Sheet1", "H1:I2", '=PERP_RESAMPLE(E1:E2;F1:F2;"1d")') == expected
    document.close()


def test_a_whole_column_is_cut_to_what_is_in_it(calc_office: Office) -> None:
    document = calc_office.new()
    document.write("Sheet1", "A1", [["BTC", "Market"], *RETURNS])
    assert document.formula("Sheet1", "D1", "=PERP_BETA(A:A;B:B)") == EXPECTED
    document.formula("Sheet1", "D1", "")
    document.formula("Sheet1", "B6", "")
    assert document.formula("Sheet1", "D1", "=PERP_BETA(A:A;B:B)") == xladdin.call(
        "PERP_BETA", [row[:1] for row in RETURNS[:4]], [row[1:] for row in RETURNS[:4]]
    )
    document.close()


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_a_document_saved_and_opened_again_keeps_its_formulas(calc_office: Office, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "Bücher 数据 of O'Neil"
    folder.mkdir()
    document = calc_office.new()
    document.write("Sheet1", "A1", RETURNS)
    document.formula("Sheet1", "D1", BETA)
    document.array_formula("Sheet1", "E1:F2", "=PERP_COV(A1:B5;;365)")
    before = document.everything()
    document.save(folder / f"dësk.{kind}")
    document.close()
    part, name = {"ods": ("content.xml", "ORG.PERPDESK.CALC.FUNCTIONS.PERPBETA"), "xlsx": (SHEET, "PERP_BETA")}[kind]
    with zipfile.ZipFile(folder / f"dësk.{kind}") as saved:
        assert f"{name}(" in saved.read(part).decode()
    again = calc_office.open(folder / f"dësk.{kind}")
    again.recalculate()
    after = again.everything()
    assert after == before
    assert "PERP_BETA(" in str(after["Sheet1"][1])
    again.close()


def test_an_office_in_a_folder_with_a_strange_name(tmp_path: Path) -> None:
    folder = tmp_path / "Prüfung 数据 #1 & more"
    folder.mkdir()
    with office(folder) as running:
        assert running.new().formula("Sheet1", "A1", "=PERP_VERSION()") == xladdin.__version__


def test_a_command_that_nobody_knows_is_not_served(calc_office: Office) -> None:
    document = calc_office.new()
    state, said = document.dispatch("org.perpdesk.calc:sell_everything")
    assert (state, "sell_everything" in said.lower()) == (0, True)
    document.close()


def test_a_file_that_cannot_be_read_and_a_copy_that_is_not_there_are_failures(
    calc_office: Office, tmp_path: Path
) -> None:
    rubbish = tmp_path / "rubbish.xlsx"
    rubbish.write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(DeedError):
        calc_office.open(rubbish)
    document = calc_office.new()
    with pytest.raises(DeedError):
        document.save(Path("/proc/nowhere/desk.xlsx"))
    document.close()


def test_an_office_that_hangs_is_ended(own_office: Office) -> None:
    document = own_office.new()
    document.formula("Sheet1", "A1", "=PERP_VERSION()")
    os.kill(own_office.workers()[0], signal.SIGSTOP)
    asked = {"document": document.number, "sheet": "Sheet1", "address": "A2", "text": "=PERP_VERSION()"}
    with pytest.raises(DeedError, match="no answer in 1 seconds and was ended"):
        own_office.do("seconds", within=1, **asked)


def unread(worker: int) -> int:
    """Bytes that the office has sent to a worker and that it has not read."""
    with Path(f"/proc/{worker}/fd/0").open("rb", buffering=0) as pipe:
        return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"0000"))[0]


def worked(worker: int) -> float:
    """Seconds for which a worker's main thread, which answers the calls, has kept a processor busy."""
    user, system = Path(f"/proc/{worker}/task/{worker}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _fails(deed: object, *what: object) -> None:
    with pytest.raises(DeedError):
        deed(*what)  # type: ignore[operator]
