"""The command line: the desk's day without a spreadsheet program, on any machine.

Exit code 0: done. 1: the desk said no and why, or a check failed. 2: wrong usage.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from core.errors import BookError

from ... import catalog
from ...books.file_book import FileBook
from ...books.workbook import Workbook
from ...cells import is_error
from ...desk import jobs
from ...desk.day.refresh.own_files import OwnFiles
from ...desk.jobs import Report
from ...desk.report.file import report_beside, write_report
from ...desk.template.build import build_desk, build_empty_desk, sample_book
from ...doctor import examine
from ...examples.collected import example_of
from ...reasons import reasons
from ..calc.build import build_extension
from ..calc.names import EXTENSION_FILE
from ..excel.addin.build import build_addin, write_wrappers
from ..excel.examination import examine_excel
from ..excel.identity import ADDIN_FILE
from . import console
from .calc import calc
from .excel import excel
from .release import build_release
from .results import landing, naming, refuse_another_file
from .values import cells_of, setting_values

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="PerpDesk: beta, optimisation, hedging and stress tests for perpetual futures, on a desk workbook.",
)

app.add_typer(excel, name="excel")
app.add_typer(calc, name="calc")

BookArgument = Annotated[Path, typer.Argument(metavar="BOOK", help="The desk workbook (.xlsx).")]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Where to write; by default NAME.results.xlsx beside BOOK, in which it goes on.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Replace what stands there even if it is none of this desk's (kept as NAME.bak)."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting to change in what is written; NAME= blanks it."),
]


def main() -> None:
    """Entry point of the `perpdesk` command."""
    app(prog_name="perpdesk")


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="The new desk workbook (.xlsx).")],
    empty: Annotated[bool, typer.Option("--empty", help="Without the sample: settings and scenarios only.")] = False,
) -> None:
    """Make a new desk workbook, with a synthetic sample desk in it."""
    with console.reasons_told():
        if path.exists():
            raise BookError(f"{path} exists already; give another name, or remove it first")
        if empty:
            build_empty_desk(path)
        else:
            build_desk(path)
    console.wrote(path)


@app.command()
def refresh(
    book: BookArgument,
    source: Annotated[Path, typer.Option("--from", metavar="DIR_OR_FILE", help="CSV or Parquet files of history.")],
    symbols: Annotated[str | None, typer.Option(help="Symbols with commas between; by default those in play.")] = None,
    end: Annotated[str | None, typer.Option(help="Last close, UTC; a date means through the end of that day.")] = None,
    bars: Annotated[int | None, typer.Option(min=1, help="Returns to load (one closing price more than that).")] = None,
    funding: Annotated[
        str, typer.Option(help="Rates in the files: settled in each row, carried forward, or auto: where they change.")
    ] = "auto",
    positions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="All that is held: symbol, quantity (negative = short), entry.")
    ] = None,
    tiers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Margin tiers of the venue, for the sheet Tiers.")
    ] = None,
    factors: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Levels by date of a risk factor; give it once a file.")
    ] = None,
    filed: Annotated[
        bool | None,
        typer.Option(
            "--history-file/--no-history-file",
            help="Keep the history in a Parquet file beside BOOK, or in its cells; by default as BOOK has it.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; by default BOOK itself.")] = None,
    force: ForceOption = False,
) -> None:
    """Load prices and funding into BOOK (the old BOOK stays as BOOK.bak); its results are emptied."""
    wanted = [symbol.strip() for symbol in symbols.split(",") if symbol.strip()] if symbols else None
    own_files = OwnFiles(positions, tiers, factors or ())
    _run(
        lambda desk: jobs.refresh(desk, source, wanted, end, bars, funding=funding, own_files=own_files, filed=filed),
        book,
        out or book,
        force,
    )


@app.command()
def rebalance(
    book: BookArgument, out: OutOption = None, force: ForceOption = False, settings: SetOption = None
) -> None:
    """Estimate, optimise and size the orders."""
    _run(jobs.rebalance, book, out, force, settings)


@app.command()
def hedge(book: BookArgument, out: OutOption = None, force: ForceOption = False, settings: SetOption = None) -> None:
    """Trade the beta of the book back to its target."""
    _run(jobs.hedge, book, out, force, settings)


@app.command()
def stress(book: BookArgument, out: OutOption = None, force: ForceOption = False, settings: SetOption = None) -> None:
    """Put every scenario on the book: profit or loss, margin, who is liquidated first."""
    _run(jobs.stress, book, out, force, settings)


@app.command()
def backtest(
    book: BookArgument,
    out: OutOption = None,
    force: ForceOption = False,
    settings: SetOption = None,
    path: Annotated[
        Path | None, typer.Option("--path", metavar="FILE", help="Write every row of the walk too: .csv or .parquet.")
    ] = None,
) -> None:
    """Walk the desk's own policy through all of its history, beside equal weights."""
    with console.progress() as moved:
        _run(lambda desk: jobs.backtest(desk, path=path, moved=moved), book, out, force, settings)


@app.command()
def check(book: BookArgument, out: OutOption = None, force: ForceOption = False) -> None:
    """Hold the results against inputs and limits."""
    _run(jobs.check, book, out, force)


@app.command()
def verify(book: BookArgument, out: OutOption = None, force: ForceOption = False) -> None:
    """Work every figure out a second time by other means; exit code 1 when one differs."""
    _run(jobs.verify, book, out, force)


@app.command()
def report(
    book: BookArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", help="Where to write; by default NAME.html beside BOOK."),
    ] = None,
) -> None:
    """Write what stands in BOOK as one page to read, print and file; what has not run is said."""
    with console.reasons_told(), naming(book), FileBook.open(book) as desk:
        written = write_report(desk, out or report_beside(book))
    console.wrote(written)


@app.command()
def demo(
    path: Annotated[Path, typer.Argument(help="Where to write the results.")] = Path("PerpDesk-demo.xlsx"),
    force: ForceOption = False,
) -> None:
    """Run the desk's day on the synthetic sample desk: rebalance, hedge, stress, check."""
    with console.reasons_told():
        console.step("building the sample desk")
        with sample_book() as book:
            if not force:
                refuse_another_file(book, path)
            for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
                console.step(job.__name__)
                report = job(book)
                console.show(console.drawn(report, book))
            book.commit(path)
    console.wrote(path)
    _end(report)


@app.command(context_settings={"ignore_unknown_options": True})
def call(
    function: Annotated[str, typer.Argument(metavar="PERP_X", help="The sheet function.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARGS", help="1.5, TRUE, a word, '1,2;3,4' (; between rows), @block.csv, '' for blank."),
    ] = None,
) -> None:
    """Run one sheet function and print what its cell would show."""
    with console.reasons_told():
        spec = catalog.function(function)
        cells = [cells_of(argument) for argument in arguments or []]
    result = catalog.call(spec.name, *cells)
    console.show_cells(result)
    if is_error(result):
        console.show_refusal(reasons.why())
        raise typer.Exit(1)


@app.command()
def functions(
    name: Annotated[
        str | None, typer.Argument(metavar="PERP_X", help="One function: its arguments, an example.")
    ] = None,
    markdown: Annotated[bool, typer.Option(help="As the table of the README.")] = False,
) -> None:
    """List the sheet functions, or explain one of them."""
    if name is None:
        console.show_functions(catalog.functions(), markdown=markdown)
        return
    with console.reasons_told():
        spec = catalog.function(name)
    console.show_function(spec, example_of(spec.name))


@app.command()
def limits(markdown: Annotated[bool, typer.Option(help="As the page of the guide, docs/limits.md.")] = False) -> None:
    """List the names that a row of the limits block may have, and what each takes."""
    console.show_limits(markdown=markdown)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False) -> None:
    """Look whether everything is here that PerpDesk needs; exit code 1 when something is to mend."""
    findings = [*examine(), *examine_excel()]
    console.show_findings(findings, as_json=as_json)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@app.command()
def build(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("workbooks/PerpDesk.xlsx"),
    release: Annotated[
        bool, typer.Option("--release", help="The zip that people download, in the folder dist.")
    ] = False,
) -> None:
    """Build what the project ships: desk workbook, examples, what Excel and Calc add in; or its release."""
    from ...examples.sheets.build import (  # brings openpyxl, which no other command waits for
        EXAMPLES_FILE,
        build_examples,
    )

    addin, extension, examples = map(path.with_name, (ADDIN_FILE, EXTENSION_FILE, EXAMPLES_FILE))
    with console.reasons_told():
        if release:
            console.wrote(build_release())
            return
        build_desk(path)
        build_examples(examples)
        write_wrappers()
        build_addin(addin)
        build_extension(extension)
    for built in (path, examples, addin, extension):
        console.wrote(built)


def _run(
    job: Callable[[Workbook], Report],
    path: Path,
    out: Path | None,
    force: bool,
    settings: list[str] | None = None,
) -> None:
    """One job on one workbook: read, run, draw, commit; 1 when the desk says no, a check fails or figures differ."""
    with console.reasons_told(), landing(path, out, force=force) as landed:
        for name, value in setting_values(settings or []).items():
            landed.book.write_value(name, value)
        report = job(landed.book)
        drawn = console.drawn(landed.told(report), landed.book)
        written = landed.book.commit(landed.target)
        console.show(drawn)
        console.wrote(written)
        if report.walk is not None:
            report.walk.write()
            console.wrote(report.walk.path)
    _end(report)


def _end(report: Report) -> None:
    """Exit code 1 when a check failed; the results are written, so that the sheet Checks can say what to do."""
    if not report.passed:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
