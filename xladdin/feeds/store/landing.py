"""A file of the store lands whole or not at all: written beside its place, flushed to disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import FeedError

from ...books.atomic import flush_folder, rename_patiently

__all__ = ["UNFINISHED", "land", "store_written"]

UNFINISHED = ".tmp"
"""Ends the name of a file that a killed process did not finish; nothing reads it."""


def land(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`, whatever stood there. Raises OSError; what stood there then still stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=UNFINISHED, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename_patiently(temporary, path)
        flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def store_written(root: Path) -> Iterator[None]:
    """Say in one sentence why the store could not be written. Raises FeedError for an OSError inside."""
    try:
        yield
    except OSError as error:
        raise FeedError(
            f"the store at {root} cannot be written: {error.strerror or error}; what it had before is whole: free some "
            "space, mend the folder's rights, or give another folder with --store"
        ) from error
