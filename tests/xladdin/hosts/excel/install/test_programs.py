"""What is asked of the running system: on Windows through pywin32, here a stand-in; on a Mac of the system itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from core.errors import PerpDeskError
from xladdin.hosts.excel.install import programs
from xladdin.hosts.excel.install.programs import MacPrograms, WindowsPrograms
from xladdin.version import __version__


class RefusedError(Exception):
    """pywin32's, when a process is another user's."""


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Program files by process; an empty name is a process that nobody may look at. Ended ones are taken out."""
    found: dict[int, str] = {}

    def opened(access: int, inherit: bool, process: int) -> int:
        if not found[process]:
            raise RefusedError
        return process

    modules: dict[str, dict[str, Any]] = {
        "win32process": {"EnumProcesses": lambda: list(found), "GetModuleFileNameEx": lambda handle, _: found[handle]},
        "win32api": {"OpenProcess": opened, "TerminateProcess": lambda handle, code: found.pop(handle)},
        "pywintypes": {"error": RefusedError, "com_error": RefusedError},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return found


@pytest.mark.parametrize(("program", "runs"), [("EXCEL.EXE", True), ("Excel.exe", True), ("notexcel.exe", False)])
def test_excel_is_known_by_its_program(running: dict[int, str], program: str, runs: bool) -> None:
    running.update({4: "", 8: f"/office/{program}"})
    assert WindowsPrograms().excel_runs() is runs


def test_servers_are_those_of_the_folder(running: dict[int, str], tmp_path: Path) -> None:
    running.update({4: "", 8: f"{tmp_path}/0.1.0/python/pythonw.exe", 12: "/elsewhere/pythonw.exe"})
    assert WindowsPrograms().servers(tmp_path) == [8]
    WindowsPrograms().end(8)
    assert WindowsPrograms().servers(tmp_path) == []


def test_the_server_is_asked_as_the_addin_asks(running: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    client = ModuleType("win32com.client")
    asked = SimpleNamespace(CallUDF=lambda *words: f"{words}")
    vars(client)["Dispatch"] = {"PerpDesk.Server": asked}.__getitem__
    monkeypatch.setitem(sys.modules, "win32com.client", client)
    words = ("xladdin.hosts.excel.udfs", "answer", ("install", "PERP_VERSION"))
    assert WindowsPrograms().answer() == f"{words}"

    def refused(name: str) -> None:
        raise RefusedError("class not registered")

    vars(client)["Dispatch"] = refused
    with pytest.raises(PerpDeskError, match="could not start the calculation server: class not registered"):
        WindowsPrograms().answer()


def test_windows_is_asked_to_remove_a_folder_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(programs.subprocess, "Popen", lambda line, **_: started.append(line))
    WindowsPrograms().remove_when_ended(Path("/users/Zoë Ω/PerpDesk/0.1.0"))
    (line,) = started
    assert line.startswith('cmd.exe /d /c "for /l %i in (1,1,120) do (rmdir /s /q "/users/Zoë Ω/PerpDesk/0.1.0"')


def test_a_mac_removes_at_once_and_its_python_answers(tmp_path: Path) -> None:
    own = tmp_path / "PerpDesk" / "0.1.0"
    own.mkdir(parents=True)
    (own / "file").touch()
    mac = MacPrograms()
    mac.remove_when_ended(own)
    assert not own.parent.exists()
    assert mac.servers(own) == []
    mac.end(0)


def test_what_a_macs_python_says_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    says = subprocess.CompletedProcess([], 0, f"{__version__}\n", "")
    monkeypatch.setattr(programs.subprocess, "run", lambda *_, **__: says)
    assert MacPrograms().answer() == __version__
    assert MacPrograms().excel_runs()
    says.returncode, says.stderr = 1, "Traceback\nImportError: no core\n"
    assert not MacPrograms().excel_runs()
    with pytest.raises(PerpDeskError, match="could not answer: ImportError: no core"):
        MacPrograms().answer()
