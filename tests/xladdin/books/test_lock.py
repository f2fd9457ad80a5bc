"""One job at a time, and never beside a person who has the workbook open."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import digest
from xladdin.books.file_book import FileBook
from xladdin.books.lock import BookLock
from xladdin.books.opened import opened_by

ROOT = Path(__file__).parents[3]


def excel_lock(book: Path, owner: str) -> None:
    name = owner.encode("latin-1")
    content = bytes([len(name)]) + name.ljust(54, b" ") + len(owner).to_bytes(2, "little") + owner.encode("utf-16-le")
    book.with_name(f"~${book.name}").write_bytes(content.ljust(165, b" "))


def test_a_second_job_waits_and_is_told_why(desk: Path) -> None:
    with (
        FileBook.open(desk),
        pytest.raises(BookError, match=r"desk.xlsx is in use by another PerpDesk job; wait until"),
    ):
        FileBook.open(desk, wait=0.05)
    with FileBook.open(desk, wait=0.05) as book:
        assert book.value("Equity").value == 100_000.0


def test_the_lock_leaves_nothing_behind(desk: Path) -> None:
    with FileBook.open(desk):
        assert desk.with_name(".desk.xlsx.lock").exists()
    assert [path.name for path in desk.parent.iterdir()] == ["desk.xlsx"]


def test_a_file_that_cannot_be_read_is_not_kept_locked(desk: Path) -> None:
    desk.write_bytes(b"no workbook")
    with pytest.raises(BookError, match="is not a workbook"):
        FileBook.open(desk)
    BookLock(desk, wait=0.05).release()


def test_where_no_lock_can_be_written_reading_goes_on(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", denied)
    with FileBook.open(desk, wait=0.05) as book:
        assert book.value("Equity").value == 100_000.0


def test_every_one_of_many_writers_counts(desk: Path) -> None:
    """Read, add one, write, from several processes at once: no update may be lost."""
    job = f"""
        from xladdin.books.file_book import FileBook
        for _ in range(5):
            with FileBook.open({str(desk)!r}, wait=600) as book:
                book.write_value("Equity", book.value("Equity").value + 1)
                book.commit()
    """
    jobs = [subprocess.Popen([sys.executable, "-c", textwrap.dedent(job)], cwd=ROOT) for _ in range(3)]
    assert [process.wait(timeout=600) for process in jobs] == [0, 0, 0]
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 100_015.0


def test_who_has_it_open_in_excel_is_named(desk: Path) -> None:
    before = digest(desk)
    excel_lock(desk, "Ann Müller")
    assert opened_by(desk) == "Excel (Ann Müller)"
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(
            BookError, match=r"desk.xlsx is open in Excel \(Ann Müller\); close it there, or write to another"
        ):
            book.commit()
        book.commit(desk.with_name("out.xlsx"))
    assert digest(desk) == before


@pytest.mark.parametrize(
    ("content", "owner"),
    [
        (",ann,machine,30.06.2024 12:00,file:///home/ann;", "LibreOffice (ann)"),
        ("Ann Lee,ann,machine,30.06.2024 12:00,file:///home/ann;", "LibreOffice (Ann Lee)"),
        ("Lee\\, Ann,ann,machine,,;", "LibreOffice (Lee, Ann)"),
        ("", "LibreOffice (someone)"),
    ],
)
def test_who_has_it_open_in_calc_is_named(desk: Path, content: str, owner: str) -> None:
    desk.with_name(".~lock.desk.xlsx#").write_text(content, encoding="utf-8")
    assert opened_by(desk) == owner


def test_an_empty_lock_of_excel_still_counts(desk: Path) -> None:
    desk.with_name("~$desk.xlsx").write_bytes(b"")
    assert opened_by(desk) == "Excel (someone)"


def test_a_target_that_somebody_has_open_is_refused(desk: Path) -> None:
    out = desk.with_name("out.xlsx")
    out.write_bytes(b"their book")
    excel_lock(out, "Bob")
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=r"out.xlsx is open in Excel \(Bob\)"):
            book.commit(out)
    assert out.read_bytes() == b"their book"
