"""The LibreOffice of this computer: where it is, how old, of which edition, and whether it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core.errors import PerpDeskError
from core.records import dataclass

from ..descriptions import OLDEST_OFFICE

__all__ = ["Office", "candidates", "find_office", "office_at"]

OLDEST = ".".join(map(str, OLDEST_OFFICE))
GET_IT = f"install LibreOffice {OLDEST} or newer from libreoffice.org or with your package manager, and run it again"

SANDBOXES = {
    "Flatpak": (
        "/var/lib/flatpak/app/org.libreoffice.LibreOffice",
        "~/.local/share/flatpak/app/org.libreoffice.LibreOffice",
    ),
    "Snap": ("/snap/bin/libreoffice", "/snap/libreoffice"),
}
"""Editions that run in a box of their own, and where they lie: from inside nothing outside may be started."""

PROGRAM_FOLDERS = {
    "linux": ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice*/program"),
    "darwin": ("/Applications/LibreOffice.app/Contents/MacOS", "~/Applications/LibreOffice.app/Contents/MacOS"),
    "win32": ("C:/Program Files/LibreOffice/program", "C:/Program Files (x86)/LibreOffice/program"),
}

SECONDS = 120
"""For which unopkg may work; it starts half an office."""


@dataclass(frozen=True)
class Office:
    """A LibreOffice, by the folder of its programs."""

    programs: Path
    version: tuple[int, int]

    @property
    def unopkg(self) -> Path:
        """The program that adds and removes the extensions of a user."""
        return next((each for each in self._named("unopkg") if each.is_file()), self.programs / "unopkg")

    @property
    def bundled(self) -> Path:
        """The folder of the extensions that every user of this LibreOffice has."""
        inside = self.programs.parent / ("Resources" if self.programs.name == "MacOS" else "share")
        return inside / "extensions"

    @property
    def runs_python(self) -> bool:
        """Whether it can load components in Python; some distributions pack that apart."""
        places = (self.programs, self.programs.parent / "Resources")
        return any((place / "pythonloader.py").is_file() for place in places)

    def extension_tool(self, *words: str) -> str:
        """What unopkg says. Raises PerpDeskError when it fails."""
        try:
            done = subprocess.run(
                [self.unopkg, *words],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PerpDeskError(f"{self.unopkg} could not be run: {error}") from error
        said = done.stdout.decode(errors="replace").strip()
        if done.returncode:
            raise PerpDeskError(f"LibreOffice could not {words[0]} the extension: {said or 'nothing was said'}")
        return said

    def running(self) -> bool:
        """Whether this user has it open; it writes its list of extensions as it closes."""
        if sys.platform == "win32":
            said = subprocess.run(["tasklist", "/FI", "IMAGENAME eq soffice.bin"], check=False, capture_output=True)
            return b"soffice.bin" in said.stdout
        user = [] if _is_root() else ["-U", str(os.getuid())]
        command = ["pgrep", *user, "-x", "soffice" if sys.platform == "darwin" else "soffice.bin"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _named(self, name: str) -> Iterator[Path]:
        for ending in ("", ".com", ".exe"):
            yield self.programs / f"{name}{ending}"


def find_office() -> Office:
    """The LibreOffice to put PerpDesk into. Raises PerpDeskError with the way out where none can have it."""
    found = [office for folder in candidates() if (office := office_at(folder)) is not None]
    if new := [office for office in found if office.version >= OLDEST_OFFICE]:
        return new[0]
    if found:
        old = max(found, key=lambda office: office.version)
        version = ".".join(map(str, old.version))
        raise PerpDeskError(
            f"LibreOffice {version} at {old.programs} is too old: before {OLDEST} it loses the names of functions in "
            f".xlsx files; {GET_IT}"
        )
    for edition, places in SANDBOXES.items():
        if any(Path(place).expanduser().exists() for place in places):
            raise PerpDeskError(
                f"the {edition} edition of LibreOffice runs in a box, and cannot start PerpDesk's Python from it; "
                f"{GET_IT}"
            )
    raise PerpDeskError(f"LibreOffice was not found; {GET_IT}")


def candidates() -> Iterator[Path]:
    """Folders that may hold LibreOffice's programs: that of `soffice` on the path first, each once."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    folders = [Path(on_path).resolve().parent] if on_path else []
    system = "linux" if sys.platform not in PROGRAM_FOLDERS else sys.platform
    for pattern in PROGRAM_FOLDERS[system]:
        place = Path(pattern).expanduser()
        folders += sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor))), reverse=True)
    yield from dict.fromkeys(folders)


def office_at(programs: Path) -> Office | None:
    """The LibreOffice whose programs lie in a folder, by its own files; None where there is none, or one in a box."""
    if str(programs).startswith(("/snap/", "/var/lib/flatpak/")):
        return None
    for folder in (programs, programs.parent / "Resources"):
        for name in ("bootstraprc", "bootstrap.ini"):
            place = folder / name
            text = place.read_text(encoding="utf-8", errors="replace") if place.is_file() else ""
            if key := re.search(r"^ProductKey=LibreOffice\w* (\d+)\.(\d+)", text, flags=re.MULTILINE):
                return Office(programs, (int(key[1]), int(key[2])))
    return None


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
