"""What a person does not see of a table that is read all the same, and what must not be read through."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import unquote

from core.errors import BookError, listed

from .xlsx.areas import Area
from .xlsx.markup import tag
from .xlsx.package import Package
from .xlsx.sheet import SheetPart
from .xlsx.table import TablePart
from .xlsx.workbook import WorkbookPart

__all__ = ["refuse_merges", "remarks"]

_HIDDEN = re.compile(rb"""<(?:[\w.\-]+:)?row\s[^>]*?hidden\s*=\s*["'](?:1|true)["']""")


def refuse_merges(sheet: SheetPart, table: TablePart) -> None:
    """Nothing where no cells of a table are merged. Raises BookError: only the first cell of a merge has a value."""
    for element in sheet.root.iter(tag("mergeCell")):
        merged = Area.parse(element.get("ref", ""))
        if merged.overlaps(table.area):
            raise BookError(
                f"the cells {sheet.name}!{merged} of table '{table.name}' are merged, which hides all but the "
                "first; take that off (Home > Merge & Center) and fill each cell"
            )


def remarks(book: WorkbookPart, tables: Sequence[str]) -> list[str]:
    """One sentence for the hidden rows of each table, for hidden sheets that hold one, and for links to other books."""
    found = [table for name, table in book.tables.items() if name in tables]
    hidden = [name for name in book.hidden_sheets if any(table.sheet_name == name for table in found)]
    said = [f"read although hidden: {'sheet' if len(hidden) == 1 else 'sheets'} {listed(hidden)}"] if hidden else []
    said += [sentence for table in found if (sentence := _hidden_rows(book.sheet(table.sheet_name), table))]
    links = _linked_books(book.package, book.part)
    if links:
        said.append(f"links to other workbooks are taken as they were last saved: {listed(links)}")
    return said


def _hidden_rows(sheet: SheetPart, table: TablePart) -> str:
    if b"hidden" not in sheet.rows.data or not _HIDDEN.search(sheet.rows.data):
        return ""
    body = table.body
    rows = [n for n in sheet.rows.existing(body.top, body.bottom) if _HIDDEN.match(sheet.rows.raw(n) or b"")]
    if not rows:
        return ""
    which = "row" if len(rows) == 1 else "rows"
    return f"read although hidden: {len(rows)} {which} of table '{table.name}', first {sheet.name}!{rows[0]}"


def _linked_books(package: Package, part: str) -> list[str]:
    """The names of the workbooks that formulas point at."""
    targets = (
        relation.target
        for link in package.related(part, "externalLink")
        for relation in package.relations(link).values()
        if relation.external
    )
    return list(dict.fromkeys(posixpath.basename(unquote(target).replace("\\", "/")) for target in targets))
