"""ONLYOFFICE's engine as a second spreadsheet: a workbook computed by a program that shares nothing with the others.

    from tests.onlyoffice import recalculated

The engine is the package document-builder (AGPL), which CI puts into an environment of its own, .perpdesk/onlyoffice;
it is a tool of this one test and nothing that ships or that a test environment holds. It prints that it has no licence,
and saves all the same.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import CI, ROOT

__all__ = ["recalculated"]

PYTHON = ROOT / ".perpdesk" / "onlyoffice" / "bin" / "python"
TIMEOUT = 300

PROGRAM = """
import sys
import docbuilder
builder = docbuilder.CDocBuilder()
assert builder.OpenFile(sys.argv[1], "") == 0, "it cannot be opened"
builder.GetContext().GetGlobal()["Api"].Call("RecalculateAllFormulas")
builder.SaveFile("xlsx", sys.argv[2])
builder.CloseFile()
"""


def recalculated(workbook: Path, folder: Path) -> Path:
    """The workbook with every formula computed by ONLYOFFICE, as a new file in `folder`; skips without the engine."""
    if not PYTHON.exists():
        reason = f"ONLYOFFICE's engine is not in {PYTHON.parent.parent}; .ci/run puts it there"
        pytest.fail(reason, pytrace=False) if CI else pytest.skip(reason)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / workbook.name
    command = [str(PYTHON), "-c", PROGRAM, str(workbook), str(target)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert target.is_file(), f"ONLYOFFICE wrote nothing: {said.stderr[-1000:]}"
    return target
