"""LibreOffice as a second pair of eyes: a workbook recalculated, or drawn as one picture a sheet.

    def test_something(plain_office, tmp_path):                      # one without PerpDesk's functions, for all tests
        recalculated(plain_office, workbook, tmp_path / "calc")
        pictures(plain_office, workbook, tmp_path / "pictures")

That LibreOffice could read the file and wrote another is asserted, by the office itself.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.calc_office import Office

__all__ = ["drawn", "pictures", "recalculated"]

TIMEOUT = 300


def recalculated(office: Office, workbook: Path, folder: Path) -> Path:
    """The workbook with every formula computed by LibreOffice, as a new .xlsx file in `folder`."""
    return _converted(office, workbook, folder, "xlsx")


def pictures(office: Office, workbook: Path, folder: Path, *, dots_per_inch: int = 80) -> dict[str, Path]:
    """The first printed page of each sheet as a PNG in `folder`, by sheet."""
    return drawn(_converted(office, workbook, folder, "pdf"), folder, dots_per_inch=dots_per_inch)


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


def _converted(office: Office, workbook: Path, folder: Path, kind: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{workbook.stem}.{kind}"
    assert target != workbook, "render into another folder than the workbook's"
    document = office.open(workbook)
    document.recalculate()
    document.save(target)
    document.close()
    return target
