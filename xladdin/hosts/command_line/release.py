"""The release: one zip with all that a person needs to install and use PerpDesk, the same bytes on any machine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import PerpDeskError

from ...version import __version__

__all__ = ["PROJECT", "build_release"]

PROJECT = Path(__file__).resolve().parents[3]
"""The top of the project, where it stands as such."""

FOLDERS = ("core", "docs", "install", "workbooks", "xladdin")
FILES = ("CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml")
LEFT_OUT = {Path("install/lock.py"), Path("install/requirements-dev.lock")}
TRACES = {".bak"}
CACHES = "__pycache__"
RUNNABLE = {".command", ".sh"}

NO_TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3
"""Whose permissions the zip states; macOS will not start a script that is not allowed to run."""


def build_release(folder: Path = Path("dist")) -> Path:
    """`PerpDesk-VERSION.zip` in a folder. Packed without compression: every compressor writes other bytes.

    Raises PerpDeskError where the project is not whole, as in an installed package.
    """
    missing = [name for name in (*FOLDERS, *FILES) if not (PROJECT / name).exists()]
    if missing:
        raise PerpDeskError(f"{PROJECT} has no {', '.join(missing)}; build the release from the project's own folder")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"PerpDesk-{__version__}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(_shipped()):
            entry = zipfile.ZipInfo(f"PerpDesk-{__version__}/{path.as_posix()}", NO_TIME)
            entry.create_system = UNIX
            entry.external_attr = (0o755 if path.suffix in RUNNABLE else 0o644) << 16
            packed.writestr(entry, (PROJECT / path).read_bytes())
    return target


def _shipped() -> Iterator[Path]:
    """Every file of the release, from the top of the project; nothing hidden, nothing that only developers need."""
    yield from map(Path, FILES)
    for folder in FOLDERS:
        for path in (PROJECT / folder).rglob("*"):
            inside = path.relative_to(PROJECT)
            made_by_use = any(part.startswith((".", "~")) or part == CACHES for part in inside.parts)
            if path.is_file() and not made_by_use and inside not in LEFT_OUT and path.suffix not in TRACES:
                yield inside
