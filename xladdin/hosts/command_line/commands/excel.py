"""`perpdesk excel`: put the add-in into the Excel of this user, take it out, and say how it stands."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING

from ..typed.arguments import JSON, STEPS_ONLY
from ..typed.declared import Group, argument, command

if TYPE_CHECKING:
    from ...excel.install.plan import Installer

__all__ = ["excel"]


@command(
    STEPS_ONLY,
    JSON,
    argument("--all-users", action="store_true", help="Register the server for every user; needs an administrator."),
    argument(
        "--loops",
        action=BooleanOptionalAction,
        default=True,
        help="Compile the loops now, or when a server first has time for it.",
    ),
)
def install(given: Namespace) -> bool:
    """Put PerpDesk into Excel; run it again to repair or to upgrade."""
    from ..installation import take

    installer = _installer(all_users=given.all_users)
    take(installer, installer.installation(loops=given.loops), "PerpDesk is in Excel; start it", given)
    return True


@command(STEPS_ONLY, JSON)
def uninstall(given: Namespace) -> bool:
    """Take out of Excel exactly what was put in."""
    from ..installation import take

    installer = _installer()
    take(installer, installer.removal(), "PerpDesk is out of Excel", given)
    return True


@command(JSON)
def status(given: Namespace) -> bool:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    from ..installation import show_status

    return show_status(_installer(), "Excel", given)


excel = Group("excel", "The add-in for Excel: install, uninstall, status.", (install, uninstall, status))


def _installer(*, all_users: bool = False) -> Installer:
    """For this user, on this system. Raises PerpDeskError where there is no Excel."""
    from ...excel.install.places import places
    from ...excel.install.plan import Installer
    from ...excel.install.programs import MacPrograms, WindowsPrograms
    from ...excel.install.registry import MACHINE, USER, Registry

    here = places()
    programs = WindowsPrograms() if here.system == "win32" else MacPrograms()
    return Installer(here, programs, Registry(MACHINE if all_users else USER))
