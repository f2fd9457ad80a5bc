"""The programs that an installer must know of: is Excel running, does a calculation server live, does it answer."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from core.errors import PerpDeskError

from ..identity import PROGRAM_ID

__all__ = ["MacPrograms", "Programs", "WindowsPrograms"]

DOOR = ("xladdin.hosts.excel.udfs", "answer")
"""The module and the function that the add-in calls, for every sheet function."""

PATIENCE = 120
"""Seconds for which Windows tries to remove the folder of a Python that is just ending."""

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""How Windows starts a program that nobody sees."""

QUERY_AND_READ = 0x0410
TERMINATE = 0x0001


class Programs(Protocol):
    """What an installer asks of the running system."""

    def excel_runs(self) -> bool:
        """Whether Excel is open; it writes its settings, and lets go of the add-in, only as it closes."""

    def servers(self, folder: Path) -> list[int]:
        """Processes of calculation servers that run from a folder."""

    def end(self, process: int) -> None:
        """End a process that runs from PerpDesk's folder."""

    def remove_when_ended(self, folder: Path) -> None:
        """Remove a folder once this Python, which may run from it, has ended; its parent too, if that is empty."""

    def answer(self) -> str:
        """What the registered server says to `PERP_VERSION`, called as the add-in calls it. Raises PerpDeskError."""


class WindowsPrograms:
    """Through pywin32, which Excel on Windows needs anyway."""

    def excel_runs(self) -> bool:
        """Whether a process of this machine is EXCEL.EXE."""
        return any(path.name.upper() == "EXCEL.EXE" for path in self._running().values())

    def servers(self, folder: Path) -> list[int]:
        """Processes of pythonw.exe in the folder or below."""
        return [
            process
            for process, path in self._running().items()
            if path.name.lower() == "pythonw.exe" and path.is_relative_to(folder)
        ]

    def end(self, process: int) -> None:
        """End it at once; it holds nothing that could be lost."""
        api = importlib.import_module("win32api")
        api.TerminateProcess(api.OpenProcess(TERMINATE, False, process), 1)

    def remove_when_ended(self, folder: Path) -> None:
        """Windows deletes no program that runs, so its own shell tries until this one has ended."""
        # ping is the shell's only way to wait that needs no console.
        once_a_second = f'rmdir /s /q "{folder}" & if not exist "{folder}" (rmdir "{folder.parent}" & exit)'
        loop = f"for /l %i in (1,1,{PATIENCE}) do ({once_a_second} & ping -n 2 127.0.0.1 >nul)"
        subprocess.Popen(
            f'cmd.exe /d /c "{loop}"',
            cwd=os.environ.get("TEMP"),
            creationflags=NO_WINDOW,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def answer(self) -> str:
        """Windows starts the server that the registry names, as it does for `CreateObject` in the add-in."""
        client = importlib.import_module("win32com.client")
        failed = importlib.import_module("pywintypes").com_error
        try:
            return str(client.Dispatch(PROGRAM_ID).CallUDF(*DOOR, ("install", "PERP_VERSION")))
        except failed as error:
            raise PerpDeskError(f"Windows could not start the calculation server: {error}") from error

    def _running(self) -> dict[int, Path]:
        """Program file of each process that this user may look at."""
        processes, api = importlib.import_module("win32process"), importlib.import_module("win32api")
        refused = importlib.import_module("pywintypes").error
        found: dict[int, Path] = {}
        for process in processes.EnumProcesses():
            try:
                handle: Any = api.OpenProcess(QUERY_AND_READ, False, process)
                found[process] = Path(processes.GetModuleFileNameEx(handle, 0))
            except refused:
                continue  # another user's, or the system's
        return found


class MacPrograms:
    """On macOS there is no server: xlwings starts Python for a job and waits for it."""

    def excel_runs(self) -> bool:
        """Whether a process of this machine bears Excel's name."""
        return subprocess.run(["pgrep", "-x", "Microsoft Excel"], check=False, capture_output=True).returncode == 0

    def servers(self, folder: Path) -> list[int]:
        """None."""
        return []

    def end(self, process: int) -> None:
        """Nothing to end."""

    def remove_when_ended(self, folder: Path) -> None:
        """At once: a running program may be removed here. Its parent stays unless it is empty."""
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        subprocess.run(["rmdir", str(folder.parent)], check=False, capture_output=True)

    def answer(self) -> str:
        """The version that a fresh Python says, as `RunPython` would start it."""
        said = subprocess.run(
            [sys.executable, "-P", "-c", "import xladdin; print(xladdin.call('PERP_VERSION'))"],
            check=False,
            capture_output=True,
            text=True,
        )
        if said.returncode:
            raise PerpDeskError(f"PerpDesk's Python could not answer: {said.stderr.strip().splitlines()[-1]}")
        return said.stdout.strip()
