"""The desk's jobs on a workbook: refresh, rebalance, hedge, stress, backtest, check, verify."""

from __future__ import annotations

from argparse import BooleanOptionalAction, Namespace
from functools import partial
from pathlib import Path

from ..typed.arguments import BOOK, FORCE, OUT, SET, TOLD, count
from ..typed.declared import argument, command

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
    *TOLD,
)
def refresh(given: Namespace) -> bool:
    """Load prices and funding into BOOK (the old BOOK stays as BOOK.bak); its results are emptied."""
    from ....desk import jobs
    from ....desk.day.refresh.own_files import OwnFiles
    from ..runs.running import run_job

    wanted = [symbol.strip() for symbol in (given.symbols or "").split(",") if symbol.strip()] or None
    own_files = OwnFiles(given.positions, given.tiers, given.factors)
    return run_job(
        partial(
            jobs.refresh,
            source=given.source,
            symbols=wanted,
            end=given.end,
            bars=given.bars,
            funding=given.funding,
            own_files=own_files,
            filed=given.filed,
        ),
        given,
        target=given.book,
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
    argument("--path", metavar="FILE", type=Path, help="Write every row of the walk too: .csv or .parquet."),
    *TOLD,
)
def backtest(given: Namespace) -> bool:
    """Walk the desk's own policy through all of its history, beside equal weights."""
    from ....desk import jobs
    from ..runs.running import run_job

    return run_job(partial(jobs.backtest, path=given.path), given, counts=True)


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
