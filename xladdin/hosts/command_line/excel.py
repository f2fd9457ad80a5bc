"""`perpdesk excel`: put the add-in into the Excel of this user, take it out, and say how it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from ..excel.install.actions import Step
from ..excel.install.places import places
from ..excel.install.plan import Installer
from ..excel.install.programs import MacPrograms, WindowsPrograms
from ..excel.install.registry import MACHINE, USER, Registry
from . import console

__all__ = ["excel"]

excel = typer.Typer(no_args_is_help=True, help="The add-in for Excel: install, uninstall, status.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="List the steps, and take none.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
AllUsers = Annotated[
    bool, typer.Option("--all-users", help="Register the server for every user; needs an administrator.")
]


Loops = Annotated[
    bool, typer.Option("--loops/--no-loops", help="Compile the loops now, or when a server first has time for it.")
]


@excel.command()
def install(dry_run: DryRun = False, as_json: Json = False, all_users: AllUsers = False, loops: Loops = True) -> None:
    """Put PerpDesk into Excel; run it again to repair or to upgrade."""
    with console.reasons_told():
        installer = _installer(all_users=all_users)
        _take(installer, installer.installation(loops=loops), "PerpDesk is in Excel; start it", dry_run, as_json)


@excel.command()
def uninstall(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take out of Excel exactly what was put in."""
    with console.reasons_told():
        installer = _installer()
        _take(installer, installer.removal(), "PerpDesk is out of Excel", dry_run, as_json)


@excel.command()
def status(as_json: Json = False) -> None:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    with console.reasons_told():
        found = _installer().status()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif not found["installed"]:
        typer.echo("PerpDesk is not installed in Excel")
    else:
        typer.echo(f"PerpDesk {found['version']} is installed in Excel")
        for what in found["made"]:
            typer.echo(f"  {'missing' if what in found['missing'] else 'there  '}  {what}")
    if found["missing"] or not found["installed"]:
        raise typer.Exit(1)


def _take(installer: Installer, steps: Sequence[Step], ended: str, dry_run: bool, as_json: bool) -> None:
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


def _unsaid(_: str) -> None:
    """A step that is told at the end, with the others."""


def _installer(*, all_users: bool = False) -> Installer:
    """For this user, on this system. Raises PerpDeskError where there is no Excel."""
    here = places()
    programs = WindowsPrograms() if here.system == "win32" else MacPrograms()
    return Installer(here, programs, Registry(MACHINE if all_users else USER))
