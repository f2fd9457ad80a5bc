"""The second opinion shares nothing with the first: no import, and no call while it works."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.source_tree import ROOT, SOURCES, imports, label
from xladdin.second_opinion.opinion import second_opinion

ROOM = [path for path in SOURCES if label(path).startswith("xladdin/second_opinion/")]
MAY_IMPORT = {"numpy", "pandas", "scipy", "cvxpy"}
LIGHT = sys.stdlib_module_names


@pytest.mark.parametrize("path", ROOM, ids=label)
def test_nothing_is_imported_but_the_workbook_protocol_and_public_libraries(path: Path) -> None:
    for each in imports(path):
        if each.target[0] == "xladdin":
            assert each.target[1] == "second_opinion" or each.target[:3] == ("xladdin", "books", "workbook")
        else:
            assert each.target[0] in MAY_IMPORT | LIGHT
            assert each.deferred or each.target[0] in LIGHT, "heavy packages are imported where they are used"


def test_no_function_of_core_or_of_the_desk_is_called_while_it_works(day) -> None:
    called: set[str] = set()
    others = tuple(str(ROOT / part) for part in ("core", "xladdin/desk", "xladdin/functions", "xladdin/feeds"))

    def heard(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(others):
            called.add(f"{frame.f_code.co_filename}: {frame.f_code.co_name}")

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        figures = second_opinion(day)
    finally:
        sys.setprofile(before)
    assert called == set()
    assert figures
