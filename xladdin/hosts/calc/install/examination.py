"""What the doctor looks at where LibreOffice is: its edition, the extension, and the Python that answers."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import PerpDeskError

from ....doctor import Finding
from ....version import __version__
from ..extension.place import serving
from .plan import Installer, answer_of

__all__ = ["examine_calc"]

INSTALL_AGAIN = "close LibreOffice and run `perpdesk calc install`"


def examine_calc(installer: Installer) -> Iterator[Finding]:
    """The findings about an installation, in the order in which LibreOffice meets them."""
    office = installer.office
    version = ".".join(map(str, office.version))
    yield Finding("LibreOffice", f"{version} at {office.programs}", True)
    remedy = "on Debian or Ubuntu run `sudo apt install python3-uno`, on Fedora install libreoffice-pyuno"
    yield Finding("Python in LibreOffice", "there" if office.runs_python else "missing", office.runs_python, remedy)
    status = installer.status()
    if not status["installed"]:
        yield Finding("Extension", "not installed", False, INSTALL_AGAIN)
        return
    same = status["version"] == __version__
    yield Finding("Extension", f"version {status['version']}, this is {__version__}", same, INSTALL_AGAIN)
    for what in status["missing"]:
        yield Finding("Installation", f"{what} is gone", False, INSTALL_AGAIN)
    try:
        said = answer_of(serving(installer.record))
    except (LookupError, PerpDeskError) as error:
        yield Finding("Worker", str(error), False, INSTALL_AGAIN)
    else:
        yield Finding("Worker", f"answers, version {said}", said == __version__, INSTALL_AGAIN)
