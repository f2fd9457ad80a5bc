"""What `perpdesk excel` and `perpdesk calc` have in common: steps taken or listed, and how an installation stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol

import typer

from ..steps import Step
from . import console

__all__ = ["DryRun", "Installer", "Json", "show_status", "take"]

DryRun = Annotated[bool, typer.Option("--dry-run", help="List the steps, and take none.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


class Installer(Protocol):
    """Puts PerpDesk into a host, and takes it out."""

    def take(self, steps: Sequence[Step], told: Callable[[str], None]) -> None:
        """Take steps, and tell each before it is taken."""

    def status(self) -> dict[str, Any]:
        """Whether it is installed, its version, what it made, and what of that is missing."""


def take(installer: Installer, steps: Sequence[Step], ended: str, dry_run: bool, as_json: bool) -> None:
    """Take the steps of an installation or a removal, or list them."""
    if not dry_run:
        installer.take(steps, _unsaid if as_json else console.step)
    if as_json:
        listed = [step.what for step in steps]
        typer.echo(json.dumps({"taken": not dry_run, "steps": listed}, ensure_ascii=False))
    elif dry_run:
        for step in steps:
            typer.echo(step.what)
    else:
        typer.echo(ended)


def show_status(installer: Installer, host: str, as_json: bool) -> None:
    """Say what is installed in a host; exit code 1 when it is not, or not whole."""
    found = installer.status()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif not found["installed"]:
        typer.echo(f"PerpDesk is not installed in {host}")
    else:
        typer.echo(f"PerpDesk {found['version']} is installed in {host}")
        for what in found["made"]:
            typer.echo(f"  {'missing' if what in found['missing'] else 'there  '}  {what}")
    if found["missing"] or not found["installed"]:
        raise typer.Exit(1)


def _unsaid(_: str) -> None:
    """A step that is told at the end, with the others."""
