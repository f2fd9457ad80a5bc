"""What the command line prints: reports, tables and findings, readable on a dark or light terminal, plain in a pipe."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from core.decide.limits.declared import Limits
from core.errors import PerpDeskError

from ...books.workbook import Workbook
from ...catalog import FunctionSpec
from ...cells import CellResult
from ...desk.jobs import Report
from ...desk.layout.fields import TableLayout
from ...desk.layout.sheets import TABLES
from ...desk.read.problems import BookProblemsError
from ...desk.write.display import VIEWS, shown_rows
from ...doctor import Finding
from ...examples.example import Example
from ...symbols import printable
from .function_page import function_page
from .limits_page import limits_page, taken

__all__ = [
    "drawn",
    "progress",
    "say",
    "show",
    "show_cells",
    "show_findings",
    "show_function",
    "show_functions",
    "show_limits",
    "show_refusal",
    "show_refusals",
    "step",
    "wrote",
]

WIDTH = 120
"""Characters that the widest view needs; a narrower terminal wraps the lines, nothing is cut."""

LONGEST = 4000
"""Characters of one sentence; none of them moves the cursor, wherever the sentence quotes from."""

out = Console(highlight=False, soft_wrap=True)
out.width = max(out.width, WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

STATUS_STYLES = {
    "OK": "green",
    "survives": "green",
    "agrees": "green",
    "as good": "green",
    "WARN": "yellow",
    "margin call": "yellow",
    "FAIL": "red",
    "liquidated": "red",
    "differs": "red",
    "not covered": "yellow",
}


def drawn(report: Report, book: Workbook) -> list[RenderableType]:
    """The sentence of a job, the tables it filled, and what it wants known, ready to show.

    Raises BookError where a table lacks a column, so that nothing need be written before it is known to be shown.
    """
    blocks = [(TABLES[name], book.table(name)) for name in report.tables]
    grids = [_grid(table, shown_rows(block, table)) for table, block in blocks if block.rows]
    return [
        f"[bold]{report.job.capitalize()}[/bold]  {escape(printable(report.headline, LONGEST))}",
        *(part for grid in grids for part in ("", grid)),
        f"[dim]{escape(report.verdict)}[/dim]",
        *(f"[yellow]note[/yellow]  {escape(printable(warning, LONGEST))}" for warning in report.warnings),
    ]


def show(parts: Iterable[RenderableType]) -> None:
    """What `drawn` made."""
    for part in parts:
        out.print(part)


def say(text: str, end: str = "\n") -> None:
    """A line as it stands, for whoever reads it or pipes it on."""
    sys.stdout.write(text + end)


def show_cells(result: CellResult) -> None:
    """What a cell shows; a block as lines of values with tabs between, ready to paste into a sheet."""
    rows = result if isinstance(result, list) else [[result]]
    for row in rows:
        say("\t".join(value if isinstance(value, str) else repr(value) for value in row))


def show_functions(specs: Iterable[FunctionSpec], *, markdown: bool = False) -> None:
    """Every sheet function with its signature and summary, by category; as a Markdown table for the README."""
    if markdown:
        say("| function | what the cell shows |\n|---|---|")
    category = ""
    for spec in specs:
        if markdown:
            say(f"| `{spec.signature}` | {spec.summary} |")
            continue
        if spec.category != category:
            category = spec.category
            out.print(f"\n[bold]{category}[/bold]")
        out.print(f"  {escape(spec.signature)}\n      [dim]{escape(spec.summary)}[/dim]")


def show_function(spec: FunctionSpec, example: Example | None) -> None:
    """One sheet function: its arguments, and its example where it has one."""
    say(function_page(spec, example), end="")


def show_limits(*, markdown: bool = False) -> None:
    """Every name of the limits block with what it means and takes; as the page of the guide in Markdown."""
    if markdown:
        say(limits_page(), end="")
        return
    for term in Limits.TERMS.values():
        out.print(f"  {term.name}: {escape(term.meaning)}\n      [dim]{escape(taken(term))}[/dim]")


def show_findings(findings: Sequence[Finding], *, as_json: bool = False) -> None:
    """One line a finding, with the remedy where it is not well; as JSON for programs."""
    if as_json:
        say(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False))
        return
    for finding in findings:
        mark = "[green]ok[/green]     " if finding.well else "[red]mend[/red]   "
        remedy = "" if finding.well else f"  ->  {escape(finding.remedy)}"
        out.print(f"{mark}{escape(finding.subject)}: {escape(finding.found)}{remedy}")


def step(name: str) -> None:
    """That a step of a longer run begins."""
    out.print(f"[dim]... {escape(name)}[/dim]")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """What tells how far a long run is, on the error stream; None where nobody watches, as in a pipe."""
    if not err.is_terminal:
        yield None
        return
    columns = (TextColumn("[dim]... {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda doing, done, of: bars.update(task, description=escape(doing), completed=done, total=of)


def wrote(path: Path) -> None:
    """The file that now holds the results."""
    out.print(f"wrote {escape(str(path))}")


def show_refusal(reason: str) -> None:
    """Why the desk said no, in one line on the error stream."""
    err.print(f"[red]perpdesk:[/red] {escape(printable(reason, LONGEST))}")


def show_refusals(error: Exception) -> bool:
    """Say in one line each what the desk or the system says no to; False for an error of another kind."""
    if isinstance(error, BookProblemsError):
        for problem in error.problems:
            show_refusal(problem)
    elif isinstance(error, PerpDeskError):
        show_refusal(str(error))
    elif isinstance(error, OSError):
        show_refusal(f"{error.filename or 'a file'}: {error.strerror or error}; mend that, then run again")
    elif isinstance(error, MemoryError):
        show_refusal(
            "memory has run out (a book is written whole or not at all); close other programs, or shorten the history"
        )
    else:
        return False
    return True


def _grid(table: TableLayout, rows: Iterable[list[str]]) -> Grid:
    grid = Grid(title=table.name, title_justify="left", title_style="bold", box=None, header_style="dim")
    for heading in VIEWS[table.name]:
        grid.add_column(heading, justify="right" if table.column(heading).kind == "number" else "left")
    for row in rows:
        grid.add_row(*(f"[{STATUS_STYLES[cell]}]{cell}[/]" if cell in STATUS_STYLES else escape(cell) for cell in row))
    return grid
