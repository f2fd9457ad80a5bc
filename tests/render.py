"""LibreOffice as a second pair of eyes: a workbook recalculated, or drawn as one picture a sheet.

    from tests.render import pictures, recalculated

LibreOffice exits 0 even for files that it cannot read, so the output itself is asserted. Each run has its own profile.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["drawn", "pictures", "recalculated"]

TIMEOUT = 120

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""Without it LibreOffice shows the values a file was saved with."""


def recalculated(workbook: Path, folder: Path) -> Path:
    """The workbook with every formula computed by LibreOffice, as a new .xlsx file in `folder`."""
    return _converted(workbook, folder, "xlsx")


def pictures(workbook: Path, folder: Path, *, dots_per_inch: int = 80) -> dict[str, Path]:
    """The first printed page of each sheet as a PNG in `folder`, by sheet."""
    return drawn(_converted(workbook, folder, "pdf"), folder, dots_per_inch=dots_per_inch)


def drawn(document: Path, folder: Path, *, dots_per_inch: int = 80, pages: int = 1) -> dict[str, Path]:
    """The first `pages` of each sheet of a printed workbook as PNGs in `folder`, by sheet (`Beta`, `Beta_2`, ...).

    The sheet's name is read from its footer.
    """
    found: dict[str, Path] = {}
    text = subprocess.run(
        ["pdftotext", "-layout", document, "-"], capture_output=True, text=True, check=True, timeout=TIMEOUT
    )
    for page, words in enumerate(text.stdout.split("\f"), start=1):
        footer = re.search(r"PerpDesk +(\w+) +\d+ / \d+\s*$", words)
        if footer is None:
            continue
        names = [footer[1], *(f"{footer[1]}_{number}" for number in range(2, pages + 1))]
        name = next((each for each in names if each not in found), None)
        if name is None:
            continue
        stem = folder / f"{len(found) + 1:02d}_{name}"
        only = ["-f", str(page), "-l", str(page), "-singlefile"]
        command = ["pdftoppm", "-png", "-r", str(dots_per_inch), *only, str(document), str(stem)]
        subprocess.run(command, check=True, timeout=TIMEOUT)
        found[name] = stem.with_suffix(".png")
    assert found, f"LibreOffice drew no page of {document.name}"
    return found


def _converted(workbook: Path, folder: Path, kind: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{workbook.stem}.{kind}"
    assert target != workbook, "render into another folder than the workbook's"
    program = shutil.which("soffice")
    assert program is not None, "mark the test with @pytest.mark.calc"
    with tempfile.TemporaryDirectory() as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
        command = [program, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore"]
        subprocess.run(
            [*command, "--convert-to", kind, "--outdir", folder, workbook],
            check=True,
            capture_output=True,
            timeout=TIMEOUT,
        )
    assert target.is_file(), f"LibreOffice could not read {workbook}"
    return target
