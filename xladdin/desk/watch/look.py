"""One look at a desk: refreshed over its file, with the prices of this moment, and nothing of it written.

The file is read in one snapshot and let go; the refresh runs as the job does, on a copy in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UnreachableError
from core.records import dataclass

from ...books.file_book import FileBook
from ...books.workbook import Workbook
from ..jobs import Report
from ..read.desk import read_desk
from ..read.inputs import Desk
from ..read.older import as_declared
from ..write.runlog import Run, heard_warnings, log_run
from .scratch import ScratchBook
from .seen import Lines, Seen, see

if TYPE_CHECKING:
    from ...feeds.venue.now import Now
    from ..day.refresh.account import AccountSource

__all__ = ["Look", "Reader", "keep_row", "look"]

BARS_LATE = 2.0
"""So many bars after the last close the next one should have come."""

Refresh = Callable[[Workbook], Report]
"""Loads the newest history onto a desk, as the job Refresh does."""

Reader = Callable[[Workbook, Sequence[str]], "Mapping[str, Now]"]
"""What a venue says of the contracts at this moment; nothing where the desk has no venue."""


@dataclass(frozen=True)
class Look:
    """What was seen, and what is to know of it.

    notes      what was assumed or is missing
    refreshed  what the refresh of the copy said
    line_down  why the venue did not answer, where it did not
    unpriced   contracts of what is held, or under an instrument of it, of which a venue that answers says no price
    outdated   of when the prices are, where files end before now
    """

    seen: Seen
    notes: tuple[str, ...]
    refreshed: tuple[str, ...] = ()
    line_down: str = ""
    outdated: str = ""
    unpriced: tuple[str, ...] = ()


def look(
    path: Path,
    refresh: Refresh,
    reader: Reader,
    asked: Lines,
    *,
    account: AccountSource | None = None,
    overlay_apart: bool = False,
) -> Look:
    """Look at the desk in a file. Raises PerpDeskError for a desk that cannot be read, or a source without an answer.

    Args:
        path: the desk.
        refresh: loads its newest history.
        reader: asks a venue for this moment.
        asked: the lines that Settings do not have.
        account: where positions and equity are read at each look; None: as the desk has them.
        overlay_apart: whether the overlay book lies in another account than that.
    """
    opened = FileBook.open(path)
    opened.close()  # read in one snapshot: nobody waits for what is worked out from it
    with heard_warnings() as said:
        book = ScratchBook(as_declared(opened, quietly=True))
        window, hours = (book.value(name).value for name in ("Window", "BarHours"))
        report = refresh(book)
        if book.value("BarHours").value == hours:
            book.write_value("Window", window)  # a refresh makes it as long as what it loads
        notes = _read_account(book, account, overlay_apart=overlay_apart)
        now, line_down = _now(book, reader)
        desk = read_desk(book)
        last_close = desk.panel.times[-1].item()
        seen = see(desk, asked, now, last_close)
    outdated = "" if now or line_down else _of_the_past(last_close, desk.settings.bar_hours)
    return Look(seen, (*notes, *said), report.warnings, line_down, outdated, _unpriced(desk, now))


def keep_row(path: Path, messages: Sequence[str], asked: str) -> None:
    """A row of Runs that says what was crossed. Raises BookError where the file cannot be written now."""
    with FileBook.open(path) as book:
        declared = as_declared(book, quietly=True)
        log_run(declared, Run("watch", fingerprint="", parameters=asked, warnings=messages))
        book.commit()


def _read_account(book: ScratchBook, account: AccountSource | None, *, overlay_apart: bool) -> list[str]:
    """Put what an account holds onto the copy; returns what is to know of it."""
    if account is None:
        return []
    from ..day.refresh.account import write_account

    return list(write_account(book, account.read(book), overlay_apart=overlay_apart).notes)


def _of_the_past(last_close: datetime, bar_hours: float) -> str:
    """That files end before now, so that what is seen is of then; empty where they do not."""
    if datetime.now(UTC).replace(tzinfo=None) - last_close <= timedelta(hours=BARS_LATE * bar_hours):
        return ""
    return (
        f"prices and funding are those of the last bar, which closed {last_close:%Y-%m-%d %H:%M} UTC; bring the files "
        "up to date, or name an exchange with --venue"
    )


def _unpriced(desk: Desk, now: Mapping[str, Now]) -> tuple[str, ...]:
    """What is counted at the price of the last bar though the venue answers; nothing without a venue."""
    if not now:
        return ()
    universe, instruments = desk.universe, desk.instruments
    counted = (universe.positions != 0) | (universe.overlay_positions != 0)
    counted[instruments.underlying[(instruments.underlying >= 0) & (instruments.positions != 0)]] = True
    held = [symbol for symbol, is_held in zip(universe.symbols, counted, strict=True) if is_held]
    return tuple(symbol for symbol in held if symbol not in now or now[symbol].price is None)


def _now(book: ScratchBook, reader: Reader) -> tuple[Mapping[str, Now], str]:
    """The prices of this moment onto the copy, and what the venue says; nothing, and why, where the line is down."""
    block = book.table("Universe")
    symbols = [str(cell).strip().upper() for cell in block.column("Symbol")]
    try:
        now = reader(book, symbols)
    except UnreachableError as error:
        return {}, str(error)
    place = block.index("Price")
    rows = [list(row) for row in block.rows]
    for row, symbol in zip(rows, symbols, strict=True):
        said = now.get(symbol)
        if said is not None and said.price is not None:
            row[place] = said.price
    book.write_table("Universe", rows)
    return now, ""
