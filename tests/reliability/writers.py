"""Eight processes add one to the same cell of the same book, twenty times each: none of the additions is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .campaign import Campaign, Tally
from .desks import made
from .forks import finish, start

__all__ = ["CAMPAIGN"]

WRITERS = 8
WAIT = 120.0


def _add(path: Path, times: int) -> None:
    from xladdin.books.file_book import FileBook

    for _ in range(times):
        with FileBook.open(path, wait=WAIT) as book:
            book.write_value("Equity", float(book.value("Equity").value) + 1)
            book.commit()


def _run(cases: int, seed: int) -> Tally:
    """`cases` additions, shared among the writers."""
    from xladdin.books.file_book import FileBook

    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        path = made(Path(place) / "desk.xlsx")
        _add(path, 1)
        with FileBook.open(path) as book:
            before = float(book.value("Equity").value)
        writers = [start(lambda: _add(path, cases // WRITERS)) for _ in range(WRITERS)]
        for number, writer in enumerate(writers):
            ended = finish(writer, patience=10 * WAIT)
            tally.case(ended.seconds, ended.megabytes)
            if ended.code:
                tally.fault(f"writer {number}", ended.words[-200:])
        with FileBook.open(path) as book:
            added = int(float(book.value("Equity").value) - before)
    wanted = WRITERS * (cases // WRITERS)
    tally.counts["additions"], tally.counts["lost"] = added, wanted - added
    if added != wanted:
        tally.fault(f"{WRITERS} writers", f"{wanted - added} of {wanted} additions are lost")
    return tally


CAMPAIGN = Campaign(_run, WRITERS * 20, WRITERS * 20, "0 lost")
