"""A real LibreOffice with PerpDesk's extension as the tree has it, for tests marked `calc`.

    def test_something(calc_office, tmp_path):                       # one office for all tests of a session
        document = calc_office.open(tmp_path / "desk.xlsx")          # or calc_office.new()
        document.recalculate()                                       # every formula from scratch
        values, formulas = document.everything()["Monitor"]          # rows from A1; an error cell is the text it shows
        state, sentence = document.dispatch("org.perpdesk.calc:rebalance")   # a command of the menu; 1 = it went well

A second process with LibreOffice's own Python does the work (`tests/calc_driver.py`). Whatever hangs is ended: each
deed has its own time-out, and the office ends by itself after OFFICE_SECONDS.
"""

from __future__ import annotations

import base64
import io
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.source_tree import ROOT
from xladdin import catalog
from xladdin.hosts.calc.build import extension_parts
from xladdin.hosts.calc.extension.messages import RefusedError, pack, receive
from xladdin.hosts.calc.names import ADDIN, joined

__all__ = ["DeedError", "Document", "Office", "gone", "in_time", "office", "unpack_extension"]

DRIVER = Path(__file__).with_name("calc_driver.py")

EXTENSION_CODE = ROOT / "xladdin" / "hosts" / "calc"

OFFICE_SECONDS = 7_200
DEED_SECONDS = 300

FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH")

WORKER = "xladdin.hosts.calc.worker"
"""What the command line of a worker names."""

METHOD = re.compile(rf"{re.escape(ADDIN.upper())}\.(\w+)")
"""How Calc tells a function of the extension in a formula."""

NAMES = {joined(spec.name).upper(): spec.name for spec in catalog.functions()}


class DeedError(AssertionError):
    """LibreOffice could not do what was asked; the message is its reason."""


@cache
def office_python() -> str:
    """A Python with `uno`: that beside the office's program, or the system's."""
    program = Path(shutil.which("soffice") or "").resolve()
    for candidate in (program.with_name("python"), Path("/usr/bin/python3")):
        if not candidate.is_file():
            continue
        command = [str(candidate), "-c", "import uno"]
        if subprocess.run(command, check=False, capture_output=True, env=_environment(), timeout=60).returncode == 0:
            return str(candidate)
    raise DeedError("no Python with `uno` was found; on Debian install python3-uno")


def unpack_extension(folder: Path) -> Path:
    """The extension from the tree, unpacked where LibreOffice looks for bundled ones: give it BUNDLED_EXTENSIONS."""
    for name, text in extension_parts().items():
        place = folder / "PerpDesk" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


class Office:
    """A running office: its own profile, the extension, and the process that does in it what is asked."""

    def __init__(self, folder: Path, extensions: Path | None = None, **variables: str) -> None:
        folder.mkdir(exist_ok=True)
        extensions = extensions or unpack_extension(folder / "extensions")
        record = folder / "calc.json"
        record.write_text(json.dumps({"python": sys.executable, "project": str(ROOT)}), encoding="utf-8")
        environment = {
            **_environment(),
            "PERPDESK_CALC_RECORD": str(record),
            "XDG_DATA_HOME": str(folder / "data"),
            **variables,
        }
        pipe = f"perpdesk{uuid.uuid4().hex}"
        self.folder = folder
        self._office = subprocess.Popen(
            [
                *("timeout", "-k", "3", str(OFFICE_SECONDS), shutil.which("soffice") or "soffice"),
                *("--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp"),
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}",
            ],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._driver = subprocess.Popen(
            [office_python(), str(DRIVER), pipe, str(EXTENSION_CODE)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._answer(DEED_SECONDS)

    def do(self, deed: str, *, within: float = DEED_SECONDS, **what: Any) -> Any:
        """One deed of the driver. Raises DeedError with LibreOffice's reason, or because it took too long."""
        assert self._driver.stdin is not None
        self._driver.stdin.write(json.dumps({"do": deed, **what}) + "\n")
        self._driver.stdin.flush()
        return self._answer(within)

    def open(self, path: Path, *, read_only: bool = False) -> Document:
        """The document of a file."""
        return Document(self, self.do("opened", path=str(path), read_only=read_only))

    def new(self) -> Document:
        """A new document with one sheet, "Sheet1"."""
        return Document(self, self.do("opened"))

    def described(self) -> dict[str, Any]:
        """By name each function of Calc: its category, its description, and [name, help, optional] of its arguments."""
        found: dict[str, Any] = self.do("described")
        return found

    def workers(self) -> list[int]:
        """The worker processes of this office."""
        return [process for process, command in self._tree().items() if WORKER in command]

    def kill(self) -> None:
        """End the office as a crash would, with kill -9; its workers are left alone."""
        for process, command in self._tree().items():
            if WORKER not in command:
                os.kill(process, signal.SIGKILL)
        self._office.wait(DEED_SECONDS)
        self._driver.kill()

    def _tree(self) -> dict[int, str]:
        """The processes that this office started, itself the first, and their command lines."""
        everyone, found = _processes(), {self._office.pid: ""}
        while more := [each for each, (parent, _) in everyone.items() if parent in found and each not in found]:
            found.update((each, everyone[each][1]) for each in more)
        return found

    def close(self) -> None:
        """End the office as a person does; what does not end is killed with all that it started."""
        if self._office.poll() is None and self._driver.poll() is None:
            try:
                self.do("end", within=20)
                self._office.wait(20)
            except (DeedError, subprocess.TimeoutExpired, OSError):
                os.killpg(self._office.pid, signal.SIGKILL)
        elif self._office.poll() is None:
            os.killpg(self._office.pid, signal.SIGKILL)
        self._office.wait(DEED_SECONDS)
        self._driver.kill()
        self._driver.wait(DEED_SECONDS)
        for pipe in (self._driver.stdin, self._driver.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                continue

    def _listen(self) -> None:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            self._said.put(line)
        self._said.put('{"failed": "the driver has ended"}')

    def _answer(self, within: float) -> Any:
        try:
            answer = json.loads(self._said.get(timeout=within))
        except queue.Empty:
            os.killpg(self._office.pid, signal.SIGKILL)
            raise DeedError(f"LibreOffice gave no answer in {within:g} seconds and was ended") from None
        if "failed" in answer:
            raise DeedError(answer["failed"])
        return answer["done"]


@dataclass(frozen=True)
class Document:
    """A document that is open in an office."""

    office: Office
    number: int

    def _do(self, deed: str, **what: Any) -> Any:
        return self.office.do(deed, document=self.number, **what)

    def name(self, called: str, sheet: str, address: str) -> None:
        """Give a range a name."""
        self._do("name", called=called, sheet=sheet, address=address)

    def add_sheet(self, name: str) -> None:
        """A further sheet, the last."""
        self._do("add_sheet", name=name)

    def write(self, sheet: str, address: str, rows: Sequence[Sequence[Any]]) -> None:
        """Numbers and texts from a cell on; None is blank."""
        self._do("write", sheet=sheet, address=address, rows=rows)

    def formula(self, sheet: str, address: str, text: str) -> Any:
        """Put a formula (English names, `;` between arguments) into a cell; what the cell shows."""
        self._do("formula", sheet=sheet, address=address, text=text)
        return self.shown(sheet, address)[0][0]

    def array_formula(self, sheet: str, address: str, text: str) -> list[list[Any]]:
        """Put an array formula into a range; what the range shows."""
        self._do("array_formula", sheet=sheet, address=address, text=text)
        return self.shown(sheet, address)

    def shown(self, sheet: str, address: str) -> list[list[Any]]:
        """What a range shows: numbers, texts, and the text of an error."""
        found: list[list[Any]] = self._do("shown", sheet=sheet, address=address)
        return found

    def everything(self) -> dict[str, list[list[list[Any]]]]:
        """By sheet [values, formulas], each as rows from A1 to the last cell that is used; formulas as typed."""
        found: dict[str, list[list[list[Any]]]] = self._do("everything")
        for cells in found.values():
            cells[1] = [[METHOD.sub(_as_typed, text) for text in row] for row in cells[1]]
        return found

    def recalculate(self) -> None:
        """Compute every formula from scratch."""
        self._do("recalculate")

    def save(self, path: Path) -> None:
        """Write it as a copy, .xlsx, .ods or .pdf; a file that is not there afterwards is a failure."""
        path.unlink(missing_ok=True)
        self._do("save", path=str(path))
        if not path.is_file() or not path.stat().st_size:
            raise DeedError(f"LibreOffice says that it wrote {path}, and there is none")

    def seconds(self, sheet: str, address: str, text: str) -> float:
        """Seconds that Calc takes to compute a formula that is new in a cell."""
        found: float = self._do("seconds", sheet=sheet, address=address, text=text)
        return found

    def dispatch(self, command: str, within: float = 2 * DEED_SECONDS) -> tuple[int, str]:
        """Run a command of the menu; 1 and its sentence where it went well, else 0 and the reason."""
        state, said = self._do("dispatch", command=command, within=within)
        return state, said

    def undo(self) -> None:
        """Take the last step back."""
        self._do("undo")

    def redo(self) -> None:
        """Do the step again that was taken back last."""
        self._do("redo")

    def asked(self, verb: str, *needed: Any) -> Any:
        """What the extension answers a worker about this document. Raises RefusedError with its reason."""
        message = base64.b64encode(pack(1, "ask", [verb, *needed])).decode()
        try:
            answer = self._do("ask", message=message)
        except DeedError as error:
            raise RefusedError(str(error).removeprefix("RefusedError: ")) from error
        return receive(io.BytesIO(base64.b64decode(answer)))[2][0]

    def tables(self) -> dict[str, list[Any]]:
        """By name each database range: its sheet, first column and row, last column and row, counted from 0."""
        found: dict[str, list[Any]] = self._do("tables")
        return found

    def select(self, sheet: str, address: str) -> None:
        """Put the cursor there."""
        self._do("select", sheet=sheet, address=address)

    def state(self) -> list[Any]:
        """What a person has set: the selected cells, automatic calculation, whether there is something to save."""
        found: list[Any] = self._do("state")
        return found

    def calculation(self, *, automatic: bool) -> None:
        """Switch automatic calculation."""
        self._do("calculation", automatic=automatic)

    def protect(self, sheet: str) -> None:
        """Protect a sheet, without a password."""
        self._do("protect", sheet=sheet)

    def undo_titles(self) -> list[str]:
        """What could be taken back, the last first."""
        found: list[str] = self._do("undo_titles")
        return found

    def close(self) -> None:
        """Close it without saving."""
        self._do("close")


def _as_typed(method: re.Match[str]) -> str:
    return NAMES[method[1]]


@contextmanager
def office(folder: Path, extensions: Path | None = None, **variables: str) -> Iterator[Office]:
    """An office for one test, with other extensions than the tree's or further variables in its environment."""
    running = Office(folder, extensions, **variables)
    try:
        yield running
    finally:
        running.close()


def _environment() -> dict[str, str]:
    """Nothing from another Python; Debian's LibreOffice takes for its own whatever python3 stands first on the PATH."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "PATH": f"{Path(shutil.which('soffice') or '').parent}:{os.defpath}"}


def _processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of each process of this machine."""
    said = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in said.splitlines())
    return {int(row[0]): (int(row[1]), row[2] if len(row) > 2 else "") for row in rows}


def gone(process: int) -> bool:
    """Whether a process ends; one that nobody has reaped has ended."""

    def ended() -> bool:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
        return not state.stdout.strip() or state.stdout.startswith("Z")

    return in_time(ended)


def in_time(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold before patience ends: at once where all is well, however busy the machine is."""
    end = time.monotonic() + DEED_SECONDS
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
