"""A sweep on one workbook: read the desk, run what is left, write the results file, then the sheet as a job does."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from core.errors import ArgumentError, BookError, listed

from ....books.file_book import FileBook
from ....books.names import check_suffix
from ....desk import jobs
from ....desk.read.desk import read_desk
from ....desk.read.older import as_declared
from ....desk.write.runlog import heard_warnings
from ....sweep.ending import ended
from ....sweep.grid import listed_in, tried_values
from ....sweep.plan import Plan, planned
from ....sweep.store import Store, opened_store
from ....sweep.sweep import place_named, sweep
from ..interrupts import interruptible
from ..told import console
from ..typed.settings import setting_values
from .progress import progress
from .results import naming, refuse_another_file
from .running import run_job

__all__ = ["run_sweep"]

MOST_LISTED = 12


def run_sweep(given: Namespace) -> bool:
    """Whether all is well, as `run_job` has it. Raises PerpDeskError; a sweep that was stopped can go on."""
    check_suffix(given.book)
    results = given.results or given.book.with_name(f"{given.book.stem}.sweep.parquet")
    if results.suffix != ".parquet":
        raise ArgumentError(f"--results {results.name}: name a .parquet file")
    with heard_warnings() as said:
        plan = _plan(given)
        if given.dry_run:
            texts = [each.text for each in plan.configurations]
            console.say(f"{len(texts):,} configurations would go to {results}: {listed(texts, MOST_LISTED, ' | ')}")
            return True
        with opened_store(results, plan.header) as store:
            where = _run(plan, store, given.on)
            swept = ended(plan, store, where)
    return run_job(partial(jobs.sweep, swept=swept, said=said), given)


def _plan(given: Namespace) -> Plan:
    """What is to run; nothing is written to the book. Raises PerpDeskError before anything runs."""
    tried = tried_values(given.tries)
    further = [] if given.configurations is None else listed_in(given.configurations)
    with naming(given.book), FileBook.open(given.book) as book:
        if not given.force and given.out is not None:
            refuse_another_file(book, given.out)
        for name, value in setting_values(given.settings).items():
            book.write_value(name, value)
        declared = as_declared(book)
        return planned(declared, read_desk(declared), tried, further)


def _run(plan: Plan, store: Store, on: str | None) -> str:
    """Run what is left, and say how far it is; where it ran. Ctrl-C leaves a file that goes on."""
    place = place_named(on)
    try:
        with progress("configurations") as moved, interruptible():
            return sweep(plan, store, place, moved)
    except KeyboardInterrupt:
        done = sum(each.key in store.keys for each in plan.configurations)
        raise BookError(
            f"stopped: {done:,} of {len(plan.configurations):,} configurations are in {store.part.name}; run the same "
            "command again to go on"
        ) from None
    finally:
        if place is not None:
            place.close()
