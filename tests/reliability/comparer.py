"""What an edit of a workbook changed beside what it was to change, found over zip and canonical XML alone.

Nothing of `xladdin` is in it. Every part must be there and the same as XML (bytes where it is none), but for: the cells
that were written; the stored value of a formula, which may be emptied and may not become another; the calculation
chain, which may go, with its mention; the order to calculate on loading; the extent of a sheet; what a chart remembers;
looks of cells that are added behind the others.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Collection, Iterable
from xml.etree import ElementTree

__all__ = ["Written", "losses"]

Written = dict[str, Collection[str]]
"""By part of a sheet: the addresses of the cells that were to change."""

Element = ElementTree.Element
CHAIN = "calcChain.xml"


def losses(before: bytes, after: bytes, written: Written, tables: Collection[str] = ()) -> list[str]:
    """What is missing, new or another in `after`; the `tables` may have other extents."""
    old, new = _parts(before), _parts(after)
    found = [f"{part} is gone" for part in old if part not in new and not part.endswith(CHAIN)]
    found += [f"{part} is new" for part in new if part not in old]
    chain_went = any(part.endswith(CHAIN) for part in old) and not any(part.endswith(CHAIN) for part in new)
    for part in old.keys() & new.keys():
        if old[part] == new[part]:
            continue
        was, now = _root(old[part]), _root(new[part])
        if was is None:
            same = part in written or _without_values(old[part]) == _without_values(new[part])
            found += [] if same else [f"{part} has other bytes"]
            continue
        if now is None:
            found.append(f"{part} is no XML any more")
            continue
        kind = _name(was)
        if kind == "worksheet":
            found += [f"{part}: {what}" for what in _sheet(was, now, set(written.get(part, ())))]
            continue
        for root in (was, now):
            if chain_went and kind in ("Types", "Relationships"):
                _forget_chain(root)
            if kind == "workbook":
                _forget(root, "calcPr")
            if kind == "styleSheet":
                _forget_added(root, _count(was))
            if kind == "chartSpace":
                _forget(root, "numCache", "strCache", "multiLvlStrCache")
        if part in tables:
            continue
        if not _same(was, now):
            found.append(f"{part} says something else")
    return sorted(found)


def _parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def _root(data: bytes) -> Element | None:
    """The first element; None where the part is no XML, as one may be that was damaged before the edit."""
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None


def _without_values(data: bytes) -> bytes:
    return re.sub(rb"<v>[^<]*</v>|<v ?/>| t=\"\w+\"", b"", data)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _canonical(element: Element) -> str:
    return ElementTree.canonicalize(ElementTree.tostring(element, encoding="unicode"), strip_text=False)


def _same(one: Element, other: Element) -> bool:
    """Whether two elements say the same: trees that are alike do, of others their canonical forms decide."""
    return _alike(one, other) or _canonical(one) == _canonical(other)


def _alike(one: Element, other: Element) -> bool:
    return (
        (one.tag, one.attrib, one.text) == (other.tag, other.attrib, other.text)
        and len(one) == len(other)
        and all(_alike(mine, its) and mine.tail == its.tail for mine, its in zip(one, other, strict=True))
    )


def _forget(root: Element, *names: str) -> None:
    for parent in root.iter():
        for child in [child for child in parent if _name(child) in names]:
            parent.remove(child)


def _count(styles: Element) -> int:
    return sum(1 for looks in styles.iter() if _name(looks) == "cellXfs" for _ in looks)


def _forget_added(styles: Element, known: int) -> None:
    """Looks of cells that were added behind those that there were."""
    for looks in (each for each in styles.iter() if _name(each) == "cellXfs"):
        looks.attrib.pop("count", None)
        for added in list(looks)[known:]:
            looks.remove(added)


def _forget_chain(root: Element) -> None:
    for child in list(root):
        target = child.get("PartName") or child.get("Target") or ""
        if posixpath.basename(target) == CHAIN:
            root.remove(child)


def _sheet(was: Element, now: Element, written: set[str]) -> Iterable[str]:
    old, new = _cells(was), _cells(now)
    filled = _filled(old)
    for address in old.keys() | new.keys():
        if address in written:
            continue
        one, other = old.get(address), new.get(address)
        if one is None or other is None:
            if not _blank(one if other is None else other):
                yield f"{address} is {'gone' if other is None else 'new'}"
        elif not _same_cell(one, other, address in filled):
            yield f"{address} was {_canonical(one)[:120]} and is {_canonical(other)[:120]}"
    rows = [
        {row.get("r"): _row(row) for root in (sheet,) for row in root.iter() if _name(row) == "row"}
        for sheet in (was, now)
    ]
    for number in rows[0].keys() & rows[1].keys():
        if rows[0][number] != rows[1][number]:
            yield f"row {number} looks another way"
    for number in rows[0].keys() - rows[1].keys():
        if rows[0][number]:
            yield f"row {number} is gone"
    for root in (was, now):
        _forget(root, "sheetData", "dimension")
    if not _same(was, now):
        yield "something beside its cells says something else"


def _cells(sheet: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for row in (each for each in sheet.iter() if _name(each) == "row"):
        column = 0
        for cell in (each for each in row if _name(each) == "c"):
            letters = re.match("[A-Z]+", cell.get("r", ""))
            column = _number(letters[0]) if letters else column + 1
            found[cell.get("r") or f"{_letters(column)}{row.get('r')}"] = cell
    return found


def _row(row: Element) -> dict[str, str]:
    return {name: value for name, value in row.attrib.items() if name not in ("r", "spans")}


def _blank(cell: Element | None) -> bool:
    return cell is None or (len(cell) == 0 and not (cell.text or "").strip())


def _same_cell(one: Element, other: Element, filled: bool) -> bool:
    """Whether a cell is as it was, or a result (a formula's own, or one that it `filled` in) that was emptied."""
    if _same(one, other):
        return True
    formulas = [[_canonical(child) for child in cell if _name(child) == "f"] for cell in (one, other)]
    looks = [{name: value for name, value in cell.attrib.items() if name != "t"} for cell in (one, other)]
    emptied = not any(_name(child) in ("v", "is") for child in other)
    return formulas[0] == formulas[1] and bool(formulas[0] or filled) and looks[0] == looks[1] and emptied


def _filled(cells: dict[str, Element]) -> set[str]:
    """The addresses of the cells that array formulas and what-if tables fill, their own cells left out."""
    found: set[str] = set()
    for formula in (child for cell in cells.values() for child in cell if _name(child) == "f"):
        if formula.get("t") in ("array", "dataTable") and ":" in formula.get("ref", ""):
            left, top, right, bottom = re.findall(r"[A-Z]+|\d+", formula.get("ref", ""))
            columns = range(_number(left), _number(right) + 1)
            found |= {f"{_letters(column)}{row}" for column in columns for row in range(int(top), int(bottom) + 1)}
    return {address for address in found if not any(_name(child) == "f" for child in cells.get(address, ()))}


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
