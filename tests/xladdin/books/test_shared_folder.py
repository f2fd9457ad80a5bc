"""The lock in a folder that several people work in: other users' lock files, odd disks, and what stands in its way."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import BaseFileLock, FileLock

from core.errors import BookError
from xladdin.books.lock import BookLock

if os.name != "posix":
    pytest.skip("users and modes of files are POSIX", allow_module_level=True)

import fcntl

ANN, BOB = 4001, 4002
WAIT = 0.15
TURNS = 25

two_users = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")


@pytest.fixture
def book() -> Iterator[Path]:
    """A book in a folder that everybody may write."""
    folder = Path(tempfile.mkdtemp(prefix="perpdesk-shared-"))
    folder.chmod(0o777)
    path = folder / "desk.xlsx"
    path.write_bytes(b"0")
    path.chmod(0o666)
    yield path
    folder.chmod(0o777)
    shutil.rmtree(folder)


def lock_of(book: Path) -> Path:
    return book.with_name(".desk.xlsx.lock")


def begun(user: int, work: Callable[[], object], umask: int = 0o022) -> tuple[int, int]:
    """A process of a user that works, and where its answer, or its refusal, comes out."""
    out, into = os.pipe()
    child = os.fork()
    if child:
        os.close(into)
        return child, out
    try:
        os.umask(umask)
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        try:
            answer: object = work()
        except BookError as error:
            answer = str(error)
        os.write(into, pickle.dumps(answer))
    finally:
        os._exit(0)


def ended(process: tuple[int, int]) -> object:
    child, out = process
    with os.fdopen(out, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return pickle.loads(said)


def as_user(user: int, work: Callable[[], object], umask: int = 0o022) -> object:
    return ended(begun(user, work, umask))


def taken(book: Path) -> Callable[[], object]:
    def work() -> object:
        BookLock(book, WAIT).release()
        return "taken"

    return work


@contextmanager
def held_by(user: int, book: Path, umask: int = 0o022) -> Iterator[int]:
    """The lock in the hands of a job of a user, until it is killed."""

    def work() -> object:
        lock = BookLock(book, WAIT)  # noqa: F841
        os.write(ready[1], b"!")
        while True:
            signal.pause()

    ready = os.pipe()
    child, out = begun(user, work, umask)
    os.read(ready[0], 1)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for handle in (out, *ready):
            os.close(handle)


def refused(book: Path) -> str:
    with pytest.raises(BookError) as error:
        BookLock(book, WAIT)
    return str(error.value)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.symlink_to(path.with_name("desk.xlsx")), "a link"),
        (lambda path: path.symlink_to("nowhere"), "a link"),
        (lambda path: path.mkdir(), "a folder"),
        (os.mkfifo, "no ordinary file"),
    ],
)
def test_what_stands_in_the_place_of_the_lock_is_named(book: Path, make: Callable[[Path], None], what: str) -> None:
    make(lock_of(book))
    said = refused(book)
    assert f".desk.xlsx.lock beside desk.xlsx is {what}" in said
    assert "remove it" in said
    assert book.read_bytes() == b"0"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
def test_a_leftover_of_ones_own_is_taken_over(book: Path, mode: int) -> None:
    lock_of(book).touch(mode)
    BookLock(book, WAIT).release()
    assert not lock_of(book).exists()


@two_users
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_lock_of_one_keeps_another_out_until_it_is_killed(book: Path, umask: int) -> None:
    with held_by(ANN, book, umask):
        assert stat.S_IMODE(lock_of(book).stat().st_mode) == 0o666
        assert "in use by another PerpDesk job" in str(as_user(BOB, taken(book)))
    assert as_user(BOB, taken(book)) == "taken"


@two_users
@pytest.mark.parametrize("sticky", [False, True])
@pytest.mark.parametrize("mode", [0o644, 0o666])
def test_a_leftover_of_another_user_is_locked_as_it_is(book: Path, mode: int, sticky: bool) -> None:
    lock_of(book).touch()
    lock_of(book).chmod(mode)
    os.chown(lock_of(book), ANN, ANN)
    book.parent.chmod(0o1777 if sticky else 0o777)
    assert as_user(BOB, taken(book)) == "taken"


@two_users
def test_one_that_cannot_even_be_read_is_refused_with_its_owner(book: Path) -> None:
    lock_of(book).touch()
    lock_of(book).chmod(0o600)
    os.chown(lock_of(book), 1, 1)  # a user that every system names
    said = str(as_user(BOB, taken(book)))
    assert ".desk.xlsx.lock beside desk.xlsx is another user's (" in said
    assert "have it deleted" in said


@two_users
def test_a_file_of_another_user_that_is_locked_keeps_out_who_may_only_read_it(book: Path) -> None:
    lock_of(book).touch()
    os.chown(lock_of(book), ANN, ANN)
    lock_of(book).chmod(0o644)
    with lock_of(book).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "in use by another PerpDesk job" in str(as_user(BOB, taken(book)))


@two_users
@pytest.mark.parametrize("leftover", [None, 0o600, 0o644])
def test_in_a_folder_that_cannot_be_written_reading_goes_on(book: Path, leftover: int | None) -> None:
    if leftover is not None:
        lock_of(book).touch()
        lock_of(book).chmod(leftover)
    book.parent.chmod(0o555)
    assert as_user(BOB, taken(book)) == "taken"


@two_users
def test_no_turn_of_six_processes_of_two_users_is_lost(book: Path) -> None:
    def count() -> object:
        for _ in range(TURNS):
            lock = BookLock(book, 60)
            number = int(book.read_text())
            time.sleep(0.001)
            book.write_text(str(number + 1))
            lock.release()
        return "done"

    processes = [begun(user, count) for user in (ANN, BOB) * 3]
    assert [ended(process) for process in processes] == ["done"] * 6
    assert int(book.read_text()) == 6 * TURNS


def failing(code: int) -> Callable[[BaseFileLock], None]:
    def acquire(lock: BaseFileLock) -> None:
        Path(lock.lock_file).touch()
        raise OSError(code, os.strerror(code))

    return acquire


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_disk_without_locks_gets_a_marker(book: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(FileLock, "acquire", failing(code))
    lock = BookLock(book, WAIT)
    assert [path.name for path in book.parent.iterdir() if path != book] == [".desk.xlsx.lock.pid"]
    said = refused(book)
    assert "in use by another PerpDesk job" in said
    assert "delete .desk.xlsx.lock.pid" in said
    lock.release()
    assert [path.name for path in book.parent.iterdir()] == ["desk.xlsx"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.EIO])
def test_trouble_with_the_disk_is_a_refusal(book: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(FileLock, "acquire", failing(code))
    assert f"desk.xlsx cannot be locked: {os.strerror(code)}" in refused(book)


def test_where_a_network_disk_wants_to_write_into_the_lock_it_is_refused(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad_handle(*_: object) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr(FileLock, "acquire", failing(errno.EACCES))
    monkeypatch.setattr(fcntl, "flock", bad_handle)
    assert "is another user's" in refused(book)
