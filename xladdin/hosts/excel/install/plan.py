"""The steps of an installation and of a removal, in order; what is done is left out, so both can be repeated."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import PerpDeskError
from core.records import dataclass

from ....version import __version__
from ...steps import Action, File, Removed, Step
from ..identity import CLASS_ID, PROGRAM_ID, SERVER_MODULE, SERVER_TITLE
from .actions import Answer, Folder, IdleServers, Key, Loops, Value
from .places import Places
from .programs import Programs
from .record import read_record, recorded, written_record
from .registry import CLASSES, Registry

__all__ = ["Installer", "server_command"]

CLASS_KEYS = ("CLSID", r"Wow6432Node\CLSID")
"""Where a 64-bit and where a 32-bit Excel look up a class."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Installer:
    """Puts PerpDesk into the Excel of one user, and takes it out."""

    places: Places
    programs: Programs
    registry: Registry
    version: str = __version__

    def installation(self, *, loops: bool = True) -> list[Step]:
        """What is still to do until PerpDesk is in Excel; the last step asks the server for an answer each time.

        The record comes first, so that an installation that was interrupted can be taken out.
        """
        actions = list(self._actions())
        record = File(self.places.record, written_record(self.version, actions))
        idle = IdleServers(self.places.base, self.programs)
        steps: list[Step] = [idle, *self._left_behind(actions), record, *actions]
        if loops and self.places.own is not None:
            steps.append(Loops(self.places.own / f"loops-{self.version}"))
        steps.append(Answer(self.programs, self.version))
        return [step for step in steps if not step.done()]

    def removal(self) -> list[Step]:
        """What is still to do until nothing of PerpDesk is left: all that was recorded, the last first."""
        record = read_record(self.places.record)
        if record is None:
            return []
        made = recorded(record, self.programs)
        folders = [action for action in made if isinstance(action, Folder)]
        others = [action for action in reversed(made) if action not in folders]
        steps: list[Step] = [IdleServers(self.places.base, self.programs), *map(Removed, others)]
        steps += [Removed(File(self.places.record, b"")), *map(Removed, folders)]
        return [step for step in steps if not step.done()]

    def take(self, steps: Sequence[Step], told: Told) -> None:
        """Take steps, and tell each before it is taken. Raises PerpDeskError, and takes none, while Excel runs."""
        if self.programs.excel_runs():
            raise PerpDeskError("Excel is open; close it and run the same command again")
        for step in steps:
            told(step.what)
            try:
                step.do()
            except OSError as error:
                raise PerpDeskError(f"{step.what} could not be done: {error}; mend that and run it again") from error

    def status(self) -> dict[str, Any]:
        """What the record says, and what of it is not there any more."""
        record = read_record(self.places.record)
        if record is None:
            return {"installed": False, "version": "", "made": [], "missing": []}
        made = recorded(record, self.programs)
        return {
            "installed": True,
            "version": record["version"],
            "made": [action.what for action in made],
            "missing": [action.what for action in made if action.gone()],
        }

    def _actions(self) -> Iterator[Action]:
        """What an installation leaves."""
        if self.places.own is not None:
            yield Folder(self.places.own, self.programs)
        if self.places.system == "win32":
            values = list(self._server())
            yield from self._keys(values)
            yield from values
        else:
            yield from self._script()
        if not self.places.addin_source.is_file():
            raise PerpDeskError(f"there is no {self.places.addin_source}; install from the release")
        yield File(self.places.addin, self.places.addin_source.read_bytes())

    def _keys(self, values: Sequence[Value]) -> Iterator[Key]:
        """The keys on the way to some values that are not there yet, or were not before an installation of ours."""
        record = read_record(self.places.record)
        ours = {action.what for action in recorded(record, self.programs)} if record else set()
        parts = [value.key.split("\\") for value in values]
        ways = dict.fromkeys("\\".join(way[:depth]) for way in parts for depth in range(1, len(way) + 1))
        for key in (Key(self.registry, way) for way in ways):
            if not key.done() or key.what in ours:
                yield key

    def _server(self) -> Iterator[Value]:
        """The class that `CreateObject` in the add-in finds, and the program that Windows starts for it."""
        yield Value(self.registry, rf"{CLASSES}\{PROGRAM_ID}", "", SERVER_TITLE)
        yield Value(self.registry, rf"{CLASSES}\{PROGRAM_ID}\CLSID", "", CLASS_ID)
        for classes in CLASS_KEYS:
            key = rf"{CLASSES}\{classes}\{CLASS_ID}"
            yield Value(self.registry, key, "", SERVER_TITLE)
            yield Value(self.registry, rf"{key}\ProgID", "", PROGRAM_ID)
            yield Value(self.registry, rf"{key}\LocalServer32", "", server_command(self.places.server_python))

    def _script(self) -> Iterator[Action]:
        """The script through which xlwings lets Excel on macOS start Python."""
        found = importlib.util.find_spec("xlwings")
        if found is None or found.origin is None or self.places.scripts is None:
            raise PerpDeskError("xlwings is missing; run install/install.command again")
        for script in sorted(Path(found.origin).parent.glob("*.applescript")):
            yield File(self.places.scripts / script.name, script.read_bytes())

    def _left_behind(self, actions: Sequence[Action]) -> Iterator[Step]:
        """What an earlier version made and this one does not."""
        record = read_record(self.places.record)
        kept = {action.what for action in actions}
        for action in recorded(record, self.programs) if record else ():
            if action.what not in kept:
                yield Removed(action)


def server_command(python: Path) -> str:
    """What Windows starts; -I keeps the folder of the moment and the variables of another Python out of it."""
    return f'"{python}" -I -X utf8 -m {SERVER_MODULE}'
