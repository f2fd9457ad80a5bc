"""A computer with Excel that exists in memory and in a temporary folder: registry, programs and places."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.xladdin.hosts.excel.install.winreg_stand_in import WinregStandIn
from xladdin.hosts.excel.install.places import Places
from xladdin.hosts.excel.install.plan import Installer
from xladdin.hosts.excel.install.registry import Registry
from xladdin.version import __version__


@dataclass
class ProgramsStandIn:
    """Says what it was told to say, and removes folders at once."""

    excel: bool = False
    running: list[int] = field(default_factory=list)
    says: str = __version__

    def excel_runs(self) -> bool:
        return self.excel

    def servers(self, folder: Path) -> list[int]:
        return list(self.running)

    def end(self, process: int) -> None:
        self.running.remove(process)

    def remove_when_ended(self, folder: Path) -> None:
        shutil.rmtree(folder)
        if not any(folder.parent.iterdir()):
            folder.parent.rmdir()

    def answer(self) -> str:
        return self.says


@dataclass
class Computer:
    user: Path
    winreg: WinregStandIn
    programs: ProgramsStandIn

    def installer(self, version: str = __version__, system: str = "win32") -> Installer:
        """What `perpdesk excel` of a version works with that bootstrap has put into the user's folder."""
        base = self.user / "Local" / "PerpDesk"
        project, python = base / version / "app", base / version / "python" / "python.exe"
        for each in (python, python.with_name("pythonw.exe"), project / "workbooks" / "PerpDesk.xlam"):
            each.parent.mkdir(parents=True, exist_ok=True)
            each.write_bytes(f"{each.name} {version}".encode())
        startup, scripts = self.user / "Roaming" / "Microsoft" / "Excel" / "XLSTART", self.user / "Scripts"
        places = Places(system, base, startup, python, project, scripts)
        return Installer(places, self.programs, Registry(), version)

    def snapshot(self) -> dict[str, object]:
        """Every file and every value there is."""
        files = {f"file {path}": path.read_bytes() for path in self.user.rglob("*") if path.is_file()}
        return {**files, **self.winreg.snapshot()}


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    """A user whose name has a space and letters of several alphabets."""
    winreg = WinregStandIn()
    winreg.put("HKCU", r"Software\Classes\.txt", "", "txtfile")
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    user = tmp_path / "Zoë Ωmega 王"
    user.mkdir()
    return Computer(user, winreg, ProgramsStandIn())
