"""Workbooks as a whole: a new one, the sample's day, a page to read, and what the project ships."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from ..typed.arguments import BOOK, FORCE, JSON, as_path
from ..typed.declared import argument, command

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "demo", "new", "report"]


@command(
    argument("path", metavar="PATH", type=as_path, help="The new desk workbook (.xlsx)."),
    argument("--empty", action="store_true", help="Without the sample: settings and scenarios only."),
    JSON,
)
def new(given: Namespace) -> bool:
    """Make a new desk workbook, with a synthetic sample desk in it."""
    from ....desk.template.shipped import new_desk
    from ..told.console import tell_files

    new_desk(given.path, empty=given.empty)
    tell_files("new", [given.path], for_program=given.as_json)
    return True


@command(
    argument(
        "path",
        metavar="PATH",
        type=as_path,
        nargs="?",
        default="PerpDesk-demo.xlsx",
        help="Where to write the results; by default PerpDesk-demo.xlsx.",
    ),
    FORCE,
    JSON,
)
def demo(given: Namespace) -> bool:
    """Run the desk's day on the synthetic sample desk: rebalance, hedge, stress, check."""
    from ....desk import jobs
    from ....desk.template.build import sample_book
    from ..runs.results import refuse_another_file
    from ..told import console
    from ..told.answers import document_of
    from ..told.drawing import drawn

    def step(name: str) -> None:
        if not given.as_json:
            console.step(name)

    step("building the sample desk")
    documents = []
    with sample_book() as book:
        if not given.force:
            refuse_another_file(book, given.path)
        for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
            step(job.__name__)
            done = job(book)
            if given.as_json:
                documents.append(document_of(done, book, done.tables))
                continue
            for line in drawn(done, book, done.tables, whole=False):
                console.show(*line)
            for warning in done.warnings:
                console.note(warning)
        book.commit(given.path)
    console.tell_files("demo", [given.path], for_program=given.as_json, passed=done.passed, jobs=documents)
    return done.passed


@command(
    BOOK,
    argument("--out", metavar="FILE.html", type=as_path, help="Where to write; by default NAME.html beside BOOK."),
    JSON,
)
def report(given: Namespace) -> bool:
    """Write what stands in BOOK as one page to read, print and file; what has not run is said."""
    from ....books.file_book import FileBook
    from ....desk.report.file import report_beside, write_report
    from ..runs.results import naming
    from ..told.console import tell_files

    with naming(given.book), FileBook.open(given.book) as desk:
        written = write_report(desk, given.out or report_beside(given.book))
    tell_files("report", [written], for_program=given.as_json)
    return True


@command(
    argument(
        "path",
        metavar="PATH",
        type=as_path,
        nargs="?",
        default="workbooks/PerpDesk.xlsx",
        help="Where to write it; by default workbooks/PerpDesk.xlsx.",
    ),
    argument("--release", action="store_true", help="The zip that people download, in the folder dist."),
    argument("--lite", action="store_true", help="Only PerpDesk-Lite.xlsx, from the desk workbook at PATH."),
    argument("--code", metavar="FROM", help="Its code: inside, store (a zip beside it), or a wheel's name or address."),
    argument("--stubs", action="store_true", help="Its functions written out in main.py, one by one."),
    argument("--plain", action="store_true", help="Its formulas name functions as PerpDesk.xlam does."),
    JSON,
)
def build(given: Namespace) -> bool:
    """Build what the project ships: desk workbook, examples, what Excel and Calc add in, guide; or its release.

    --code, --stubs and --plain go with --lite: ways round what xlwings Lite may not take (install/SMOKE.md).
    """
    from ....desk.template.build import build_desk
    from ....examples.sheets.build import EXAMPLES_FILE, build_examples
    from ...calc.build import build_extension
    from ...calc.names import EXTENSION_FILE
    from ...excel.addin.build import build_addin, write_wrappers
    from ...excel.identity import ADDIN_FILE
    from ...guide.pages import write_guide
    from ...lite.workbook import LITE_FILE, follows
    from ..pages.function_list import write_function_list
    from ..release import PROJECT, build_release
    from ..told.console import tell_files

    if given.release:
        tell_files("build", [build_release()], for_program=given.as_json)
        return True
    if given.lite:
        tell_files("build", _build_lite(given), for_program=given.as_json)
        return True
    addin, extension, examples = map(given.path.with_name, (ADDIN_FILE, EXTENSION_FILE, EXAMPLES_FILE))
    build_desk(given.path)
    build_examples(examples)
    write_wrappers()
    write_function_list()
    build_addin(addin)
    build_extension(extension)
    lite = [] if follows(given.path.with_name(LITE_FILE), given.path) else _build_lite(given)
    files = [given.path, examples, addin, extension, *write_guide(PROJECT, given.sections), *lite]
    tell_files("build", files, for_program=given.as_json)
    return True


def _build_lite(given: Namespace) -> list[Path]:
    """PerpDesk-Lite.xlsx beside the desk workbook, and its code where that stands beside it."""
    from ...lite.code import STORED
    from ...lite.workbook import LITE_FILE, build_lite, write_stored

    lite, source = given.path.with_name(LITE_FILE), given.code or "inside"
    build_lite(
        lite, given.path, source, "stubs" if given.stubs else "published", "plain" if given.plain else "functions"
    )
    if source != "store":
        return [lite]
    write_stored(lite.with_name(STORED))
    return [lite, lite.with_name(STORED)]
