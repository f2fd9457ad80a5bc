"""A desk after its day, in memory, and its report as a tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from lxml import etree

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import CELLS, NOW
from xladdin.books.workbook import Workbook
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.report.page import report_page
from xladdin.desk.write.searched.swept import HeatMap, Ranked, Swept

UNKNOWN_TO_THE_PARSER = ("section", "header", "footer", "figure", "figcaption", "svg", "title", "rect", "line", "text")
UNKNOWN_TO_THE_PARSER += ("polyline", "polygon")
"""Elements of HTML 5 that libxml2, which knows HTML 4, remarks on; everything else that it remarks on is a fault."""


def a_sweep(fingerprint: str) -> Swept:
    """Two configurations, as a sweep hands them to the desk."""
    best, none = (1.25, 0.4, 0.8, 0.3, 0.24, 0.12, 9.5, 0.02, 0.004, 0.0, 1.0), (None,) * 11
    return Swept(
        fingerprint=fingerprint,
        asked="Window=240,360",
        trials=2,
        failed=1,
        first=datetime(2025, 1, 11),
        last=datetime(2025, 4, 1),
        bars=1920,
        best=[Ranked("Window=240", *best), Ranked("Window=360", *none, reason="the policy had no answer")],
        own=None,
        by_luck=2.1,
        overfitting=None,
        loss=None,
        heat=HeatMap(["Window 240", "Window 360"], ["Sharpe"], [[1.25], [None]]),
        file="desk.sweep.parquet",
        place="one process",
    )


@pytest.fixture(scope="session")
def day(desk_content) -> MemoryWorkbook:
    """The sample desk after backtest, rebalance, hedge, stress, check and a sweep; not to be written to."""
    book = MemoryWorkbook(*desk_content)
    for job in (jobs.backtest, jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
        job(book, NOW)
    jobs.sweep(book, a_sweep(read_desk(book).fingerprint("sweep")), NOW)
    book.commit()
    return book


@pytest.fixture
def worked(day) -> MemoryWorkbook:
    """The same, to write to."""
    return MemoryWorkbook([day.table(name) for name in TABLES], [day.value(name) for name in CELLS])


@pytest.fixture
def page_of() -> Callable[[Workbook], etree._Element]:
    """The report of a book as a tree; fails on a page that is no sound HTML."""

    def parsed(book: Workbook) -> etree._Element:
        data = report_page(book, NOW)
        parser = etree.HTMLParser(encoding="utf-8")
        tree = etree.fromstring(data, parser)
        remarks = {each.message for each in parser.error_log}
        assert remarks <= {f"Tag {name} invalid" for name in UNKNOWN_TO_THE_PARSER}
        return tree

    return parsed
