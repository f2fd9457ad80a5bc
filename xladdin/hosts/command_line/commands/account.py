"""What stands in the account: read onto the desk with a key that may only read, or from an export."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from ..typed.arguments import BASE_URL, BOOK, FORCE, PROXY, SET, STORE, TOLD, as_path, venue_names
from ..typed.declared import argument, command

__all__ = ["positions"]


@command(
    BOOK,
    argument(
        "--venue",
        metavar="NAME",
        completes=venue_names,
        help="The exchange that is asked, with a key that may only read; by default Settings'.",
    ),
    argument(
        "--file",
        metavar="FILE",
        type=as_path,
        help="An export of open positions, instead of asking; with --venue its contracts are that venue's.",
    ),
    argument(
        "--overlay-apart",
        action="store_true",
        help="The overlay book is held in another account; by default its positions are taken off.",
    ),
    STORE,
    BASE_URL,
    PROXY,
    argument("--out", metavar="FILE", type=as_path, help="Where to write; by default BOOK itself."),
    FORCE,
    SET,
    *TOLD,
)
def positions(given: Namespace) -> bool:
    """Read open positions and equity into BOOK (the old BOOK stays as BOOK.bak); results of another book are emptied.

    The venue is asked with a key from the environment (PERPDESK_BYBIT_KEY and PERPDESK_BYBIT_SECRET) or from the
    system's keyring. It must be one that may only read, and it is written nowhere.
    """
    from ....desk import account_jobs
    from ....desk.day.refresh.account import AccountSource
    from ..runs.running import run_job

    source = AccountSource(given.file, given.venue, given.store, given.base_url, given.proxy)
    job = partial(account_jobs.positions, source=source, overlay_apart=given.overlay_apart)
    return run_job(job, given, target=given.book)
