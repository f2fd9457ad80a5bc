"""`perpdesk calc`: put the extension into LibreOffice, take it out, and say how it stands."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Annotated

import typer

from ..calc.extension.place import user_record
from ..calc.install.examination import examine_calc
from ..calc.install.office import find_office
from ..calc.install.plan import Installer
from ..excel.install.actions import Step
from . import console

__all__ = ["calc"]

calc = typer.Typer(no_args_is_help=True, help="The extension for LibreOffice: install, uninstall, status, doctor.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="List the steps, and take none.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@calc.command()
def install(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Put PerpDesk into LibreOffice; run it again to repair or to upgrade. Root installs it for every user."""
    with console.reasons_told():
        installer = _installer()
        _take(installer, installer.installation(), "PerpDesk is in LibreOffice; start Calc", dry_run, as_json)


@calc.command()
def uninstall(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take out of LibreOffice exactly what was put in."""
    with console.reasons_told():
        installer = _installer()
        _take(installer, installer.removal(), "PerpDesk is out of LibreOffice", dry_run, as_json)


@calc.command()
def status(as_json: Json = False) -> None:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    with console.reasons_told():
        found = _installer().status()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif not found["installed"]:
        typer.echo("PerpDesk is not installed in LibreOffice")
    else:
        typer.echo(f"PerpDesk {found['version']} is installed in LibreOffice")
        for what in found["made"]:
            typer.echo(f"  {'missing' if what in found['missing'] else 'there  '}  {what}")
    if found["missing"] or not found["installed"]:
        raise typer.Exit(1)


@calc.command()
def doctor(as_json: Json = False) -> None:
    """Look whether LibreOffice has all that the functions need; exit code 1 when something is to mend."""
    with console.reasons_told():
        findings = list(examine_calc(_installer()))
    console.show_findings(findings, as_json=as_json)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _take(installer: Installer, steps: Sequence[Step], ended: str, dry_run: bool, as_json: bool) -> None:
    """Take the steps of an installation or a removal, or list them."""
    if not dry_run:
        installer.take(steps, _unsaid if as_json else console.step)
    if as_json:
        typer.echo(json.dumps({"taken": not dry_run, "steps": [step.what for step in steps]}, ensure_ascii=False))
    elif dry_run:
        for step in steps:
            typer.echo(step.what)
    else:
        typer.echo(ended)


def _unsaid(_: str) -> None:
    """A step that is told at the end, with the others."""


def _installer() -> Installer:
    """For this user, or as root for all of them. Raises PerpDeskError where no LibreOffice can have it."""
    return Installer(find_office(), user_record(), for_all=hasattr(os, "geteuid") and os.geteuid() == 0)
