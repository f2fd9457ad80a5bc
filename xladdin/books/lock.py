"""Who has the workbook: one job at a time, whoever's job it is and whatever disk the workbook lies on.

The lock is the hidden file `.NAME.lock` beside the workbook, open to the group, and it is given up only where nobody
could replace the workbook anyway, which is a folder that cannot be written. Whatever else stands in its way is named:

    another process has it               wait, then refuse
    its name is a link, a folder, a pipe refuse: it is no lock of ours and may point anywhere
    another user's, not to be written    lock it as it is; where that is not possible either, refuse with the owner
    a disk that knows no locks           a marker `.NAME.lock.pid` with process and machine
    a full disk, too long a name ...     refuse with the system's reason
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BookError

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["BookLock"]

PAUSE = 0.05
SHARED = 0o666
"""Who of a group works on a book must be able to lock it."""

_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_WITHOUT_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}
_KINDS = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"))


class BookLock:
    """The exclusive right of one job to work on a workbook, from reading it to writing the results.

    Raises BookError when it cannot be had within `wait` seconds.
    """

    def __init__(self, book: Path, wait: float) -> None:
        self._book, self._path = book, book.with_name(f".{book.name}.lock")
        self._lock: BaseFileLock | None = None
        self._handle: int | None = None
        self._marked = False
        end = time.monotonic() + wait
        while not self._taken(max(0.0, end - time.monotonic()), last=time.monotonic() >= end):
            time.sleep(PAUSE)

    def release(self) -> None:
        """Let the next job in."""
        if self._handle is not None:
            with contextlib.suppress(OSError):  # in a folder with the sticky bit it is for its owner to remove
                self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None
        if self._lock is not None:
            if not self._marked:
                with contextlib.suppress(OSError):  # Windows refuses while it is held, and removes it itself
                    self._path.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    def _taken(self, left: float, *, last: bool) -> bool:
        """Whether the work may begin; `last` says that there is no time for another try. Raises BookError."""
        from filelock import FileLock

        self._refuse_what_is_no_file()
        try:
            self._lock = self._acquired(FileLock(self._path, left, SHARED, fallback_to_soft=False))
        except OSError as error:
            return self._taken_otherwise(error, left, last=last)
        return True

    def _taken_otherwise(self, error: OSError, left: float, *, last: bool) -> bool:
        """The same where the lock file can be made or locked in no usual way."""
        there = os.path.lexists(self._path)
        if error.errno in _WITHOUT_LOCKS:
            self._mark(left)
            return True
        if error.errno not in _DENIED:
            raise BookError(
                f"{self._book.name} cannot be locked: {error.strerror or error}; mend that, then run again "
                f"(the lock is {self._path.name} beside it)"
            ) from None
        if not there:  # where the folder can be written, the lock file was there a moment ago
            return last or not _can_write(self._path.parent)
        return self._given_up(last=last) if sys.platform == "win32" else self._taken_as_it_is(last=last)

    def _taken_as_it_is(self, *, last: bool) -> bool:
        """Lock a file that another user made and did not open to us; between machines that may not be possible."""
        import fcntl

        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return False
        except OSError:
            return self._given_up(last=last)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            if last:
                raise self._in_use() from None
            return False
        except OSError:
            os.close(handle)
            return self._given_up(last=last)
        if os.fstat(handle).st_nlink == 0:  # its owner was just done with it
            os.close(handle)
            return False
        self._handle = handle
        return True

    def _given_up(self, *, last: bool) -> bool:
        """Whether the work may begin without the lock; until the last try, its owner may still open it to all."""
        if not last:
            return False
        if not _can_write(self._path.parent):
            return True
        raise BookError(
            f"{self._path.name} beside {self._book.name} is another user's{self._owner()}; when no job of theirs "
            "runs, have it deleted, then run again"
        )

    def _mark(self, left: float) -> None:
        """Mark the book as taken on a disk that knows no locks."""
        from filelock import SoftFileLock

        with contextlib.suppress(OSError):  # the placeholder of the lock that could not be had
            self._path.unlink()
        marker = self._path.with_name(f"{self._path.name}.pid")
        try:
            self._lock, self._marked = self._acquired(SoftFileLock(marker, left, SHARED)), True
        except BookError as error:
            raise BookError(f"{error}; if none runs, delete {marker.name} beside it") from None

    def _acquired(self, lock: BaseFileLock) -> BaseFileLock:
        from filelock import Timeout

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lock.acquire()
        except Timeout:
            raise self._in_use() from None
        return lock

    def _in_use(self) -> BookError:
        return BookError(
            f"{self._book.name} is in use by another PerpDesk job{self._owner()}; wait until it is done, then run "
            "this one again"
        )

    def _refuse_what_is_no_file(self) -> None:
        try:
            mode = os.lstat(self._path).st_mode
        except OSError:
            return
        if not stat.S_ISREG(mode):
            what = next((name for is_kind, name in _KINDS if is_kind(mode)), "no ordinary file")
            raise BookError(
                f"{self._path.name} beside {self._book.name} is {what} and stands where the lock of the book goes; "
                "remove it, then run again"
            )

    def _owner(self) -> str:
        """Whose the lock is, as words to add; nothing where it is our own or nobody knows."""
        if sys.platform == "win32":
            return ""
        import pwd

        try:
            owner = os.lstat(self._path).st_uid
            return "" if owner == os.geteuid() else f" ({pwd.getpwuid(owner).pw_name})"
        except (OSError, KeyError):
            return ""


def _can_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
