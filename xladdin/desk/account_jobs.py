"""Jobs on the account: what is held and what it is worth, from a venue or from an export of its positions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ..books.workbook import Workbook
from .jobs import BACKTEST_TABLES, LEARNING_TABLES, RESULT_TABLES, SWEEP_TABLES, Report
from .read.headings import refuse_lost_columns
from .read.older import as_declared
from .write.results import clear
from .write.runlog import Run, heard_warnings, log_run

if TYPE_CHECKING:
    from .day.refresh.account import AccountSource

__all__ = ["positions"]

OF_THE_PAST = {*BACKTEST_TABLES, *SWEEP_TABLES, *LEARNING_TABLES}
"""Results that follow from no position."""


def positions(
    book: Workbook, source: AccountSource, now: datetime | None = None, *, overlay_apart: bool = False
) -> Report:
    """Put the positions and the equity of an account on the desk; results of another book held are emptied.

    Args:
        book: the desk.
        source: the venue, or a file.
        now: when this is; None: the clock's time.
        overlay_apart: whether the overlay book is held in another account; else its part is taken off.
    """
    from .day.refresh.account import write_account
    from .layout.sheets import TABLES

    with heard_warnings() as said:
        book = as_declared(book)
        refuse_lost_columns(book.header("Universe"), TABLES["Universe"])
        account = source.read(book)
        taken = write_account(book, account, overlay_apart=overlay_apart)
    notes = [*said, *taken.notes]
    if taken.changed:
        clear(book, [name for name in RESULT_TABLES if name not in OF_THE_PAST])
    held = sum(1 for each in account.positions if each.held.quantity)
    log_run(
        book,
        Run("positions", fingerprint="", parameters=f"source={account.source}; positions={held}", warnings=notes),
        now,
    )
    what = "1 position" if held == 1 else f"{held} positions"
    worth = "" if account.equity is None else f", worth {account.equity:,.2f} USD"
    as_before = "" if taken.changed else "; all as the desk had it"
    return Report("positions", f"{what} of {account.source}{worth}{as_before}", ("Universe",), tuple(notes))
