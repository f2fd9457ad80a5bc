"""The desk's jobs on a workbook, one by one or as the day."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace
from functools import partial
from typing import TYPE_CHECKING

from ..typed.arguments import AS_OF, BASE_URL, BOOK, FORCE, OUT, PROXY, SET, STORE, TOLD, VENUE, as_path, count
from ..typed.declared import argument, command

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....books.workbook import Workbook
    from ....desk.jobs import Report

__all__ = ["backtest", "check", "day", "hedge", "rebalance", "refresh", "stress", "train", "verify"]


HISTORY = (
    argument(
        "--symbols",
        metavar="LIST",
        help="Symbols with commas between, or all that the files have; by default those in play.",
    ),
    argument("--end", metavar="TIME", help="Last close, UTC; a date means through the end of that day."),
    argument("--bars", metavar="N", type=count, help="Returns to load (one closing price more than that)."),
    argument(
        "--funding",
        metavar="HOW",
        default="auto",
        completes=lambda: ("auto", "settled", "carried"),
        help="Rates in the files: settled in each row, carried forward, or auto (the default): where they change.",
    ),
    argument(
        "--positions",
        metavar="FILE",
        type=as_path,
        help="All that is held: symbol, quantity (negative = short), entry.",
    ),
    argument("--tiers", metavar="FILE", type=as_path, help="Margin tiers of the venue, for the sheet Tiers."),
    argument(
        "--factors",
        metavar="FILE",
        type=as_path,
        action="append",
        default=[],
        help="Levels by date of a risk factor; give it once a file.",
    ),
    argument(
        "--history-file",
        dest="filed",
        action=BooleanOptionalAction,
        help="Keep the history in a Parquet file beside BOOK, or in its cells; by default as BOOK has it.",
    ),
)
"""What is loaded, beside its source."""


LIVE = (
    argument("--bar-hours", metavar="H", type=float, help="Of a venue: length of a bar; by default BarHours of BOOK."),
    STORE,
    AS_OF,
    argument("--again", action="store_true", help="Of a venue: read all of it again, to see what it has revised."),
    argument(
        "--also",
        metavar="KIND",
        action="append",
        default=[],
        completes=lambda: ("mark", "index"),
        help="Of a venue: keep its own prices too, mark or index; give it once a kind.",
    ),
    argument(
        "--implied-vol",
        action="store_true",
        help="Of a venue: fill ImpliedVol of BTC and ETH from Deribit's index; by default as ImpliedVolSource says.",
    ),
    BASE_URL,
    PROXY,
)
"""How a venue is read."""


@command(
    BOOK,
    argument(
        "--from",
        dest="source",
        metavar="DIR_OR_FILE",
        type=as_path,
        alone_in="source",
        help="CSV or Parquet files of history.",
    ),
    VENUE,
    *HISTORY,
    *LIVE,
    argument("--out", metavar="FILE", type=as_path, help="Where to write; by default BOOK itself."),
    FORCE,
    *TOLD,
)
def refresh(given: Namespace) -> bool:
    """Load prices and funding into BOOK (the old BOOK stays as BOOK.bak); its results are emptied."""
    from ..runs.running import run_job

    return run_job(_refresh(given), given, target=given.book, counts=True)


@command(
    BOOK,
    argument(
        "--from",
        dest="source",
        metavar="DIR_OR_FILE",
        type=as_path,
        alone_in="source",
        help="Refresh first, from CSV or Parquet files of history.",
    ),
    VENUE,
    *HISTORY,
    *LIVE,
    argument(
        "--out",
        metavar="FILE",
        type=as_path,
        help="Where to write; by default BOOK itself with --from or --venue, else NAME.results.xlsx beside it.",
    ),
    FORCE,
    SET,
    *TOLD,
)
def day(given: Namespace) -> bool:
    """Run the desk's day in one go: refresh where --from or --venue is given, rebalance, hedge, stress, check.

    The workbook is written once, at the end: a job that is refused leaves everything as it was. A failed check ends
    the day, and what stands until then is written with it. Where no contract is marked Hedge, nothing is hedged.
    """
    from core.errors import ArgumentError, listed

    from ....desk import jobs
    from ..runs.running import run_jobs

    refreshes = given.source is not None or given.venue is not None
    if not refreshes:
        asked = [each.names[0] for each in (*HISTORY, *LIVE) if vars(given)[each.dest] not in (None, "auto", [], False)]
        if asked:
            raise ArgumentError(f"{listed(asked)}: of a refresh, which this day has not; give --from or --venue too")
    refreshing = [_refresh(given)] if refreshes else []
    return run_jobs(
        "day",
        [*refreshing, jobs.rebalance, _hedge_if_marked, jobs.stress, jobs.check],
        given,
        target=given.book if refreshing else None,
    )


def _hedge_if_marked(book: Workbook) -> Report:
    """The hedge of a day; a desk without a contract to hedge with has none, which is said."""
    from ....desk.jobs import Report, hedge

    marks = book.table("Universe").column("Hedge")
    if any(str(mark or "").strip().upper() == "Y" for mark in marks):
        return hedge(book)
    return Report("hedge", "nothing is hedged: no contract on Universe is marked Hedge", (), ())


def _refresh(given: Namespace) -> Callable[..., Report]:
    """The job that loads what is asked for."""
    from ....desk import jobs
    from ....desk.day.refresh.loaded import VenueSource
    from ....desk.day.refresh.own_files import OwnFiles

    venue = VenueSource(
        given.venue,
        given.bar_hours,
        given.store,
        given.as_of,
        given.again,
        tuple(given.also),
        given.base_url,
        given.proxy,
        given.implied_vol,
    )
    named = [symbol.strip() for symbol in (given.symbols or "").split(",") if symbol.strip()]
    return partial(
        jobs.refresh,
        source=given.source or venue,
        symbols="all" if named == ["all"] else named or None,
        end=given.end,
        bars=given.bars,
        funding=given.funding,
        own_files=OwnFiles(given.positions, given.tiers, given.factors),
        filed=given.filed,
    )


@command(BOOK, OUT, FORCE, SET, *TOLD)
def rebalance(given: Namespace) -> bool:
    """Estimate, optimise and size the orders."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(jobs.rebalance, given)


@command(BOOK, OUT, FORCE, SET, *TOLD)
def hedge(given: Namespace) -> bool:
    """Trade the beta of the book back to its target."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(jobs.hedge, given)


@command(BOOK, OUT, FORCE, SET, *TOLD)
def stress(given: Namespace) -> bool:
    """Put every scenario on the book: profit or loss, margin, who is liquidated first."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(jobs.stress, given)


@command(
    BOOK,
    OUT,
    FORCE,
    SET,
    argument("--path", metavar="FILE", type=as_path, help="Write every row of the walk too: .csv or .parquet."),
    *TOLD,
)
def backtest(given: Namespace) -> bool:
    """Walk the desk's own policy through all of its history, beside equal weights."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(partial(jobs.backtest, path=given.path), given, counts=True)


@command(
    BOOK,
    OUT,
    FORCE,
    SET,
    argument(
        "--algorithm",
        metavar="NAME",
        default="evolution",
        completes=lambda: ("evolution", "cross_entropy"),
        help="By which a tilt is searched for: evolution (the default) or cross_entropy.",
    ),
    argument(
        "--trials",
        metavar="N",
        type=count,
        default=1,
        help="Trainings that you have tried, this one included: the more, the more is asked of it.",
    ),
    argument("--until", metavar="TIME", help="Last close to learn from, UTC; later ones judge it."),
    *TOLD,
)
def train(given: Namespace) -> bool:
    """Learn a tilt of the book from the history, judge it where it had not learned, keep it in a file."""
    from ....desk import jobs
    from ..runs.running import run_job

    job = partial(jobs.train, algorithm=given.algorithm, trials=given.trials, until=given.until)
    return run_job(job, given, counts=True)


@command(BOOK, OUT, FORCE, *TOLD)
def check(given: Namespace) -> bool:
    """Hold the results against inputs and limits."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(jobs.check, given)


@command(BOOK, OUT, FORCE, *TOLD)
def verify(given: Namespace) -> bool:
    """Work every figure out a second time by other means; exit code 1 when one differs."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(jobs.verify, given)
