"""`perpdesk excel`: put the add-in into the Excel of this user, take it out, and say how it stands."""

from __future__ import annotations

from typing import Annotated

import typer

from ..excel.install.places import places
from ..excel.install.plan import Installer
from ..excel.install.programs import MacPrograms, WindowsPrograms
from ..excel.install.registry import MACHINE, USER, Registry
from . import console
from .installation import DryRun, Json, show_status, take

__all__ = ["excel"]

excel = typer.Typer(no_args_is_help=True, help="The add-in for Excel: install, uninstall, status.")

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
        take(installer, installer.installation(loops=loops), "PerpDesk is in Excel; start it", dry_run, as_json)


@excel.command()
def uninstall(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take out of Excel exactly what was put in."""
    with console.reasons_told():
        installer = _installer()
        take(installer, installer.removal(), "PerpDesk is out of Excel", dry_run, as_json)


@excel.command()
def status(as_json: Json = False) -> None:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    with console.reasons_told():
        show_status(_installer(), "Excel", as_json)


def _installer(*, all_users: bool = False) -> Installer:
    """For this user, on this system. Raises PerpDeskError where there is no Excel."""
    here = places()
    programs = WindowsPrograms() if here.system == "win32" else MacPrograms()
    return Installer(here, programs, Registry(MACHINE if all_users else USER))
