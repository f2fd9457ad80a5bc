"""What came of jobs, told as it was asked for: lines for a person, a document or a table for a program."""

from __future__ import annotations

import sys
from argparse import Namespace

from core.errors import listed

from ..told import console
from ..told.answers import plain, table_as_csv
from .done import Done

__all__ = ["tell"]


def tell(done: Done, given: Namespace, document: dict[str, object]) -> None:
    """All of it: in lines, or where `--json` asks for it in the document, or where `--csv` does as one table.

    Beside a table, what a person has to know goes to the error stream.
    """
    if given.as_json:
        console.as_json({**document, **_landed(done, given)})
        return
    if done.table is not None:
        table_as_csv(done.table)
    if given.quiet:
        _tell_what_is_wrong(done)
        return
    stream = sys.stderr if given.as_csv else sys.stdout
    if not given.as_csv:
        for line in done.lines:
            console.show(*line)
    for warning in dict.fromkeys(warning for report in done.reports for warning in report.warnings):
        console.note(warning, stream)
    if given.as_csv:
        _tell_what_is_wrong(done)
    if given.verbose:
        for step, seconds in done.seconds.items():
            console.show((f"{seconds:8.2f} s  {step}", "dim"), to=sys.stderr)
    if given.dry_run:
        console.show(_rehearsed(done), to=stream)
        return
    for file in done.files:
        console.wrote(file, stream)


def _tell_what_is_wrong(done: Done) -> None:
    """The verdict of a job that is not well."""
    last = done.reports[-1]
    if not last.passed:
        console.show_refusal(f"{last.job}: {last.verdict or last.headline}")


def _rehearsed(done: Done) -> str:
    """What would be written where."""
    if not done.files:
        return "nothing would change, and nothing was written"
    settings = [f"{name} = {'blank' if value is None else plain(value)}" for name, value in done.settings.items()]
    changed = listed([*settings, *(change.words for change in done.changed)], most=len(settings) + len(done.changed))
    return f"would write {listed(done.files)}: {changed}; nothing was written"


def _landed(done: Done, given: Namespace) -> dict[str, object]:
    """What was written, or would be."""
    written: dict[str, object] = {
        "dry_run": given.dry_run,
        "files": [str(file) for file in done.files],
        "settings": {name: plain(value) for name, value in done.settings.items()},
        "seconds": {step: round(seconds, 3) for step, seconds in done.seconds.items()},
    }
    if given.dry_run:
        written["changes"] = [
            {"table": each.table, "rows_before": each.rows_before, "rows_after": each.rows_after}
            for each in done.changed
        ]
    return written
