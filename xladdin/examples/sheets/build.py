"""The workbook of examples: every sheet drawn, framed and saved, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

from ...desk.layout.fields import Sheet
from ...desk.layout.sheets import BODY_ROW, NOTE_ROW, STATUS_ROW
from ...desk.template.frame import frame
from ...desk.template.saved import save
from ...desk.template.styles import add_styles
from ..collected import CATEGORIES, examples
from ..past import HISTORIES, history
from .category import draw_category
from .contents import draw_contents, master_check
from .history import draw_history
from .places import LAST_COLUMN
from .verdict import TOLERANCE, TOLERANCE_OF_ZERO

__all__ = ["EXAMPLES_FILE", "build_examples"]

EXAMPLES_FILE = "Examples.xlsx"
"""The workbook's file, in `workbooks` of the project."""

GUIDE = "../docs/functions.md#{name}"
"""Where the functions are explained, seen from the folder `workbooks`."""

TOLERANCES = (
    (TOLERANCE, "Relative: of the figure expected.", 1e-9),
    (TOLERANCE_OF_ZERO, "Absolute: where zero or next to nothing is expected.", 1e-12),
)

SOURCE = "SYNTHETIC histories of the sample desk, and published figures where an example names its source"


def build_examples(path: Path, guide: str = GUIDE) -> None:
    """Write the workbook of examples at `path`; `guide` is where a function is explained (`{name}` = which)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    add_styles(book)
    contents = book.create_sheet("Contents")
    places = {}
    for name in CATEGORIES:
        sheet = book.create_sheet(name)
        places[name] = tuple(zip(examples(name), draw_category(sheet, examples(name), guide), strict=True))
    tolerances, verdicts = draw_contents(contents, places, [(words, value) for _, words, value in TOLERANCES])
    _name(book, {name: f"Contents!{cell}" for (name, *_), cell in zip(TOLERANCES, tolerances, strict=True)})
    _frame(book, "Contents", "PerpDesk by example", "Every function: inputs, answer, what it must be, what it means")
    for name in CATEGORIES:
        words = f"Category Perp {name}: inputs, formula, answer, what it must be, what each figure means"
        _frame(book, name, name, words)
    for name, words in HISTORIES.items():
        draw_history(book.create_sheet(name), history(name))
        _frame(book, name, name, words)
    _name(book, {"MasterCheck": f"Contents!$B${STATUS_ROW}", "DataSource": f"Contents!$C${STATUS_ROW}"})
    contents.cell(STATUS_ROW, 2).value = master_check("Contents", verdicts)
    contents.cell(STATUS_ROW, 3).value = SOURCE
    book.properties.creator, book.properties.title = "PerpDesk", "PerpDesk by example"
    book.calculation.fullCalcOnLoad = True
    save(book, path)


def _frame(book: Workbook, name: str, title: str, purpose: str) -> None:
    """The desk's frame; a category's band stays in sight, of a history its headings too."""
    worksheet = book[name]
    if name in HISTORIES:
        sheet, frozen, last_column = Sheet(name, title, purpose, "data"), BODY_ROW, worksheet.max_column
    elif name in CATEGORIES:
        sheet, frozen, last_column = Sheet(name, title, purpose, "result"), NOTE_ROW, LAST_COLUMN
    else:
        sheet, frozen, last_column = Sheet(name, title, purpose, "info"), NOTE_ROW, worksheet.max_column
    frame(worksheet, sheet, (), last_column=last_column, frozen=frozen, pages_high=0)


def _name(book: Workbook, cells: dict[str, str]) -> None:
    for name, cell in cells.items():
        book.defined_names[name] = DefinedName(name, attr_text=cell)
