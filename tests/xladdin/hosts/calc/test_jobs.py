"""The jobs of the menu on a document that is open in a real LibreOffice: they equal the jobs on files, cell for cell."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calc_office import Document, Office
from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook
from xladdin.hosts.menu import JOBS

pytestmark = pytest.mark.calc

COMMAND = "org.perpdesk.calc:"
DAY = ("rebalance", "hedge", "stress", "check", "verify")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "workbooks" / "PerpDesk.xlsx", tmp_path / "desk.xlsx"))


def test_x(calc_office: Office, desk: Path) -> None:
    import time

    document = calc_office.open(desk)
    before = document.everything()
    for job in DAY:
        t = time.time()
        state, said = document.dispatch(COMMAND + job)
        print(state, said, time.time() - t)
    print(document.undo_titles())
    for job in DAY:
        document.undo()
    after = document.everything()
    for s in before:
        if before[s] != after[s]:
            for k in (0, 1):
                for r, (a, b) in enumerate(zip(before[s][k], after[s][k])):
                    for c, (x, y) in enumerate(zip(a, b)):
                        if x != y:
                            print(s, k, r, c, x, y)
    assert False
