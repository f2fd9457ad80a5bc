"""The steps of the installer for Excel: keys and values of the registry, its own folder, its server and loops."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.errors import PerpDeskError
from core.records import dataclass

from .programs import Programs
from .registry import Registry

__all__ = ["Answer", "Folder", "IdleServers", "Key", "Loops", "Value"]

LOOPS_MODULE = "xladdin.hosts.compiled_loops"
"""The module that, run by itself, fills the cache of the compiled loops."""


@dataclass(frozen=True)
class Key:
    """A key of the registry that was not there before."""

    registry: Registry
    key: str

    @property
    def what(self) -> str:
        """The hive and the key."""
        return f"key {self.registry.hive}\\{self.key}"

    def done(self) -> bool:
        """There."""
        return self.registry.has(self.key)

    def do(self) -> None:
        """Make it."""
        self.registry.make(self.key)

    def gone(self) -> bool:
        """Not there."""
        return not self.done()

    def undo(self) -> None:
        """Delete it, unless another has put something into it."""
        self.registry.remove_empty(self.key)


@dataclass(frozen=True)
class Value:
    """A value in the registry."""

    registry: Registry
    key: str
    name: str
    value: str

    @property
    def what(self) -> str:
        """The hive, the key and the value's name."""
        return "value " + "\\".join(filter(None, (self.registry.hive, self.key, self.name)))

    def done(self) -> bool:
        """There, and this one."""
        return self.registry.read(self.key, self.name) == self.value

    def do(self) -> None:
        """Set it."""
        self.registry.write(self.key, self.name, self.value)

    def gone(self) -> bool:
        """Not there, or another's by now: that one is not ours to remove."""
        return not self.done()

    def undo(self) -> None:
        """Delete it; its key is an action of its own."""
        self.registry.remove(self.key, self.name)


@dataclass(frozen=True)
class Folder:
    """PerpDesk's own folder of one version, with its Python. Whoever runs this made it; here it is only removed."""

    path: Path
    programs: Programs

    @property
    def what(self) -> str:
        """The folder."""
        return f"folder {self.path}"

    def done(self) -> bool:
        """There."""
        return self.path.is_dir()

    def do(self) -> None:
        """Never needed: the Python that runs this stands in it."""

    def gone(self) -> bool:
        """Not there."""
        return not self.path.exists()

    def undo(self) -> None:
        """Have it removed as soon as its Python has ended."""
        self.programs.remove_when_ended(self.path)


@dataclass(frozen=True)
class IdleServers:
    """No calculation server of an earlier start: it would answer with the code of then."""

    folder: Path
    programs: Programs

    @property
    def what(self) -> str:
        """Whose servers."""
        return f"end of the calculation servers in {self.folder}"

    def done(self) -> bool:
        """None runs."""
        return not self.programs.servers(self.folder)

    def do(self) -> None:
        """End each."""
        for process in self.programs.servers(self.folder):
            self.programs.end(process)


@dataclass(frozen=True)
class Loops:
    """The compiled loops on disk, so that no cell waits for a compiler; beside the code, and removed with it."""

    stamp: Path

    @property
    def what(self) -> str:
        """The cache, known by the stamp that is left when it is full."""
        return f"compiled loops, {self.stamp}"

    def done(self) -> bool:
        """Filled before."""
        return self.stamp.exists()

    def do(self) -> None:
        """Compile all of them in a process of its own."""
        environment = {**os.environ, "PYTHONUTF8": "1"}
        made = subprocess.run(
            [sys.executable, "-P", "-m", LOOPS_MODULE],
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if made.returncode:
            said = made.stdout.decode(errors="replace").strip().splitlines() or ["nothing was said"]
            raise PerpDeskError(f"the loops could not be compiled: {said[-1]}")
        self.stamp.write_bytes(b"")


@dataclass(frozen=True)
class Answer:
    """One call as the add-in makes it, with the right answer. It is asked each time and leaves nothing."""

    programs: Programs
    version: str

    @property
    def what(self) -> str:
        """The call."""
        return "one answer of the calculation server"

    def done(self) -> bool:
        """Not before it was asked."""
        return False

    def do(self) -> None:
        """Ask. Raises PerpDeskError."""
        said = self.programs.answer()
        if said != self.version:
            raise PerpDeskError(f"the calculation server says version {said}, and {self.version} was installed")
