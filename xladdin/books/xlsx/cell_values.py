"""What a cell's XML means, and how a value is written into one.

A number is stored as text, a time as the days since the book's epoch with a date format, a text either in the table
of shared strings or inline. Text is written inline: whatever it begins with (=, +, -, @), it is text and no formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from ..contents import plain
from ..workbook import CellValue
from .markup import discard, tag

__all__ = ["EPOCH_1900", "EPOCH_1904", "UNCACHED", "Uncached", "decode", "encode", "text_of"]

EPOCH_1900 = datetime(1899, 12, 30)
"""Day 0 of the usual calendar; exact from 1 March 1900 on, which is all a market needs."""
EPOCH_1904 = datetime(1904, 1, 1)
LATEST = datetime(9999, 12, 31)
SECONDS_PER_DAY = 86_400

C, F, V, IS, T = tag("c"), tag("f"), tag("v"), tag("is"), tag("t")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Uncached:
    """The type of `UNCACHED`: a formula whose value no spreadsheet program has stored yet."""


UNCACHED: Final = Uncached()


def decode(cell: etree._Element, strings: Sequence[str], is_date: bool, epoch: datetime) -> CellValue | Uncached:
    """The value of a cell: None when blank, an error as its text, a date-formatted number as time to the second."""
    kind, inside = cell.get("t", "n"), {child.tag: child for child in reversed(cell)}  # of equal ones the first
    if kind == "inlineStr":
        inline = inside.get(IS)
        return (text_of(inline) if inline is not None else "") or None
    stored = inside.get(V)
    text = (stored.text or "") if stored is not None else ""
    if F in inside and (stored is None or (not text and kind != "str")):
        return UNCACHED
    if not text:
        return None
    if kind == "n":
        number = float(text)
        return _time(number, epoch) if is_date and 0 <= number < (LATEST - epoch).days else number
    if kind == "s":
        return strings[int(text)] or None
    if kind == "b":
        return text.strip() == "1"
    if kind == "d":
        return plain(datetime.fromisoformat(text))
    return _unescaped(text)


def encode(cell: etree._Element, value: CellValue, epoch: datetime) -> None:
    """Put a value (as `plain` gives it) into a cell in place of what it held; its style stays."""
    for child in list(cell):
        if child.tag in (F, V, IS):
            cell.remove(child)
    discard(cell, "t", "cm", "vm", "ph")
    if value is None:
        return
    if isinstance(value, bool):
        kind, text = "b", "1" if value else "0"
    elif isinstance(value, datetime):
        kind, text = "n", repr((value - epoch).total_seconds() / SECONDS_PER_DAY)
    elif isinstance(value, str):
        _put_text(cell, value)
        return
    elif math.isfinite(value):
        kind, text = "n", repr(value)
    else:
        kind, text = "e", "#N/A" if math.isnan(value) else "#NUM!"
    if kind != "n":
        cell.set("t", kind)
    stored = etree.Element(V)
    stored.text = text
    cell.insert(0, stored)


def text_of(element: etree._Element) -> str:
    """The text of a shared or inline string: its runs joined, phonetic hints left out."""
    runs = element.iter(T)
    return _unescaped("".join(run.text or "" for run in runs if not _is_phonetic(run)))


def _put_text(cell: etree._Element, text: str) -> None:
    cell.set("t", "inlineStr")
    inline = etree.Element(IS)
    cell.insert(0, inline)
    run = etree.SubElement(inline, T)
    run.text = _ESCAPED.sub(r"_x005F_x\1_", text)
    if text != text.strip() or "\n" in text:
        run.set(_SPACE, "preserve")


def _unescaped(text: str) -> str:
    """`text` with its _xHHHH_ sequences as the characters they stand for (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _is_phonetic(run: etree._Element) -> bool:
    parent = run.getparent()
    return parent is not None and parent.tag == tag("rPh")


def _time(serial: float, epoch: datetime) -> datetime:
    return epoch + timedelta(seconds=round(serial * SECONDS_PER_DAY))
