"""The steps that put PerpDesk into LibreOffice, and those that take it out; both can be repeated.

A user's LibreOffice gets the extension by its own tool, unopkg. The administrator of a machine without a screen (root,
for whom unopkg refuses to work) unpacks it among the extensions that every user of that LibreOffice has.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from core.errors import PerpDeskError
from core.records import dataclass

from ....version import __version__
from ...steps import Action, File, Removed, Step
from ..build import extension_parts
from ..extension.messages import BrokenError, Link, RefusedError, receive
from ..extension.place import RECORD_INSIDE, Serving
from ..names import EXTENSION, EXTENSION_FILE
from .office import Office

__all__ = ["Added", "Answers", "Installer", "Unpacked", "answer_of"]

PROJECT = Path(__file__).resolve().parents[4]
"""The folder that holds `core`, `xladdin` and `workbooks` of the code that runs now."""

UNREADABLE = "is no record of an installation; remove it and install again"


@dataclass(frozen=True)
class Added:
    """The extension in the LibreOffice of one user, put there by unopkg."""

    office: Office
    source: Path
    profile: str = ""
    """Another profile than the user's own, as `-env:UserInstallation=` names it."""

    @property
    def what(self) -> str:
        """The extension and the tool."""
        return f"extension {EXTENSION} by {self.office.unopkg}"

    def done(self) -> bool:
        """Never: it is added anew, so that what was there is replaced."""
        return False

    def do(self) -> None:
        """Add it, in place of an older one."""
        self._tool("add", "--force", "--suppress-license", str(self.source))

    def gone(self) -> bool:
        """Whether LibreOffice does not know it."""
        return EXTENSION not in self._tool("list")

    def undo(self) -> None:
        """Remove it."""
        self._tool("remove", EXTENSION)

    def _tool(self, verb: str, *words: str) -> str:
        profile = [f"-env:UserInstallation={self.profile}"] if self.profile else []
        return self.office.extension_tool(verb, *profile, *words)


@dataclass(frozen=True)
class Unpacked:
    """The extension in a folder of its own, with the record in it; the folder goes again when it is empty."""

    folder: Path
    parts: dict[str, str] = field(repr=False)

    @property
    def what(self) -> str:
        """The folder."""
        return f"extension in {self.folder}"

    def done(self) -> bool:
        """All files there, each with its content."""
        return all((self.folder / name).is_file() and self._same(name) for name in self.parts)

    def do(self) -> None:
        """Write every file."""
        for name, text in self.parts.items():
            File(self.folder / name, text.encode()).do()

    def gone(self) -> bool:
        """No file of it there."""
        return not any((self.folder / name).exists() for name in self.parts)

    def undo(self) -> None:
        """Delete its files, what Python made of them, and the folders that are empty then."""
        for name in self.parts:
            (self.folder / name).unlink(missing_ok=True)
        for made in self.folder.rglob("__pycache__/*.pyc"):
            made.unlink()
        folders = sorted((each for each in self.folder.rglob("*") if each.is_dir()), reverse=True)
        for each in (*folders, self.folder):
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()

    def _same(self, name: str) -> bool:
        return (self.folder / name).read_bytes() == self.parts[name].encode()


@dataclass(frozen=True)
class Answers:
    """One answer of the worker as the extension starts it. It is asked each time and leaves nothing."""

    serving: Serving

    @property
    def what(self) -> str:
        """The call."""
        return "one answer of the worker"

    def done(self) -> bool:
        """Not before it was asked."""
        return False

    def do(self) -> None:
        """Ask for the version. Raises PerpDeskError."""
        said = answer_of(self.serving)
        if said != __version__:
            raise PerpDeskError(f"the worker says version {said}, and {__version__} was installed")


@dataclass(frozen=True)
class Installer:
    """Puts PerpDesk into one LibreOffice, and takes it out."""

    office: Office
    record: Path
    """The user's record, which the extension reads to find the Python that answers."""
    for_all: bool = False
    """Whether for every user of this LibreOffice, by unpacking; else for this one, by unopkg."""
    profile: str = ""
    project: Path = PROJECT

    @property
    def serving(self) -> Serving:
        """The Python that runs this, and the code that it runs."""
        return Serving(sys.executable, str(self.project))

    def installation(self) -> list[Step]:
        """What is to do. The record comes first, so that an installation that was interrupted can be taken out."""
        if not self.office.runs_python:
            raise PerpDeskError(
                f"LibreOffice at {self.office.programs} cannot run Python; on Debian or Ubuntu run "
                "`sudo apt install python3-uno`, on Fedora install libreoffice-pyuno"
            )
        made = self._made()
        steps: list[Step] = [*self._left_behind(made), File(self.record, self._written(made)), made]
        return [*(step for step in steps if not step.done()), Answers(self.serving)]

    def removal(self) -> list[Step]:
        """What is to do until nothing is left: what the record tells, then the record."""
        read = self._read()
        if read is None:
            return []
        steps: list[Step] = [Removed(self._recorded(read)), Removed(File(self.record, b""))]
        return [step for step in steps if not step.done()]

    def take(self, steps: Sequence[Step], told: Callable[[str], None]) -> None:
        """Take steps, and tell each before. Raises PerpDeskError, and takes none, while LibreOffice runs."""
        if self.office.running():
            raise PerpDeskError("LibreOffice is open; close all its windows and run the same command again")
        for step in steps:
            told(step.what)
            try:
                step.do()
            except OSError as error:
                raise PerpDeskError(f"{step.what} could not be done: {error}; mend that and run it again") from error

    def status(self) -> dict[str, Any]:
        """What the record says, and what of it is not there any more."""
        read = self._read()
        if read is None:
            return {"installed": False, "version": "", "made": [], "missing": []}
        made = self._recorded(read)
        found = {made.what: made.gone(), f"Python {read['python']}": not Path(read["python"]).exists()}
        return {
            "installed": True,
            "version": read["version"],
            "made": list(found),
            "missing": [what for what, missing in found.items() if missing],
        }

    def _made(self) -> Action:
        if not self.for_all:
            source = self.project / "workbooks" / EXTENSION_FILE
            if not source.is_file():
                raise PerpDeskError(f"there is no {source}; install from the release")
            return Added(self.office, source, self.profile)
        serving = json.dumps(self.serving._asdict(), indent=2, ensure_ascii=False) + "\n"
        return Unpacked(self.office.bundled / "PerpDesk", {**extension_parts(), RECORD_INSIDE: serving})

    def _written(self, made: Action) -> bytes:
        what = {"folder": str(made.folder), "files": list(made.parts)} if isinstance(made, Unpacked) else {}
        told = {"version": __version__, **self.serving._asdict(), "office": str(self.office.programs), **what}
        return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()

    def _read(self) -> dict[str, Any] | None:
        try:
            read = json.loads(self.record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise PerpDeskError(f"{self.record} {UNREADABLE}") from error
        if not isinstance(read, dict) or not {"version", "python", "project", "office"} <= read.keys():
            raise PerpDeskError(f"{self.record} {UNREADABLE}")
        return read

    def _recorded(self, read: dict[str, Any]) -> Action:
        """What a record tells was made."""
        if "folder" in read:
            return Unpacked(Path(read["folder"]), dict.fromkeys(read["files"], ""))
        return Added(Office(Path(read["office"]), self.office.version), Path(), self.profile)

    def _left_behind(self, made: Action) -> list[Step]:
        """What an earlier installation made elsewhere, in another LibreOffice or by the other way."""
        read = self._read()
        before = None if read is None else self._recorded(read)
        return [] if before is None or before.what == made.what else [Removed(before)]


def answer_of(serving: Serving) -> str:
    """The version that a fresh worker says. Raises PerpDeskError with its last words."""
    process = subprocess.Popen(
        serving.command,
        cwd=serving.project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        incoming, outgoing, errors = process.stdout, process.stdin, process.stderr
        assert incoming is not None
        assert outgoing is not None
        assert errors is not None
        try:
            shown = Link(lambda: receive(incoming), outgoing, {}).ask("call", "PERP_VERSION")
        except (BrokenError, RefusedError) as error:
            words = errors.read().decode(errors="replace").strip().splitlines() or [str(error)]
            raise PerpDeskError(f"PerpDesk's Python could not answer: {words[-1]}") from error
        finally:
            with suppress(BrokenPipeError):  # what it was still to be told matters no more
                outgoing.close()
    return str(shown.cells()[0][0])
