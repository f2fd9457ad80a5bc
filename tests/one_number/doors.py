"""The doors to the same desk: each runs the whole day on a copy of it and gives the figures that then stand there."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.calc_office import Document, Office
from tests.command_line import perpdesk
from tests.memory_workbook import MemoryWorkbook
from tests.one_number.figures import Figures, figures_of
from tests.openpyxl_engine import opened
from tests.xladdin.desk.conftest import CELLS
from xladdin.books.calc_book import CalcBook
from xladdin.books.file_book import FileBook
from xladdin.books.live_book import LiveBook
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.hosts.calc.office import PipedOffice
from xladdin.hosts.excel import macros

__all__ = ["DAY", "calc_document", "command_line", "file_job", "live_workbook", "python"]

DAY = ("rebalance", "hedge", "stress", "backtest", "verify", "check")


def file_job(desk: Path) -> Figures:
    """The jobs on a closed file."""
    for job in DAY:
        with FileBook.open(desk) as book:
            getattr(jobs, job)(book)
            book.commit()
    return _in_the_file(desk)


def python(desk: Path) -> Figures:
    """The jobs on a workbook that is nothing but values in memory."""
    with FileBook.open(desk) as book:
        memory = MemoryWorkbook([book.table(name) for name in TABLES], [book.value(name) for name in CELLS])
    for job in DAY:
        getattr(jobs, job)(memory)
        memory.commit()
    return figures_of(memory)


def command_line(desk: Path) -> Figures:
    """`perpdesk rebalance desk.xlsx`, and so on."""
    results = desk.with_name("desk.results.xlsx")
    shutil.copy(desk, results)
    for job in DAY:
        said = perpdesk(job, results)
        assert said.exit_code in (0, 1), said.stderr
    return _in_the_file(results)


def live_workbook(desk: Path) -> Figures:
    """The buttons of Excel's ribbon on an open workbook, through the xlwings interface."""
    book = opened(desk)
    for job in DAY:
        said = macros.run(job, book)
        assert "nothing was written" not in said, said
    return figures_of(LiveBook(book))


def calc_document(office: Office, desk: Path) -> tuple[Figures, Document]:
    """The commands of Calc's menu on an open document; the document stays open."""
    document = office.open(desk)
    for job in DAY:
        state, said = document.dispatch(f"org.perpdesk.calc:{job}")
        assert state, said
    return figures_of(CalcBook(PipedOffice(document.asked, "figures"))), document


def _in_the_file(path: Path) -> Figures:
    with FileBook.open(path) as book:
        return figures_of(book)
