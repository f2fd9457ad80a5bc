"""What the doctor says where Excel is: each thing that can be amiss is planted, found, and given its remedy."""

from __future__ import annotations

import importlib.util
import platform
from pathlib import Path
from typing import Any

import pytest

from tests.xladdin.hosts.excel.install.conftest import Computer
from tests.xladdin.hosts.excel.install.conftest import computer as computer  # noqa: PLC0414  (a fixture)
from xladdin.doctor import Finding
from xladdin.hosts.excel.examination import Examination, examine_excel
from xladdin.hosts.excel.identity import CLASS_ID, PROGRAM_ID
from xladdin.hosts.excel.install.places import Places
from xladdin.hosts.excel.install.registry import MACHINE, USER, Registry

SECURITY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
TRUSTED = rf"{SECURITY}\Trusted Locations"
COMMON = r"Software\Policies\Microsoft\Office\16.0\Common\Security"
OPTIONS = r"Software\Microsoft\Office\16.0\Excel\Options"
DISABLED = r"Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"
LAYERS = r"Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers"
APP_PATH = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLASS_OF_PROGRAM = rf"Software\Classes\{PROGRAM_ID}\CLSID"
ASK = "ask whoever looks after"
EXCEL = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"


@pytest.fixture
def places(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A computer on which all is well."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    installer = computer.installer()
    for step in installer.installation(loops=False):
        step.do()
    computer.winreg.put("HKLM", APP_PATH, "", EXCEL)
    computer.winreg.put("HKLM", r"Software\Microsoft\Office\ClickToRun\Configuration", "Platform", "x64")
    return installer.places


def findings(places: Places) -> dict[str, Finding]:
    return {found.subject: found for found in Examination(places, (Registry(USER), Registry(MACHINE))).windows()}


def test_all_is_well_after_an_installation(places: Places) -> None:
    assert {subject for subject, found in findings(places).items() if not found.well} == set()
    assert findings(places)["Excel"].found == f"x64 at {EXCEL}"


@pytest.mark.parametrize(
    ("planted", "subject", "found", "remedy"),
    [
        (
            [("HKCU", SECURITY, "RequireAddinSig", 1)],
            "Office policies",
            "RequireAddinSig = 1",
            ASK,
        ),
        (
            [("HKLM", SECURITY, "DisableAllAddins", 1)],
            "Office policies",
            "DisableAllAddins = 1",
            ASK,
        ),
        (
            [
                ("HKCU", SECURITY, "VBAWarnings", 4),
                ("HKCU", TRUSTED, "AllLocationsDisabled", 1),
            ],
            "Office policies",
            "VBAWarnings = 4, and no folder of yours is trusted",
            ASK,
        ),
        (
            [("HKCU", SECURITY, "VBAWarnings", 3), ("HKCU", rf"{COMMON}\Trusted Locations", "Allow User Locations", 0)],
            "Office policies",
            "VBAWarnings = 3",
            ASK,
        ),
        ([("HKCU", LAYERS, EXCEL, "~ RUNASADMIN")], "Excel as administrator", EXCEL, "untick 'Run as administrator'"),
        (
            [("HKCU", APP_PATH, "", r"C:\Program Files\WindowsApps\EXCEL.EXE")],
            "Excel",
            "Store edition",
            "install Office",
        ),
        (
            [("HKCU", DISABLED, "A1", "\x02...PerpDesk.XLAM".encode("utf-16-le"))],
            "Disabled by Excel",
            "yes",
            "Manage: Disabled Items",
        ),
        ([("HKCU", OPTIONS, "OPEN1", r'/R "D:\PerpDesk.xlam"')], "Second copy of the add-in", "D:", "untick it"),
        (
            [("HKCU", rf"Software\Classes\{PROGRAM_ID}\CLSID", "", "{x}")],
            "Calculation server",
            "not registered",
            "close",
        ),
        (
            [("HKCU", rf"Software\Classes\CLSID\{CLASS_ID}\LocalServer32", "", "other.exe")],
            "Calculation server",
            "registered for another Python: other.exe",
            "close Excel and run the installer again",
        ),
    ],
)
def test_what_is_amiss_is_found_and_nothing_else(
    computer: Computer, places: Places, planted: list[Any], subject: str, found: str, remedy: str
) -> None:
    for hive, key, name, value in planted:
        computer.winreg.put(hive, key, name, value)
    amiss = {each.subject: each for each in findings(places).values() if not each.well}
    assert set(amiss) == {subject}
    assert found in amiss[subject].found
    assert remedy in amiss[subject].remedy


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_where_the_start_folder_is_trusted_the_level_for_macros_does_not_matter(
    computer: Computer, places: Places, level: int
) -> None:
    computer.winreg.put("HKCU", SECURITY, "VBAWarnings", level)
    assert findings(places)["Office policies"].well


def test_a_mark_an_old_file_and_a_missing_one_are_told(places: Places) -> None:
    mark = Path(f"{places.addin}:Zone.Identifier")
    mark.write_text("[ZoneTransfer]\nZoneId=3\n", encoding="utf-8")
    assert "marked as from the internet" in findings(places)["Add-in's origin"].found
    mark.unlink()
    places.addin.write_bytes(b"older")
    assert findings(places)["Add-in"].found.endswith("not of this version")
    places.addin.unlink()
    assert not findings(places)["Add-in"].well


def test_no_excel_and_no_python_are_told(computer: Computer, places: Places) -> None:
    computer.winreg.put("HKLM", APP_PATH, "", "")
    places.server_python.unlink()
    found = findings(places)
    assert found["Excel"].remedy == "install desktop Excel"
    assert "pythonw.exe is gone" in found["Calculation server"].remedy


@pytest.mark.parametrize("there", [True, False])
def test_xlwings_must_be_there(places: Places, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
    assert findings(places)["xlwings for Excel"].well is there


def test_where_there_is_no_excel_nothing_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    (found,) = examine_excel()
    assert (found.subject, found.well) == ("Excel", True)
