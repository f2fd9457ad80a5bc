"""The doctor: is everything here that PerpDesk needs, and is it the right one? Each finding names its remedy."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import core
from core.records import dataclass

from .version import __version__

__all__ = ["Finding", "examine"]

OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "perpdesk"

LOCK = Path(__file__).parents[1] / "install" / "requirements.lock"
INSTALL_AGAIN = "run the installer again, or `python3 install/bootstrap.py demo`"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, what was found, whether that is well, and what to do where it is not."""

    subject: str
    found: str
    well: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """All findings, the vital ones first. What is merely optional is well even where it is missing."""
    return [_python(), _core(), *_packages(), _live_data(), _calc()]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    bits = 64 if sys.maxsize > 2**32 else 32
    well = sys.version_info >= OLDEST_PYTHON and bits == 64
    return Finding(
        "Python", f"{found}, {bits} bits, at {sys.executable}", well, "install a 64-bit Python 3.11 or newer"
    )


def _core() -> Finding:
    folder = Path(core.__file__).parent
    own = folder.parent == Path(__file__).parents[1]
    return Finding(
        "PerpDesk's core", f"{__version__} at {folder}", own, f"another package named core is in the way: {folder}"
    )


def _packages() -> Iterator[Finding]:
    """The packages that the installed PerpDesk asks for, markers and extras aside; in its folder, those locked."""
    try:
        requirements = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield _locked()
        return
    for requirement in requirements:
        if ";" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        version = _version(name)
        yield Finding(name, version or "missing", bool(version), "" if version else INSTALL_AGAIN)


def _locked() -> Finding:
    """Whether the packages of the lock are there; one that a system does without may be missing, others are told."""
    pins: dict[str, set[str]] = defaultdict(set)
    needed: set[str] = set()
    for line in LOCK.read_text(encoding="utf-8").splitlines() if LOCK.is_file() else ():
        pin, _, marker = line.partition(";")
        name, _, version = pin.strip().partition("==")
        if version:
            pins[name].add(version)
            if not marker:
                needed.add(name)
    found = {name: _version(name) for name in pins}
    other = [
        f"{name} {version or 'missing'} (tested with {' or '.join(sorted(pins[name]))})"
        for name, version in found.items()
        if version not in pins[name] and (version or name in needed)
    ]
    missing = any(not found[name] for name in needed)
    return Finding("Packages", "; ".join(other) or f"{len(pins)}, as tested", not missing, INSTALL_AGAIN)


def _version(name: str) -> str:
    """The version that is installed; empty where none is."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _live_data() -> Finding:
    version = _version("ccxt")
    missing = 'no ccxt (only needed to read exchanges: pip install "perpdesk[feeds]")'
    return Finding("Live data", f"ccxt {version}" if version else missing, True)


def _calc() -> Finding:
    return Finding(
        "LibreOffice Calc", shutil.which("soffice") or "not found (only needed to use PerpDesk in Calc)", True
    )
