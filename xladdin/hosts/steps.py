"""The steps of an installer: each can say what it does, whether that is done already, and do it.

What a step leaves behind, a file, a value, a folder, it can also take away again; that is an action. Steps of one host
stand with its installer.
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Protocol

from core.errors import PerpDeskError
from core.records import dataclass

__all__ = ["Action", "File", "Removed", "Step", "marked"]


class Step(Protocol):
    """One step of putting PerpDesk in or taking it out."""

    @property
    def what(self) -> str:
        """What it does, in a few words and with full names."""

    def done(self) -> bool:
        """Whether that is so already."""

    def do(self) -> None:
        """See to it. Raises PerpDeskError or OSError."""


class Action(Step, Protocol):
    """A step that leaves something behind, and can take it away."""

    def gone(self) -> bool:
        """Whether nothing of it is there."""

    def undo(self) -> None:
        """Take it away."""


@dataclass(frozen=True)
class File:
    """A file of ours. It is written, never copied: a copy would carry along that its source came from the internet."""

    path: Path
    content: bytes = field(repr=False)

    @property
    def what(self) -> str:
        """The file."""
        return f"file {self.path}"

    def done(self) -> bool:
        """There with this content, and not marked as from the internet."""
        return self.path.is_file() and self.path.read_bytes() == self.content and not marked(self.path)

    def do(self) -> None:
        """Write it beside its place and move it there, which leaves any mark of the old file behind."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(self.content)
        new.replace(self.path)
        if marked(self.path):
            raise PerpDeskError(f"{self.path} is marked as from the internet; unblock it in its properties in Explorer")

    def gone(self) -> bool:
        """Not there, whatever it held."""
        return not self.path.exists()

    def undo(self) -> None:
        """Delete it; folders stay, for Excel and the system own them."""
        self.path.unlink()


@dataclass(frozen=True)
class Removed:
    """The taking away of what another action made, as a step of its own."""

    made: Action

    @property
    def what(self) -> str:
        """What goes."""
        return f"removal of {self.made.what}"

    def done(self) -> bool:
        """Gone."""
        return self.made.gone()

    def do(self) -> None:
        """Take it away."""
        self.made.undo()


def marked(path: Path) -> bool:
    """Whether Windows holds a file for one from the internet: Office then loads no macros of it, without a word."""
    return Path(f"{path}:Zone.Identifier").exists()
