"""A file is replaced whole or not at all: written beside the old one, flushed to disk, then renamed over it.

A power cut or a kill at any moment leaves either the old workbook or the new one, never half of one. The caller
holds the `BookLock`, so whatever temporary file of this workbook lies in the folder was left by a job that died.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import BookError

from .lock import refuse_opened

__all__ = ["replace_file"]

RENAME_TRIES = 6
FIRST_PAUSE = 0.1
"""Seconds before the second try; each further pause is twice as long (a virus scanner lets go soon)."""

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your disk quota is used up; free some space",
    errno.EROFS: "the disk is read-only; write elsewhere with --out",
    errno.EACCES: "the folder may not be written; ask for access or write elsewhere with --out",
    errno.EPERM: "the folder may not be written; ask for access or write elsewhere with --out",
    errno.ENOENT: "the folder does not exist; make it first",
    errno.ENOTDIR: "the folder does not exist; make it first",
}


def replace_file(path: Path, data: bytes, *, expected: bytes | None = None) -> None:
    """Make `data` the content of `path`. With `expected`, only while that still is its content, kept as `NAME.bak`.

    Mode and owner stay. Raises BookError when somebody has the file open, changed it or made it read-only, when the
    folder cannot be written or the disk is full; the file is then as it was.
    """
    path = path.resolve()
    refuse_opened(path)
    try:
        before = path.stat() if path.exists() else None
        if before is not None and not before.st_mode & stat.S_IWUSR:
            raise BookError(
                f"{path.name} is read-only; clear that mark in its properties or write elsewhere with --out"
            )
        _sweep(path)
        with _beside(path, data, before) as new:
            if expected is not None:
                if path.read_bytes() != expected:
                    raise BookError(
                        f"{path.name} was changed by someone else during the run; nothing was written, run again"
                    )
                backup = path.with_name(f"{path.name}.bak")
                with _beside(backup, expected, before) as old:
                    _rename(old, backup)
            _rename(new, path)
        _flush_folder(path.parent)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}")
        raise BookError(f"{path} cannot be written: {reason}; nothing was changed") from error


@contextlib.contextmanager
def _beside(path: Path, data: bytes, like: os.stat_result | None) -> Iterator[Path]:
    """A flushed temporary file with `data` in the folder of `path`, gone at the end unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(like.st_mode) if like is not None else 0o666 & ~_umask())
        if like is not None and hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # only root may give a file away
                shutil.chown(temporary, like.st_uid, like.st_gid)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _rename(source: Path, target: Path) -> None:
    """Rename, with patience: on Windows a scanner, a sync client or Excel may hold the target for a moment."""
    pause = FIRST_PAUSE
    for attempt in range(RENAME_TRIES):
        try:
            source.replace(target)
            return
        except PermissionError:
            if attempt == RENAME_TRIES - 1 or os.name != "nt":
                raise
            time.sleep(pause)
            pause *= 2


def _sweep(path: Path) -> None:
    for name in (path.name, f"{path.name}.bak"):
        for leftover in path.parent.iterdir():
            if leftover.name.startswith(f".{name}.") and leftover.suffix == ".tmp":
                leftover.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself lasting; Windows has no such call."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
