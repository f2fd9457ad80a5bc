"""The sample desk after a whole day, and the desks of other settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.numeric.compiled import counting
from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW, built_desk, desk_content
from xladdin.books.workbook import CellValue, Workbook
from xladdin.desk import jobs

__all__ = ["built_desk", "desk_content"]


def whole_day(book: Workbook) -> Workbook:
    for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.backtest):
        job(book, NOW)
    book.commit()
    return book


@pytest.fixture(scope="session")
def day(desk_content) -> Workbook:
    """The sample desk after rebalance, hedge, stress and backtest."""
    return whole_day(MemoryWorkbook(*desk_content))


@pytest.fixture
def another_day(desk_content) -> Callable[..., Workbook]:
    """The day of a desk with other settings, and rows on Limits, as a command runs it."""

    def run(limits: dict[str, float] | None = None, **settings: CellValue) -> Workbook:
        book = MemoryWorkbook(*desk_content)
        for name, value in settings.items():
            book.write_value(name, value)
        header = book.table("Limits").header
        if limits:
            book.write_table("Limits", [[*row, *[None] * (len(header) - 2)] for row in limits.items()], header)
        with counting():
            return whole_day(book)

    return run
