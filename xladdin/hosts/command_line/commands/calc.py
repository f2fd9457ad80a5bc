"""`perpdesk calc`: put the extension into LibreOffice, take it out, and say how it stands."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING

from ..typed.arguments import JSON, STEPS_ONLY
from ..typed.declared import Group, command

if TYPE_CHECKING:
    from ...calc.install.plan import Installer

__all__ = ["calc"]


@command(STEPS_ONLY, JSON)
def install(given: Namespace) -> bool:
    """Put PerpDesk into LibreOffice; run it again to repair or to upgrade. Root installs it for every user."""
    from ..installation import take

    installer = _installer()
    take(installer, installer.installation(), "PerpDesk is in LibreOffice; start Calc", given)
    return True


@command(STEPS_ONLY, JSON)
def uninstall(given: Namespace) -> bool:
    """Take out of LibreOffice exactly what was put in."""
    from ..installation import take

    installer = _installer()
    take(installer, installer.removal(), "PerpDesk is out of LibreOffice", given)
    return True


@command(JSON)
def status(given: Namespace) -> bool:
    """Say what is installed; exit code 1 when it is not, or not whole."""
    from ..installation import show_status

    return show_status(_installer(), "LibreOffice", given)


@command(JSON)
def doctor(given: Namespace) -> bool:
    """Look whether LibreOffice has all that the functions need; exit code 1 when something is to mend."""
    from ...calc.install.examination import examine_calc
    from ..told.findings import show_findings

    return show_findings(list(examine_calc(_installer())), as_json=given.as_json)


calc = Group(
    "calc",
    "The extension for LibreOffice: install, uninstall, status, doctor.",
    (install, uninstall, status, doctor),
)


def _installer() -> Installer:
    """For this user, or as root for all of them. Raises PerpDeskError where no LibreOffice can have it."""
    from ...calc.extension.place import user_record
    from ...calc.install.office import find_office
    from ...calc.install.plan import Installer

    return Installer(find_office(), user_record(), for_all=hasattr(os, "geteuid") and os.geteuid() == 0)
