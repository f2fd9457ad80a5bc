"""What the doctor looks at where Excel is: the add-in, the server, and what a setting may hold against them.

Every finding is read from files and the registry; nothing is started and nothing is changed.
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from typing import Any

from core.records import dataclass

from ...doctor import Finding
from ..steps import marked
from .identity import ADDIN_FILE, CLASS_ID, PROGRAM_ID
from .install.places import Places, places
from .install.plan import server_command
from .install.registry import CLASSES, MACHINE, USER, Registry

__all__ = ["Examination", "examine_excel"]

OFFICE = r"Software\Microsoft\Office\16.0"
POLICY = r"Software\Policies\Microsoft\Office\16.0"
LAYERS = r"Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers"
APP_PATH = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLICK_TO_RUN = r"Software\Microsoft\Office\ClickToRun\Configuration"

INSTALL_AGAIN = "close Excel and run the installer again"
ASK = "ask whoever looks after Office to allow the add-in, or to name a trusted folder for it"

SIGNED_ONLY, NEVER = 3, 4
"""Values of VBAWarnings with which unsigned macros outside of trusted folders are off."""


def examine_excel() -> list[Finding]:
    """The findings about Excel on this computer; a single one where there is no Excel."""
    system = platform.system()
    if system not in ("Windows", "Darwin"):
        return [Finding("Excel", "not on this system (Windows and macOS only)", True)]
    examination = Examination(places(), (Registry(USER), Registry(MACHINE)))
    return list(examination.windows() if system == "Windows" else examination.common())


@dataclass(frozen=True)
class Examination:
    """One look at an installation, in the registry's hives from the user's to the machine's."""

    places: Places
    hives: tuple[Registry, ...]

    def windows(self) -> Iterator[Finding]:
        """All findings, in the order in which Excel meets them."""
        yield self._edition()
        yield from self.common()
        yield self._mark()
        yield self._server()
        yield self._administrator()
        yield self._policies()
        yield self._disabled()
        yield self._second_copy()

    def common(self) -> Iterator[Finding]:
        """What macOS has too."""
        there = importlib.util.find_spec("xlwings") is not None
        yield Finding("xlwings for Excel", "installed" if there else "missing", there, INSTALL_AGAIN)
        yield self._addin()

    def _read(self, key: str, name: str = "") -> Any:
        """A value from the first hive that has it."""
        return next((value for hive in self.hives if (value := hive.read(key, name)) is not None), None)

    def _edition(self) -> Finding:
        program = str(self._read(APP_PATH) or "")
        version, bits = self._read(CLICK_TO_RUN, "VersionToReport"), self._read(CLICK_TO_RUN, "Platform")
        if not program:
            return Finding("Excel", "not found; PerpDesk needs the desktop Excel", False, "install desktop Excel")
        if "windowsapps" in program.lower():
            remedy = (
                "the Store edition may not see the server; if formulas show #VALUE!, install Office from office.com"
            )
            return Finding("Excel", f"Store edition at {program}", False, remedy)
        about = " ".join(str(each) for each in (version, bits) if each)
        return Finding("Excel", f"{about} at {program}".strip(), True)

    def _addin(self) -> Finding:
        addin, source = self.places.addin, self.places.addin_source
        if not addin.is_file():
            return Finding("Add-in", f"not at {addin}", False, INSTALL_AGAIN)
        same = source.is_file() and addin.read_bytes() == source.read_bytes()
        found = f"{addin}, " + ("of this version" if same else "not of this version")
        return Finding("Add-in", found, same, INSTALL_AGAIN)

    def _mark(self) -> Finding:
        blocked = marked(self.places.addin)
        found = "marked as from the internet: Excel drops it without a word" if blocked else "not marked"
        return Finding("Add-in's origin", found, not blocked, INSTALL_AGAIN)

    def _server(self) -> Finding:
        named = self._read(rf"{CLASSES}\{PROGRAM_ID}\CLSID")
        command = self._read(rf"{CLASSES}\CLSID\{CLASS_ID}\LocalServer32")
        if named != CLASS_ID or not command:
            return Finding("Calculation server", "not registered", False, INSTALL_AGAIN)
        python = self.places.server_python
        if command != server_command(python):
            return Finding("Calculation server", f"registered for another Python: {command}", False, INSTALL_AGAIN)
        return Finding("Calculation server", str(command), python.is_file(), f"{python} is gone; {INSTALL_AGAIN}")

    def _administrator(self) -> Finding:
        elevated = [
            program
            for hive in self.hives
            for program, layers in hive.values(LAYERS).items()
            if program.lower().endswith("excel.exe") and "RUNASADMIN" in str(layers).upper()
        ]
        remedy = "such an Excel sees no server of yours: untick 'Run as administrator' in its properties"
        return Finding("Excel as administrator", ", ".join(elevated) or "no", not elevated, remedy)

    def _policies(self) -> Finding:
        """What keeps unsigned add-ins out; Excel's start folder is trusted unless that is switched off."""
        amiss = []
        for root in (POLICY, OFFICE):
            security = rf"{root}\Excel\Security"
            amiss += [
                f"{security}\\{name} = 1"
                for name in ("RequireAddinSig", "DisableAllAddins")
                if self._read(security, name) == 1
            ]
            if self._no_folder_trusted() and (level := self._read(security, "VBAWarnings")) in (SIGNED_ONLY, NEVER):
                amiss.append(f"{security}\\VBAWarnings = {level}, and no folder of yours is trusted")
        return Finding("Office policies", "; ".join(amiss) or "none against the add-in", not amiss, ASK)

    def _no_folder_trusted(self) -> bool:
        off = any(
            self._read(rf"{root}\Excel\Security\Trusted Locations", "AllLocationsDisabled") == 1
            for root in (POLICY, OFFICE)
        )
        return off or self._read(rf"{POLICY}\Common\Security\Trusted Locations", "Allow User Locations") == 0

    def _disabled(self) -> Finding:
        """Excel switches off what it believes to have crashed it."""
        name = ADDIN_FILE.lower().encode("utf-16-le")
        items = [
            value for hive in self.hives for value in hive.values(rf"{OFFICE}\Excel\Resiliency\DisabledItems").values()
        ]
        disabled = any(name in value.lower() for value in items if isinstance(value, bytes))
        remedy = "in Excel: File, Options, Add-ins, Manage: Disabled Items, Go, enable PerpDesk"
        return Finding("Disabled by Excel", "yes" if disabled else "no", not disabled, remedy)

    def _second_copy(self) -> Finding:
        """An add-in of the same name that was ticked by hand: Excel opens the one and not the other."""
        options = self.hives[0].values(rf"{OFFICE}\Excel\Options")
        others = [
            str(value)
            for name, value in options.items()
            if name.upper().startswith("OPEN") and ADDIN_FILE.lower() in str(value).lower()
        ]
        remedy = f"untick it in Excel's list of add-ins; {self.places.addin} is opened anyway"
        return Finding("Second copy of the add-in", ", ".join(others) or "none", not others, remedy)
