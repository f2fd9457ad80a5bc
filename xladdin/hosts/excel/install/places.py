r"""Where on this computer the parts of an installation lie; no place needs an administrator.

Windows   %LOCALAPPDATA%\PerpDesk               the record, and a folder for each version
          %APPDATA%\Microsoft\Excel\XLSTART     the add-in: Excel opens what lies there, and trusts it
macOS     ~/Library/Application Support/PerpDesk, and Excel's own start folder
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import PerpDeskError
from core.records import dataclass

from ..identity import ADDIN_FILE

__all__ = ["PROJECT", "Places", "places"]

PROJECT = Path(__file__).resolve().parents[4]
"""The folder that holds `core`, `xladdin` and `workbooks` of the code that runs now."""

MAC_STARTUP = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"


@dataclass(frozen=True)
class Places:
    """The folders and programs of one installation."""

    system: str
    """`win32` or `darwin`, as `sys.platform` says it."""
    base: Path
    """PerpDesk's folder in the user's own."""
    startup: Path
    """Excel opens every workbook in it."""
    python: Path
    """The Python that runs now; its windowless brother serves Excel."""
    project: Path = PROJECT
    scripts: Path | None = None
    """On macOS, the only folder from which Excel may run a script."""

    @property
    def record(self) -> Path:
        """The record of what was installed."""
        return self.base / "install.json"

    @property
    def own(self) -> Path | None:
        """The version's own folder, when this code and its Python stand in it; None when they are somebody's else."""
        inside = self.project.is_relative_to(self.base) and self.python.is_relative_to(self.base)
        return self.base / self.project.relative_to(self.base).parts[0] if inside else None

    @property
    def server_python(self) -> Path:
        """Python without a window, in the folder of the one that runs now."""
        return self.python.with_name("pythonw.exe")

    @property
    def addin(self) -> Path:
        """The add-in, where Excel finds it."""
        return self.startup / ADDIN_FILE

    @property
    def addin_source(self) -> Path:
        """The add-in, where the project has it."""
        return self.project / "workbooks" / ADDIN_FILE


def places() -> Places:
    """The places of the user who runs this. Raises PerpDeskError where there is no Excel."""
    python = Path(sys.executable)
    if sys.platform == "win32":
        local, roaming = Path(os.environ["LOCALAPPDATA"]), Path(os.environ["APPDATA"])
        return Places(sys.platform, local / "PerpDesk", roaming / "Microsoft" / "Excel" / "XLSTART", python)
    if sys.platform == "darwin":
        home = Path.home()
        base = home / "Library" / "Application Support" / "PerpDesk"
        return Places(sys.platform, base, home / MAC_STARTUP, python, scripts=home / MAC_SCRIPTS)
    raise PerpDeskError("there is no Excel on this system; the command line and LibreOffice Calc do all of it")
