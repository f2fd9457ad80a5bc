"""How a file writes its figures: what stands before decimals and between thousands, settled from all of them together.

    point   1234.5   1,234.5   1 234.5   1'234.5
    comma   1234,5   1.234,5   1 234,5   1'234,5

"1.500" is another number in each: one figure that has only one reading, anywhere among those that are read, settles it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from core.arrays import Array
from core.errors import FeedError
from core.records import dataclass

from ...symbols import printable
from .numbers import MISSING
from .table import Columns

__all__ = ["Decimal", "Figures", "figures", "text_cells"]

Decimal = Literal[".", ","]

BETWEEN = " '\u2019\u00a0\u2009\u202f"
"""What stands between thousands wherever decimals are: a space, an apostrophe."""

OTHER: dict[Decimal, Decimal] = {".": ",", ",": "."}


def _pattern(decimal: Decimal) -> re.Pattern[str]:
    between = f"[{OTHER[decimal]}{BETWEEN}]"
    whole = rf"\d+|[1-9]\d{{0,2}}(?P<between>{between})\d{{3}}(?:(?P=between)\d{{3}})*"
    return re.compile(rf"[+-]?(?:(?:{whole})(?:\{decimal}\d*)?|\{decimal}\d+)(?:[eE][+-]?\d+)?")


PATTERNS: dict[Decimal, re.Pattern[str]] = {".": _pattern("."), ",": _pattern(",")}


@dataclass(frozen=True)
class Figures:
    """The figures of some columns of a file, NaN where blank, each as an array of its rows.

    doubtful  one that would be another number with the other decimal sign, where nothing in the file settles it
    """

    columns: dict[str, Array]
    doubtful: str = ""


def text_cells(columns: Columns, name: str) -> list[str]:
    """A column as it stands in the file, trimmed; empty where it is blank or says that the value is missing."""
    texts = ["" if cell is None or cell != cell else str(cell).strip() for cell in columns.frame[name]]
    return ["" if text.lower() in MISSING else text for text in texts]


def figures(columns: Columns, names: Sequence[str], decimal: Decimal | None = None) -> Figures:
    """Columns as floats; without a `decimal` that is known, by what the figures say. Raises FeedError by the line."""
    texts = {name: text_cells(columns, name) for name in names}
    doubtful = ""
    if decimal is None:
        everything = [text for each in texts.values() for text in each if text]
        decimal, doubtful = _settled(everything)
    return Figures({name: _read(columns, name, each, decimal) for name, each in texts.items()}, doubtful)


def _settled(texts: Iterable[str]) -> tuple[Decimal, str]:
    """The decimal sign of these figures; and one that it leaves in doubt, where none has only one reading."""
    one_reading: list[Decimal] = []
    doubtful = ""
    for text in texts:
        point, comma = (_number(text, decimal) for decimal in PATTERNS)
        if point is None and comma is not None:
            one_reading.append(",")
        elif comma is None and point is not None:
            one_reading.append(".")
        elif point != comma:
            doubtful = doubtful or text
    if not one_reading:
        return ".", doubtful
    points = one_reading.count(".")
    return "." if points >= len(one_reading) - points else ",", ""


def _read(columns: Columns, name: str, texts: Sequence[str], decimal: Decimal) -> Array:
    found = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if not text:
            continue
        value = _number(text, decimal)
        if value is None or not math.isfinite(value):
            also = f"; elsewhere its decimals stand after '{decimal}'" if _number(text, OTHER[decimal]) else ""
            raise FeedError(
                f"{columns.where(row)} has '{printable(text)}' as {printable(name)}, not a number{also}; correct or "
                "clear it"
            )
        found[row] = value
    return found


def _number(text: str, decimal: Decimal) -> float | None:
    """What a text says with this decimal sign; None where it is no number so."""
    if not PATTERNS[decimal].fullmatch(text):
        return None
    return float(re.sub(f"[{OTHER[decimal]}{BETWEEN}]", "", text).replace(decimal, "."))
