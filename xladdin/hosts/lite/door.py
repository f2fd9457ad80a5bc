"""Which door a workbook is for, which PerpDesk it carries, and whether its formulas are of the other kind."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from ...books.xlsx.package import Package
from ...doctor import Finding
from ...version import __version__
from .bundle import bundle
from .part import files_in
from .workbook import FORMULA, PREFIX

__all__ = ["examine_workbook"]

CARRIED = re.compile(r"PerpDesk ([0-9][^ ]*) in xlwings Lite")
FUNCTION = re.compile(rb"(?<![A-Za-z0-9.])(_xldudf_)?PERP_[A-Z0-9_]+\(")


def examine_workbook(path: Path) -> list[Finding]:
    """What there is to say of a workbook file. Raises BookError where it is none, or is damaged."""
    package = Package.read(path)
    files = next((found for part in package.parts if (found := _lite_files(package, part)) is not None), None)
    of_functions, plain = _spellings(package)
    told = [_door(files)] + ([] if files is None else [_version(files.get("main.py", ""))])
    return [*told, _formulas(files is not None, of_functions, plain)]


def _lite_files(package: Package, part: str) -> dict[str, str] | None:
    if not part.startswith("xl/webextensions/webextension"):
        return None
    return files_in(package.fresh(part))


def _spellings(package: Package) -> tuple[int, int]:
    """How many functions formulas name as Excel saves those of the store's add-ins, and how many plainly."""
    sheets = [
        package.data(part) for part in package.parts if part.startswith("xl/worksheets/") and part.endswith(".xml")
    ]
    named = [each for data in sheets for _, formula, _ in FORMULA.findall(data) for each in FUNCTION.findall(formula)]
    return sum(map(bool, named)), sum(not each for each in named)


def _door(files: dict[str, str] | None) -> Finding:
    if files is None:
        return Finding("door", "PerpDesk.xlam in Excel, or LibreOffice Calc; it carries no code", True)
    return Finding("door", "xlwings Lite, whose files it carries", True)


def _version(main: str) -> Finding:
    found = CARRIED.search(main)
    if found is None:
        return Finding("code inside", "a main.py that PerpDesk did not write", True)
    if found[1] == __version__:
        own = base64.b64encode(bundle()).decode() in main
        return Finding("code inside", f"PerpDesk {found[1]}" + ("" if own else ", other modules than here"), True)
    remedy = "take the values into a new PerpDesk-Lite.xlsx, or stay with the version inside"
    return Finding("code inside", f"PerpDesk {found[1]}, and this is {__version__}", False, remedy)


def _formulas(is_lite: bool, of_functions: int, plain: int) -> Finding:
    own, other = (of_functions, plain) if is_lite else (plain, of_functions)
    if not other:
        return Finding("formulas", f"{own} functions of PerpDesk, all in the spelling of this door", True)
    remedy = (
        "run the script Connect formulas, and save"
        if is_lite
        else f"replace {PREFIX} by nothing in the formulas, or open the workbook that is for this door"
    )
    return Finding(
        "formulas",
        f"{other} of {own + other} functions of PerpDesk are in the spelling of the other door",
        False,
        remedy,
    )
