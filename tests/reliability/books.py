"""A book that somebody else wrote: named cells put into it by hand, and an edit of them as a job makes one."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .comparer import Written, losses

__all__ = ["Edited", "edited", "sheet_parts", "with_named_cells"]

FILLED, BLANK = "PerpProbeFilled", "PerpProbeBlank"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Edited:
    """What came of the edits: the reason of a refusal, what was lost, and how many tables were written again."""

    refused: str
    lost: list[str]
    tables: int = 0


def sheet_parts(found: dict[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by its name. Raises KeyError, StopIteration, ParseError for what is no book."""
    book = next(name for name in found if name.lower() in ("xl/workbook.xml", "workbook.xml"))
    folder = book.rpartition("/")[0]
    relations = ElementTree.fromstring(found[f"{folder}/_rels/workbook.xml.rels".lstrip("/")])
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for sheet in ElementTree.fromstring(found[book]).iter(f"{MAIN}sheet"):
        target = targets[sheet.get(RELATION)]
        part = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        parts[sheet.get("name", "")] = part
    return parts


def with_named_cells(path: Path) -> tuple[bytes, Written] | None:
    """The file with names for a filled cell of its first sheet and one below all cells; None for what is no book."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [(info, archive.read(info)) for info in archive.infolist()]
        found = {info.filename: data for info, data in parts}
        book = next(name for name in found if name.lower() in ("xl/workbook.xml", "workbook.xml"))
        title, part = next(iter(sheet_parts(found).items()))
        cells = _cells(ElementTree.fromstring(found[part]))
    except (KeyError, StopIteration, zipfile.BadZipFile, ElementTree.ParseError, RuntimeError, NotImplementedError):
        return None
    filled = next((address for address, constant in cells.items() if constant), "A1")
    last = max((int(re.sub(r"\D", "", address)) for address in cells), default=1)
    blank = f"B{min(last + 3, 1_048_576)}"
    title = escape(title.replace("'", "''"))
    names = "".join(
        f"<definedName name=\"{name}\">'{title}'!${re.sub(r'[0-9]', '', at)}${re.sub(r'[A-Z]', '', at)}</definedName>"
        for name, at in ((FILLED, filled), (BLANK, blank))
    )
    found[book] = _named(found[book], names)
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in parts:
            archive.writestr(info, found[info.filename] if info.filename == book else data)
    return whole.getvalue(), {part: {filled, blank}}


def _cells(sheet: ElementTree.Element) -> dict[str, bool]:
    """The addresses of the cells, and whether each holds a constant."""
    found = {}
    for cell in sheet.iter(f"{MAIN}c"):
        if cell.get("r"):
            names = [child.tag for child in cell]
            found[cell.get("r", "")] = bool(names) and f"{MAIN}f" not in names
    return found


def _named(book: bytes, names: str) -> bytes:
    """The workbook part with names added, in the text as it stands."""
    prefix = re.search(rb"<(\w+:)?workbook[\s>]", book)
    p = (prefix[1] or b"") if prefix else b""
    added = names.encode("ascii", "xmlcharrefreplace").replace(b"<definedName", b"<" + p + b"definedName")
    added = added.replace(b"</definedName", b"</" + p + b"definedName")
    end, empty = b"</" + p + b"definedNames>", b"<" + p + b"definedNames/>"
    if end in book:
        return book.replace(end, added + end, 1)
    whole = b"<" + p + b"definedNames>" + added + end
    if empty in book:
        return book.replace(empty, whole, 1)
    for before in (b"externalReferences", b"functionGroups", b"sheets"):
        close = b"</" + p + before + b">"
        if close in book:
            return book.replace(close, close + whole, 1)
    return book


def edited(path: Path, raw: bytes, written: Written) -> Edited:
    """Write both cells, then every table again, commit and compare; on a refusal the file must be as it was."""
    from core.errors import BookError
    from xladdin.books.file_book import FileBook

    path.write_bytes(raw)
    try:
        with FileBook.open(path) as book:
            book.write_value(FILLED, 12_345.678)
            book.write_value(BLANK, "=written & 'kept'")
            book.commit()
    except BookError as error:
        return Edited(str(error), _changed(path, raw))
    lost = losses(raw, path.read_bytes(), written)
    backup = path.with_name(f"{path.name}.bak")
    if not backup.exists() or backup.read_bytes() != raw:
        lost.append("the backup is not what stood there")
    tables = 0
    for name in _tables(raw):
        before = path.read_bytes()
        try:
            cells = _again(path, name)
        except BookError:
            lost += _changed(path, before)
            continue
        tables += 1
        lost += [f"table {name}: {what}" for what in losses(before, path.read_bytes(), cells)]
    backup.unlink(missing_ok=True)
    return Edited("", lost, tables)


def _changed(path: Path, raw: bytes) -> list[str]:
    return [] if path.read_bytes() == raw else ["the file changed although it was refused"]


def _tables(raw: bytes) -> list[str]:
    """The names of the book's tables."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        roots = [
            ElementTree.fromstring(archive.read(n)) for n in archive.namelist() if re.search(r"tables/[^/]+\.xml$", n)
        ]
    return [root.get("displayName") or root.get("name") or "" for root in roots]


def _again(path: Path, name: str) -> Written:
    """Write what stands in a table once more, where no row of it is blank; the cells written. Raises BookError."""
    from xladdin.books.file_book import FileBook
    from xladdin.books.workbook import column_letters

    with FileBook.open(path) as book:
        block = book.table(name)
        rows = block.row_numbers
        if not rows or rows[-1] - rows[0] + 1 != len(rows):
            return {}
        book.write_table(name, block.rows)
        book.commit()
    with zipfile.ZipFile(path) as archive:
        part = sheet_parts({each: archive.read(each) for each in archive.namelist()})[block.sheet]
    columns = range(block.first_column, block.first_column + len(block.header))
    return {part: {f"{column_letters(column)}{row}" for column in columns for row in rows}}
