"""The desk watched: a look every few minutes, and a word when something has changed."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from ..typed.arguments import BASE_URL, BOOK, JSON, PROXY, QUIET, STORE, VENUE, VERBOSE, as_path, count
from ..typed.declared import argument, command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ....books.workbook import Workbook
    from ....desk.jobs import Report
    from ....desk.watch.look import Reader
    from ....feeds.venue.now import Now

__all__ = ["watch"]

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
LEAST = 5.0


def _duration(word: str) -> float:
    """Seconds, of a word like 30s, 5m or 1h. Raises ArgumentTypeError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|)", word.strip().lower())
    if found is None or (seconds := float(found[1]) * SECONDS[found[2]]) < LEAST:
        raise ArgumentTypeError(f"{word} is no time from {LEAST:g}s on, such as 30s, 5m or 1h")
    return seconds


def _share(word: str) -> float:
    """A share, of a word like 20% or 0.2. Raises ArgumentTypeError."""
    try:
        value = float(word.removesuffix("%")) / (100 if word.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{word} is no share between 0 and 100%, such as 20% or 0.2")
    return value


@command(
    BOOK,
    argument("--every", metavar="TIME", type=_duration, default=300.0, help="From one look to the next: 30s, 5m, 1h."),
    argument("--looks", metavar="N", type=count, help="End after so many looks; by default it goes on."),
    argument("--until", metavar="TIME", help="End at this time, UTC; a date means through the end of that day."),
    argument(
        "--alert",
        metavar="COMMAND",
        help="Run this when there is something to tell, without a shell: the message is on its input and in "
        "PERPDESK_ALERT.",
    ),
    argument(
        "--distance",
        metavar="SHARE",
        type=_share,
        default=0.20,
        help="Tell when a price is nearer to a liquidation than this share of it (20% by default).",
    ),
    argument(
        "--funding-share",
        metavar="SHARE",
        type=_share,
        default=0.001,
        help="Tell when the next settlement takes more of equity than this (0.1% by default).",
    ),
    argument(
        "--account", action="store_true", help="Read positions and equity at each look too, as `perpdesk positions`."
    ),
    argument("--overlay-apart", action="store_true", help="Of --account: the overlay book is in another account."),
    argument(
        "--from",
        dest="source",
        metavar="DIR_OR_FILE",
        type=as_path,
        alone_in="source",
        help="Refresh from CSV or Parquet files; by default from those beside BOOK that its last refresh read.",
    ),
    VENUE,
    argument("--bars", metavar="N", type=count, help="Returns to load; by default as many as the last refresh."),
    STORE,
    BASE_URL,
    PROXY,
    JSON,
    QUIET,
    VERBOSE,
)
def watch(given: Namespace) -> bool:
    """Look at BOOK every few minutes and tell what has changed: beta, margin, liquidation, funding, regime.

    Each look refreshes a copy in memory. BOOK gets a row of Runs when a line is crossed, and is left alone otherwise.
    Ctrl-C ends it. Exit code 1 where a line is crossed at the end, or the last look did not come about.
    """
    from functools import partial

    from ....desk.day.refresh.account import AccountSource
    from ....desk.watch.look import keep_row, look
    from ....desk.watch.seen import Lines
    from ..runs.alert import alert_of
    from ..runs.watching import Watch, ended_by_signals

    _refuse_what_will_never_do(given)
    lines = Lines(given.distance, given.funding_share)
    account = AccountSource(None, given.venue, given.store, given.base_url, given.proxy) if given.account else None
    looking = partial(
        look,
        given.book,
        _refresh(given),
        _reader(given),
        lines,
        account=account,
        overlay_apart=given.overlay_apart,
    )
    asked = f"every={given.every:g} s; distance={lines.distance:g}; funding-share={lines.funding:g}"
    how = "json" if given.as_json else "quiet" if given.quiet else "verbose" if given.verbose else "said"
    watching = Watch(
        given.book,
        looking,
        lambda messages: keep_row(given.book, messages, asked),
        given.every,
        given.looks,
        None if given.until is None else _end(given.until),
        None if given.alert is None else alert_of(given.alert, str(given.book)),
        how,
    )
    with ended_by_signals() as watching.ended:
        return watching.run()


def _end(until: str) -> float:
    """When the last look is, s since 1970. Raises ArgumentError where that has passed."""
    import time

    from core.errors import ArgumentError

    from ....feeds.panel import instant

    end = instant(until) / 1000
    if end <= time.time():
        raise ArgumentError(f"--until {until} has passed; name a time to come, or give --looks 1 for one look now")
    return end


def _refuse_what_will_never_do(given: Namespace) -> None:
    """Raises BookError, FeedError for what no later look could mend: names that were typed wrong."""
    from core.errors import BookError, FeedError

    from ....feeds.venue.declared import venue_named

    if not given.book.exists():
        raise BookError(f"{given.book} does not exist; check the path, or make a desk with `perpdesk new`")
    if given.source is not None and not given.source.exists():
        raise FeedError(f"{given.source} does not exist; check the path of the market data")
    if given.venue is not None:
        venue_named(given.venue)


def _refresh(given: Namespace) -> Callable[[Workbook], Report]:
    """The refresh of one look: from what was named, else as the button Refresh does it for this desk."""
    from core.errors import FeedError

    from ....desk import jobs
    from ....desk.day.refresh.loaded import VenueSource
    from ....desk.read.last_run import last_source
    from ...menu import JOBS, history_beside

    def of_venue(book: Workbook) -> Report:
        source = VenueSource(given.venue, store=given.store, base_url=given.base_url, proxy=given.proxy)
        last = last_source(book)
        same = last is not None and last.name == (given.venue or book.value("Venue").value)
        return jobs.refresh(book, source, bars=given.bars or (last.bars if last is not None and same else None))

    def refresh(book: Workbook) -> Report:
        if given.source is not None:
            return jobs.refresh(book, given.source, bars=given.bars)
        if given.venue is not None or book.value("Venue").value:
            return of_venue(book)
        folder = given.book.resolve().parent
        if history_beside(book, folder) is None:
            raise FeedError(
                f"no history lies in {folder}, and no exchange is named at Venue on Settings; name with --from the "
                "files, or with --venue the exchange, that each look refreshes from"
            )
        return JOBS["refresh"].run(book, folder)

    return refresh


def _reader(given: Namespace) -> Reader:
    """Asks the venue for this moment, where the desk has one and was not refreshed from files."""
    import os

    def read(book: Workbook, symbols: Sequence[str]) -> Mapping[str, Now]:
        named = given.venue or book.value("Venue").value
        if given.source is not None or not isinstance(named, str):
            return {}
        from ....desk.day.refresh.loaded import BASE_URL_VARIABLE
        from ....feeds.venue.client import Client, Line
        from ....feeds.venue.declared import venue_named
        from ....feeds.venue.now import read_now

        line = Line(given.base_url or os.environ.get(BASE_URL_VARIABLE) or None, given.proxy)
        return read_now(Client(venue_named(named), line), symbols)

    return read
