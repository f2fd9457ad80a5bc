"""PerpDesk-Lite.xlsx: the desk workbook as xlwings Lite opens it, with the code inside and formulas in its spelling.

One workbook cannot serve this door and another: Excel saves the functions of such an add-in as `_xldudf_PERP_BETA`, and
those of an .xlam as `PERP_BETA`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from ...books.xlsx.package import Package
from .bundle import modules, zip_of
from .code import STORED, THREE_LINES, Source, Written, main_text, requirements_text
from .part import EXTENSION, with_files

__all__ = ["LITE_FILE", "PREFIX", "Spelling", "build_lite", "follows", "lite_parts", "spelled", "write_stored"]

LITE_FILE = "PerpDesk-Lite.xlsx"

PREFIX = "_xldudf_"

Spelling = Literal["functions", "plain"]
"""How formulas name functions: as Excel saves those of an add-in of the store, or by their names alone."""

MODULES = re.compile(rb"[A-Za-z0-9+/]{1000,}=*")
"""The modules inside a part, as text."""

FORMULA = re.compile(rb"(<f\b[^>]*>)([^<]*)(</f>)")
FUNCTION = re.compile(rb"(?<![A-Za-z0-9_.])(?:_xldudf_)?(PERP_[A-Z0-9_]+\()")

NO_TIME = (1980, 1, 1, 0, 0, 0)

ABOUT = "xl/worksheets/sheet1.xml"
TOLD = (
    (
        "1  Once",
        "Insert > Add-ins (Home > Add-ins on the web): search for xlwings Lite, add it. It is free and its maker's.",
    ),
    (
        "2  Each workbook",
        "Open it, click xlwings Lite on the ribbon, Trust. Python loads from the internet: wait a minute.",
    ),
    ("3  Use it", "Functions stand in cells; jobs stand in the pane: Refresh, Rebalance, Hedge, Stress, Check, Why?"),
    ("#NAME? in cells", "Run the script Connect formulas."),
    ("No scripts there", f"Put {STORED} into the add-in's file store, paste these three lines into main.py, save:"),
    *(("", line) for line in THREE_LINES),
    ("Mind", "There is no undo and no copy, and no job may run while a cell is edited. Keep a copy of this workbook."),
    ("One door", "This workbook is for xlwings Lite alone: PerpDesk.xlam and LibreOffice want PerpDesk.xlsx."),
)
"""What the sheet About says besides, in two columns."""


def build_lite(
    path: Path, desk: Path, source: Source = "inside", written: Written = "published", spelling: Spelling = "functions"
) -> None:
    """Write the workbook at `path`, from the desk workbook at `desk`. Raises BookError."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for part, data in lite_parts(_parts(desk), source, written, spelling).items():
            archive.writestr(zipfile.ZipInfo(part, NO_TIME), data, zipfile.ZIP_DEFLATED, 9)
    path.write_bytes(packed.getvalue())


def follows(path: Path, desk: Path) -> bool:
    """Whether the workbook at `path` is that of `desk` as it is built now, but for the modules inside it.

    These change with every day's work, and a workbook that is kept under version control need not change as often.
    """
    if not path.is_file():
        return False
    kept, built = (
        {name: MODULES.sub(b"", data) if name == EXTENSION else data for name, data in parts.items()}
        for parts in (_parts(path), lite_parts(_parts(desk)))
    )
    return kept == built


def lite_parts(
    parts: Mapping[str, bytes],
    source: Source = "inside",
    written: Written = "published",
    spelling: Spelling = "functions",
) -> dict[str, bytes]:
    """The parts of a desk workbook as those of one for xlwings Lite."""
    files = {"main.py": main_text(source, written), "requirements.txt": requirements_text(source)}
    own = {part: spelled(data, spelling) if part.startswith("xl/worksheets/") else data for part, data in parts.items()}
    own[ABOUT] = _told(own[ABOUT])
    return with_files(own, files)


def spelled(sheet: bytes, spelling: Spelling) -> bytes:
    """A sheet whose formulas name functions of PerpDesk in one spelling."""
    prefix = PREFIX.encode() if spelling == "functions" else b""
    return _in_formulas(sheet, lambda formula: FUNCTION.sub(prefix + rb"\1", formula))


def write_stored(path: Path) -> None:
    """Write the zip for the add-in's file store."""
    path.write_bytes(zip_of(modules()))


def _parts(path: Path) -> dict[str, bytes]:
    package = Package.read(path)
    return {part: package.data(part) for part in package.parts}


def _in_formulas(sheet: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return FORMULA.sub(lambda found: found[1] + change(found[2]) + found[3], sheet)


def _told(about: bytes) -> bytes:
    """The sheet About with what there is to say of this door below all that it says, in its styles."""
    text = about.decode()
    heading, words = (re.search(rf'<c r="{cell}" s="(\d+)"', text) for cell in ("B5", "B6"))
    assert heading is not None
    assert words is not None
    last = max(int(row) for row in re.findall(r'<row r="(\d+)"', text))
    rows = [_row(last + 2, heading[1], "In xlwings Lite", "", "")]
    rows += [_row(row, words[1], *cells) for row, cells in enumerate(TOLD, last + 3)]
    text = text.replace("</sheetData>", "".join(rows) + "</sheetData>")
    return re.sub(r'(<dimension ref="A1:[A-Z]+)\d+"', rf'\g<1>{last + 2 + len(TOLD)}"', text).encode()


def _row(row: int, style: str, *words: str) -> str:
    cells = "".join(
        f'<c r="{column}{row}" s="{style}" t="inlineStr"><is><t>{escape(said)}</t></is></c>'
        for column, said in zip("BCD", words, strict=False)
    )
    return f'<row r="{row}">{cells}</row>'
