"""The doctor: is everything here that PerpDesk needs, and is it the right one? Each finding names its remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import core

from .version import __version__

__all__ = ["Finding", "examine"]

OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "perpdesk"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, what was found, whether that is well, and what to do where it is not."""

    subject: str
    found: str
    well: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """All findings, the vital ones first. What is merely optional is well even where it is missing."""
    return [_python(), _core(), *_packages(), _calc(), _excel()]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python", f"{found} at {sys.executable}", sys.version_info >= OLDEST_PYTHON, "install Python 3.11 or newer"
    )


def _core() -> Finding:
    folder = Path(core.__file__).parent
    own = folder.parent == Path(__file__).parents[1]
    return Finding(
        "PerpDesk's core", f"{__version__} at {folder}", own, f"another package named core is in the way: {folder}"
    )


def _packages() -> Iterator[Finding]:
    """The packages that the installed PerpDesk asks for, markers and extras aside."""
    try:
        requirements = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("Installation", "run from its folder", True, "")
        return
    for requirement in requirements:
        if ";" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        try:
            yield Finding(name, importlib.metadata.version(name), True)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "missing", False, "run `python3 install/bootstrap.py demo` again")


def _calc() -> Finding:
    return Finding(
        "LibreOffice Calc", shutil.which("soffice") or "not found (only needed to use PerpDesk in Calc)", True
    )


def _excel() -> Finding:
    if platform.system() not in ("Windows", "Darwin"):
        return Finding("Excel", "not on this system (Windows and macOS only)", True)
    there = importlib.util.find_spec("xlwings") is not None
    return Finding("xlwings for Excel", "installed" if there else "missing", there, "run the installer again")
