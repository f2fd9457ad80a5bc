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

from .opened import refuse_opened

__all__ = ["flush_folder", "rename_patiently", "replace_file"]

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
    errno.EFBIG: "it would be larger than a file may be here; raise that limit (ulimit -f) or write to another disk",
    errno.ENAMETOOLONG: "the name is too long; shorten it",
    errno.EMFILE: "too many files are open; close some programs",
    errno.ENFILE: "too many files are open; close some programs",
    errno.EIO: "the disk does not answer; check it and its cable or network, or write elsewhere with --out",
}


def replace_file(path: Path, data: bytes, *, before: bytes | None, like: Path | None = None) -> None:
    """Make `data` the content of `path`, only while what stands there still is `before`, which becomes `NAME.bak`.

    Args:
        path: the file; a link stands for the file that it points at.
        data: its new content.
        before: what the caller knows of it; None: no file, and none is ever written over.
        like: whose mode, owner and extended attributes a new file gets, where the system allows; None: the usual ones.

    A file that is replaced keeps its own. Raises BookError when somebody has it open, changed it or made it read-only,
    when the folder cannot be written or the disk is full; the file is then as it was.
    """
    path = path.resolve()
    refuse_opened(path)
    try:
        if before is None:
            _create(path, data, like)
        else:
            _replace(path, data, before)
        flush_folder(path.parent)
    except OSError as error:
        raise BookError(f"{path} cannot be written: {_reason(error, path)}; nothing was changed") from error


def _replace(path: Path, data: bytes, before: bytes) -> None:
    if not path.stat().st_mode & stat.S_IWUSR:
        raise BookError(f"{path.name} is read-only; clear that mark in its properties or write elsewhere with --out")
    _sweep(path)
    backup = path.with_name(f"{path.name}.bak")
    with _beside(path, data, path) as new, _beside(backup, before, path) as old:
        if path.read_bytes() != before:
            raise BookError(f"{path.name} was changed by someone else during the run; nothing was written, run again")
        rename_patiently(old, backup)
        rename_patiently(new, path)


def _create(path: Path, data: bytes, like: Path | None) -> None:
    """A new file, in one step too: a link to its name is refused where somebody else has taken the name meanwhile."""
    _sweep(path)
    with _beside(path, data, like) as new:
        if like is not None:
            new.chmod(stat.S_IMODE(new.stat().st_mode) | stat.S_IWUSR)  # results of a read-only book are gone on in
        try:
            os.link(new, path)
        except FileExistsError:
            raise _made_meanwhile(path) from None
        except OSError:  # a disk that knows no hard links
            if os.path.lexists(path):
                raise _made_meanwhile(path) from None
            rename_patiently(new, path)


def _made_meanwhile(path: Path) -> BookError:
    return BookError(f"{path.name} was made by someone else during the run; nothing was written, run again")


def _reason(error: OSError, path: Path) -> str:
    """Why the system said no, and the way out. A file that is gone is told from a folder that is."""
    if error.errno == errno.ENOENT and path.parent.is_dir():
        return "it was moved or deleted during the run; put it back, then run again"
    return _REASONS.get(error.errno or 0, f"{error.strerror or error}; write elsewhere with --out")


@contextlib.contextmanager
def _beside(path: Path, data: bytes, like: Path | None) -> Iterator[Path]:
    """A flushed temporary file with `data` in the folder of `path`, gone at the end unless it was renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if like is None:
            temporary.chmod(0o666 & ~_umask())
        else:
            _make_like(temporary, like)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _make_like(file: Path, like: Path) -> None:
    """Owner first, because giving a file away clears marks of its mode; its times stay its own."""
    found = like.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):  # only root may give a file away
            shutil.chown(file, found.st_uid, found.st_gid)
    with contextlib.suppress(OSError):  # attributes that this disk or this user may not set
        shutil.copystat(like, file)
    file.chmod(stat.S_IMODE(found.st_mode))
    os.utime(file)


def rename_patiently(source: Path, target: Path) -> None:
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


def flush_folder(folder: Path) -> None:
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
