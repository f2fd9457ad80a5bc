"""`perpdesk calc`: put the extension into LibreOffice, take it out, and say how it stands."""

from __future__ import annotations

import os

import typer

from ..calc.extension.place import user_record
from ..calc.install.examination import examine_calc
from ..calc.install.office import find_office
from ..calc.install.plan import Installer
from . import console
from .installation import DryRun, Json, show_status, take

__all__ = ["calc"]

calc = typer.Typer(no_args_is_help=True, help="The extension for LibreOffice: install, uninstall, status, doctor.")


@calc.command()
def install(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Put PerpDesk into LibreOffice; run it again to repair or to upgrade. Root installs it for every user."""
    with console.reasons_told():
        installer = _installer()
        take(installer, installer.installation(), "PerpDesk is in LibreOffice; start Calc", dry_run, as_json)


@calc.command()
def uninstall(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take out of LibreOffice exactly what was put in."""
    with console.reasons_told():
        installer = _installer()
        take(installer, installer.removal(), "PerpDesk is out of LibreOffice", dry_run, as_json)


@calc.command()
def status(as_json: Json = False) -> None:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    with console.reasons_told():
        show_status(_installer(), "LibreOffice", as_json)


@calc.command()
def doctor(as_json: Json = False) -> None:
    """Look whether LibreOffice has all that the functions need; exit code 1 when something is to mend."""
    with console.reasons_told():
        findings = list(examine_calc(_installer()))
    console.show_findings(findings, as_json=as_json)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _installer() -> Installer:
    """For this user, or as root for all of them. Raises PerpDeskError where no LibreOffice can have it."""
    return Installer(find_office(), user_record(), for_all=hasattr(os, "geteuid") and os.geteuid() == 0)
