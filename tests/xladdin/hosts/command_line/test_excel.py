"""`perpdesk excel` on a computer in memory: what it says to a person and to a program, and its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import perpdesk
from tests.xladdin.hosts.excel.install.conftest import Computer
from tests.xladdin.hosts.excel.install.conftest import computer as computer  # noqa: PLC0414  (a fixture)
from xladdin.hosts.command_line.commands import excel
from xladdin.hosts.excel.install.places import places
from xladdin.version import __version__


@pytest.fixture
def run(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> Any:
    installer = computer.installer()
    monkeypatch.setattr(excel, "_installer", lambda **options: installer)

    def invoke(*words: str) -> tuple[int, str]:
        said = perpdesk("excel", *words)
        return said.exit_code, said.stdout + said.stderr

    return invoke


def test_install_status_and_uninstall_in_words(run: Any) -> None:
    code, said = run("status")
    assert (code, said) == (1, "PerpDesk is not installed in Excel\n")
    code, said = run("install", "--no-loops")
    assert code == 0
    assert said.endswith("PerpDesk is in Excel; start it\n")
    code, said = run("status")
    assert code == 0
    assert said.startswith(f"PerpDesk {__version__} is installed in Excel\n")
    assert "missing" not in said
    code, said = run("uninstall")
    assert (code, said.splitlines()[-1]) == (0, "PerpDesk is out of Excel")
    assert run("status")[0] == 1


@pytest.mark.parametrize("word", ["install", "uninstall"])
def test_a_dry_run_and_the_run_say_the_same_steps_to_a_program(run: Any, word: str) -> None:
    options = ["--no-loops"] if word == "install" else []
    if word == "uninstall":
        run("install", "--no-loops")
    listed, taken = (json.loads(run(word, *options, *dry, "--json")[1]) for dry in (["--dry-run"], []))
    assert (listed["taken"], taken["taken"]) == (False, True)
    assert listed["steps"] == taken["steps"] != []


def test_a_dry_run_lists_a_step_a_line(run: Any, computer: Computer) -> None:
    before = computer.snapshot()
    code, said = run("install", "--dry-run", "--no-loops")
    assert (code, said.splitlines()[-1]) == (0, "one answer of the calculation server")
    assert computer.snapshot() == before


def test_an_open_excel_is_told_in_one_line(run: Any, computer: Computer) -> None:
    computer.programs.excel = True
    code, said = run("install", "--no-loops")
    assert (code, said) == (1, "perpdesk: Excel is open; close it and run the same command again\n")


def test_status_is_1_when_something_is_missing(run: Any, computer: Computer) -> None:
    run("install", "--no-loops")
    computer.installer().places.addin.unlink()
    code, said = run("status", "--json")
    assert (code, len(json.loads(said)["missing"])) == (1, 1)


def test_where_there_is_no_excel_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = perpdesk("excel", "install")
    assert (said.exit_code, "there is no Excel on this system" in said.stderr) == (1, True)


def test_the_places_are_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "win32")
    windows = places()
    assert windows.record == tmp_path / "Local" / "PerpDesk" / "install.json"
    assert windows.addin == tmp_path / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "PerpDesk.xlam"
    assert windows.own is None, "this code does not stand in PerpDesk's folder"
    monkeypatch.setattr(sys, "platform", "darwin")
    mac = places()
    assert mac.base == tmp_path / "Library" / "Application Support" / "PerpDesk"
    assert mac.scripts is not None
