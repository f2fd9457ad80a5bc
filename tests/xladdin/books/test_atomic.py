"""A workbook is replaced whole or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import digest
from xladdin.books import atomic
from xladdin.books.atomic import replace_file
from xladdin.books.file_book import FileBook

ROOT = Path(__file__).parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.xlsx"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_old_content_becomes_the_backup(file: Path) -> None:
    replace_file(file, b"new", before=b"old")
    assert (file.read_bytes(), file.with_name("desk.xlsx.bak").read_bytes()) == (b"new", b"old")
    assert names(file.parent) == ["desk.xlsx", "desk.xlsx.bak"]


def test_a_new_file_needs_no_backup(tmp_path: Path) -> None:
    replace_file(tmp_path / "out.xlsx", b"new", before=None)
    assert names(tmp_path) == ["out.xlsx"]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_mode_stays_and_a_new_file_follows_the_umask(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    replace_file(file, b"new", before=b"old")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(file.with_name("desk.xlsx.bak").stat().st_mode) == 0o640
    old_mask = os.umask(0o027)
    try:
        replace_file(tmp_path / "out.xlsx", b"new", before=None)
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE((tmp_path / "out.xlsx").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_new_file_is_as_private_as_the_one_it_comes_from_and_can_be_written(file: Path, tmp_path: Path) -> None:
    file.chmod(0o400)
    replace_file(tmp_path / "out.xlsx", b"new", before=None, like=file)
    assert stat.S_IMODE((tmp_path / "out.xlsx").stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes need Linux here")
def test_extended_attributes_stay_and_times_do_not(file: Path) -> None:
    try:
        os.setxattr(file, "user.desk", b"macro")
    except OSError:
        pytest.skip("this disk has no extended attributes")
    os.utime(file, (1, 1))
    replace_file(file, b"new", before=b"old")
    for path in (file, file.with_name("desk.xlsx.bak")):
        assert os.getxattr(path, "user.desk") == b"macro"
        assert path.stat().st_mtime > 1


@pytest.mark.parametrize("links", [True, False])
def test_a_file_made_meanwhile_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"theirs")
    if not links:
        monkeypatch.setattr(atomic.os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
    with pytest.raises(BookError, match=r"out\.xlsx was made by someone else during the run; nothing was written"):
        replace_file(path, b"new", before=None)
    assert path.read_bytes() == b"theirs"
    path.unlink()
    replace_file(path, b"new", before=None)
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["out.xlsx"]


def test_a_file_that_vanished_is_told_from_a_folder_that_did(file: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"it was moved or deleted during the run; put it back"):
        replace_file(tmp_path / "gone.xlsx", b"new", before=b"old")
    with pytest.raises(BookError, match=r"the folder does not exist; make it first"):
        replace_file(tmp_path / "nowhere" / "gone.xlsx", b"new", before=None)
    assert names(tmp_path) == ["desk.xlsx"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
def test_a_link_is_followed_to_the_file_it_stands_for(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.xlsx"
    link.symlink_to(file)
    replace_file(link, b"new", before=b"old")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_file_changed_since_it_was_read_is_refused(file: Path) -> None:
    with pytest.raises(BookError, match=r"desk.xlsx was changed by someone else during the run; nothing was written"):
        replace_file(file, b"new", before=b"older")
    assert file.read_bytes() == b"old"
    assert names(file.parent) == ["desk.xlsx"]


def test_a_read_only_file_is_refused(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(BookError, match=r"desk.xlsx is read-only; clear that mark"):
        replace_file(file, b"new", before=b"old")
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["mkstemp", "fsync", "rename"])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EACCES, "the folder may not be written"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EIO, "the disk does not answer"),
        (errno.EFBIG, "it would be larger than a file may be here; raise that limit"),
        (errno.EBUSY, "Device or resource busy; write elsewhere"),
    ],
)
def test_trouble_at_any_step_leaves_the_file_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    owner, name = {"mkstemp": (atomic.tempfile, "mkstemp"), "fsync": (atomic.os, "fsync"), "rename": (Path, "replace")}[
        step
    ]
    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(BookError, match=f"desk.xlsx cannot be written: {words}.*nothing was changed"):
        replace_file(file, b"new", before=b"old")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert names(file.parent) == ["desk.xlsx"]


def test_an_interrupt_leaves_no_temporary_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(file, b"new", before=b"old")
    assert names(file.parent) == ["desk.xlsx"]


def test_what_a_killed_job_left_is_swept_away(file: Path) -> None:
    for name in (".desk.xlsx.abc.tmp", ".desk.xlsx.bak.abc.tmp", ".other.xlsx.abc.tmp", "desk.xlsx.tmp"):
        file.with_name(name).write_bytes(b"half")
    replace_file(file, b"new", before=b"old")
    assert names(file.parent) == [".other.xlsx.abc.tmp", "desk.xlsx", "desk.xlsx.bak", "desk.xlsx.tmp"]


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
@pytest.mark.parametrize("call", [0, 1, 2, 3])
def test_a_kill_between_any_two_steps_leaves_old_or_new(desk: Path, call: int) -> None:
    """The job kills itself before its n-th rename or flush; the workbook is then the old one or the new one."""
    before = digest(desk)
    job = f"""
        import os, signal
        from pathlib import Path
        from xladdin.books import atomic
        from xladdin.books.file_book import FileBook
        calls = 0
        def counted(original):
            def step(*arguments):
                global calls
                if calls == {call}:
                    os.kill(os.getpid(), signal.SIGKILL)
                calls += 1
                return original(*arguments)
            return step
        atomic.os.fsync = counted(os.fsync)
        Path.replace = counted(Path.replace)
        with FileBook.open({str(desk)!r}) as book:
            book.write_value("Equity", 1.0)
            book.commit()
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(job)], cwd=ROOT, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert digest(desk) == before
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 100_000.0
        book.write_value("Equity", 2.0)
        book.commit()
    assert names(desk.parent) == ["desk.xlsx", "desk.xlsx.bak"]


def test_a_refused_commit_leaves_hash_and_folder_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        desk.write_bytes(desk.read_bytes() + b"\0")
        changed = digest(desk)
        with pytest.raises(BookError, match="was changed by someone else"):
            book.commit()
        assert digest(desk) == changed != before
    assert names(desk.parent) == ["desk.xlsx"]
