"""The desk's jobs on a workbook: refresh, rebalance, hedge, stress, backtest, check, verify."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace
from pathlib import Path

from ..arguments import BOOK, FORCE, OUT, SET, count
from ..declared import argument, command

__all__ = ["backtest", "check", "hedge", "rebalance", "refresh", "stress", "verify"]


@command(
    BOOK,
    argument(
        "--from",
        dest="source",
        metavar="DIR_OR_FILE",
        type=Path,
        required=True,
        help="CSV or Parquet files of history.",
    ),
    argument("--symbols", metavar="LIST", help="Symbols with commas between; by default those in play."),
    argument("--end", metavar="TIME", help="Last close, UTC; a date means through the end of that day."),
    argument("--bars", metavar="N", type=count, help="Returns to load (one closing price more than that)."),
    argument(
        "--funding",
        metavar="HOW",
        default="auto",
        help="Rates in the files: settled in each row, carried forward, or auto (the default): where they change.",
    ),
    argument(
        "--positions",
        metavar="FILE",
        type=Path,
        help="All that is held: symbol, quantity (negative = short), entry.",
    ),
    argument("--tiers", metavar="FILE", type=Path, help="Margin tiers of the venue, for the sheet Tiers."),
    argument(
        "--factors",
        metavar="FILE",
        type=Path,
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
    argument("--out", metavar="FILE", type=Path, help="Where to write; by default BOOK itself."),
    FORCE,
)
def refresh(given: Namespace) -> bool:
    """Load prices and funding into BOOK (the old BOOK stays as BOOK.bak); its results are emptied."""
    from ....desk import jobs
    from ....desk.day.refresh.own_files import OwnFiles
    from ..running import run_job

    wanted = [symbol.strip() for symbol in (given.symbols or "").split(",") if symbol.strip()] or None
    own_files = OwnFiles(given.positions, given.tiers, given.factors)
    return run_job(
        lambda desk: jobs.refresh(
            desk,
            given.source,
            wanted,
            given.end,
            given.bars,
            funding=given.funding,
            own_files=own_files,
            filed=given.filed,
        ),
        given.book,
        given.out or given.book,
        force=given.force,
    )


@command(BOOK, OUT, FORCE, SET)
def rebalance(given: Namespace) -> bool:
    """Estimate, optimise and size the orders."""
    from ....desk import jobs
    from ..running import run_job

    return run_job(jobs.rebalance, given.book, given.out, force=given.force, settings=given.settings)


@command(BOOK, OUT, FORCE, SET)
def hedge(given: Namespace) -> bool:
    """Trade the beta of the book back to its target."""
    from ....desk import jobs
    from ..running import run_job

    return run_job(jobs.hedge, given.book, given.out, force=given.force, settings=given.settings)


@command(BOOK, OUT, FORCE, SET)
def stress(given: Namespace) -> bool:
    """Put every scenario on the book: profit or loss, margin, who is liquidated first."""
    from ....desk import jobs
    from ..running import run_job

    return run_job(jobs.stress, given.book, given.out, force=given.force, settings=given.settings)


@command(
    BOOK,
    OUT,
    FORCE,
    SET,
    argument("--path", metavar="FILE", type=Path, help="Write every row of the walk too: .csv or .parquet."),
)
def backtest(given: Namespace) -> bool:
    """Walk the desk's own policy through all of its history, beside equal weights."""
    from ....desk import jobs
    from ..console import progress
    from ..running import run_job

    with progress() as moved:
        return run_job(
            lambda desk: jobs.backtest(desk, path=given.path, moved=moved),
            given.book,
            given.out,
            force=given.force,
            settings=given.settings,
        )


@command(BOOK, OUT, FORCE)
def check(given: Namespace) -> bool:
    """Hold the results against inputs and limits."""
    from ....desk import jobs
    from ..running import run_job

    return run_job(jobs.check, given.book, given.out, force=given.force)


@command(BOOK, OUT, FORCE)
def verify(given: Namespace) -> bool:
    """Work every figure out a second time by other means; exit code 1 when one differs."""
    from ....desk import jobs
    from ..running import run_job

    return run_job(jobs.verify, given.book, given.out, force=given.force)
