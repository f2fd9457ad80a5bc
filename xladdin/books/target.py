"""A file that a job is going to write: locked from the start, and written only while it is what it was then."""

from __future__ import annotations

from pathlib import Path

from core.errors import BookError

from .atomic import replace_file
from .lock import BookLock
from .xlsx.archive.limits import read_file

__all__ = ["Target", "content_of"]


class Target:
    """A file held by one job; `before` is what stood in it, None where there was none."""

    def __init__(self, path: Path, wait: float) -> None:
        self.path = path.resolve()
        self.before: bytes | None = None
        self._lock = BookLock(self.path, wait)

    def look(self) -> None:
        """Note what stands in the file now. Raises BookError."""
        self.before = content_of(self.path)

    def write(self, data: bytes, like: Path) -> None:
        """Put `data` in its place, the old content kept as `NAME.bak`; a new file looks `like` another. BookError."""
        replace_file(self.path, data, before=self.before, like=like)
        self.before = data

    def release(self) -> None:
        """Let the next job in."""
        self._lock.release()


def content_of(path: Path) -> bytes | None:
    """What stands at `path` now, None where nothing does. Raises BookError when it cannot be read."""
    try:
        return read_file(path) if path.exists() else None
    except OSError as error:
        raise BookError(f"{path} cannot be read: {error.strerror or error}; write elsewhere with --out") from error
