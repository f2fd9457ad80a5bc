"""What `perpdesk excel` and `perpdesk calc` have in common: steps taken or listed, and how an installation stands."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..steps import Step
from .told import console

__all__ = ["Installer", "show_status", "take"]


class Installer(Protocol):
    """Puts PerpDesk into a host, and takes it out."""

    def take(self, steps: Sequence[Step], told: Callable[[str], None]) -> None:
        """Take steps, and tell each before it is taken."""

    def status(self) -> dict[str, Any]:
        """Whether it is installed, its version, what it made, and what of that is missing."""


def take(installer: Installer, steps: Sequence[Step], ended: str, given: Namespace) -> None:
    """Take the steps of an installation or a removal, or list them."""
    if not given.dry_run:
        installer.take(steps, _unsaid if given.as_json else console.step)
    if given.as_json:
        listed = [step.what for step in steps]
        console.as_json({"taken": not given.dry_run, "steps": listed})
    elif given.dry_run:
        for step in steps:
            console.say(step.what)
    else:
        console.say(ended)


def show_status(installer: Installer, host: str, given: Namespace) -> bool:
    """Say what is installed in a host; False when it is not, or not whole."""
    found = installer.status()
    if given.as_json:
        console.as_json(found)
    elif not found["installed"]:
        console.say(f"PerpDesk is not installed in {host}")
    else:
        console.say(f"PerpDesk {found['version']} is installed in {host}")
        for what in found["made"]:
            console.say(f"  {'missing' if what in found['missing'] else 'there  '}  {what}")
    return bool(found["installed"]) and not found["missing"]


def _unsaid(_: str) -> None:
    """A step that is told at the end, with the others."""
