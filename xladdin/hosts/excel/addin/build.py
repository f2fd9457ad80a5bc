"""Builds `PerpDesk.xlam` from text, without Excel: the same sources give the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from ....catalog import functions
from .package import package_parts
from .vba_project import Module, vba_project
from .wrappers import MODULE_NAME, wrappers

__all__ = ["addin_bytes", "addin_modules", "build_addin", "write_wrappers"]

SOURCES = Path(__file__).parents[1]
VBA, RIBBON = SOURCES / "vba", SOURCES / "ribbon.xml"
PROJECT_NAME = "PerpDesk"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every part: the earliest that a zip can hold."""


def build_addin(path: Path) -> None:
    """Write the add-in at `path`."""
    path.write_bytes(addin_bytes())


def write_wrappers() -> None:
    """Write the generated module beside the others, from the catalogue as it is."""
    (VBA / f"{MODULE_NAME}.bas").write_text(wrappers(functions()), encoding="utf-8", newline="\n")


def addin_bytes() -> bytes:
    """The file of the add-in. Its parts are stored as they are: what deflates them differs between machines."""
    ribbon = RIBBON.read_text(encoding="utf-8")
    parts = {name: text.encode() for name, text in package_parts(ribbon, PROJECT_NAME).items()}
    parts["xl/vbaProject.bin"] = vba_project(PROJECT_NAME, addin_modules())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in parts.items():
            member = zipfile.ZipInfo(name, LONG_AGO)
            member.create_system = 0
            archive.writestr(member, data, zipfile.ZIP_STORED)
    return packed.getvalue()


def addin_modules() -> list[Module]:
    """The workbook's own modules, then those of `vba`, in the order of their names."""
    plain = [Module(path.stem, _body(path)) for path in sorted(VBA.glob("*.bas"))]
    return [Module("ThisWorkbook", _body(VBA / "ThisWorkbook.cls"), "workbook"), Module("Sheet1", "", "sheet"), *plain]


def _body(path: Path) -> str:
    """The text without the attributes, which the project writes itself."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("Attribute VB_"))
