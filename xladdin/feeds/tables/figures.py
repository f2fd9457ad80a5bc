"""How a file writes its figures: what stands before decimals and between thousands, settled from all of them together.

    point   1234.5   1,234.5   1 234.5   1'234.5
    comma   1234,5   1.234,5   1 234,5   1'234,5

"1.500" is another number in each: one figure that has only one reading, anywhere among those that are read, settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal

import numpy as np

from core.arrays import Array
from core.errors import FeedError
from core.records import dataclass

from ...symbols import printable
from .table import Columns

__all__ = [
    "MISSING",
    "OTHER",
    "SIGNS",
    "Decimal",
    "Figures",
    "either",
    "figures",
    "has_two_readings",
    "read_figures",
    "sign_of",
    "text_cells",
]

Decimal = Literal[".", ","]

MISSING = ("n/a", "#n/a", "#n/a n/a", "na", "#na", "nan", "-nan", "<na>", "null", "none", "nil")
"""What spreadsheets and programs write where they have no value, in small letters."""

BETWEEN = " '\u2019\u00a0\u2009\u202f"
"""What stands between thousands wherever decimals are: a space, an apostrophe."""

OTHER: dict[Decimal, Decimal] = {".": ",", ",": "."}

WITNESSES = 1_000
"""Figures that are heard on the decimal sign; where a column contradicts them, the first that does is refused."""

DOUBTFUL = r"[+-]?[1-9]\d{0,2}[.,]\d{3}$"
"""What has two readings: one to three digits, a mark, three digits."""

DOUBT = re.compile(f"^{DOUBTFUL}", re.MULTILINE | re.ASCII)
WITNESS = re.compile(f"^(?!{DOUBTFUL}).*[.,].*$", re.MULTILINE | re.ASCII)
"""A line with a mark that may have only one reading."""


def _pattern(decimal: Decimal) -> str:
    between = f"[{OTHER[decimal]}{BETWEEN}]"
    whole = rf"\d+|[1-9]\d{{0,2}}(?P<between>{between})\d{{3}}(?:(?P=between)\d{{3}})*"
    return rf"[+-]?(?:(?:{whole})(?:\{decimal}\d*)?|\{decimal}\d+)(?:[eE][+-]?\d+)?"


SIGNS: tuple[Decimal, Decimal] = (".", ",")
NUMBER = {decimal: re.compile(_pattern(decimal), re.ASCII) for decimal in SIGNS}
NO_NUMBER = {decimal: re.compile(rf"^(?!{_pattern(decimal)}$).*$", re.MULTILINE | re.ASCII) for decimal in SIGNS}


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
        settled, doubtful = sign_of([text for each in texts.values() for text in each])
        decimal = settled or "."
    return Figures({name: _read(columns, name, each, decimal) for name, each in texts.items()}, doubtful)


def sign_of(texts: Iterable[str]) -> tuple[Decimal | None, str]:
    """The decimal sign of these figures, None where none has only one reading; and then one that has two, if any."""
    lines = "\n".join(texts)
    points = commas = 0
    for found in islice(WITNESS.finditer(lines), WITNESSES):
        point, comma = (_number(found[0], decimal) for decimal in SIGNS)
        points += comma is None and point is not None
        commas += point is None and comma is not None
    if points or commas:
        return ("." if points >= commas else ","), ""
    doubtful = DOUBT.search(lines)
    return None, doubtful[0] if doubtful else ""


def has_two_readings(text: str) -> bool:
    """Whether a figure is another number with the other decimal sign."""
    return DOUBT.fullmatch(text) is not None


def either(text: str) -> str:
    """The two readings of such a figure, as a message offers them."""
    whole = re.sub("[.,]", "", text)
    return (
        f"which may be {whole} or have decimals, and no other figure tells; write {whole}, or {text}0 if those are "
        "decimals"
    )


def read_figures(texts: Sequence[str], decimal: Decimal) -> Array:
    """Texts as floats, NaN where one is no number with this decimal sign; quick where all of them are."""
    lines = "\n".join(texts)
    if lines.count("\n") >= len(texts) or NO_NUMBER[decimal].search(lines):
        read = (_number(text, decimal) for text in texts)
        return np.array([np.nan if value is None else value for value in read], dtype=float)
    return np.array(_plain(lines, decimal).split("\n"), dtype=float)


def _read(columns: Columns, name: str, texts: Sequence[str], decimal: Decimal) -> Array:
    found = np.full(len(texts), np.nan)
    given = np.flatnonzero([bool(text) for text in texts])
    found[given] = read_figures([texts[row] for row in given.tolist()], decimal)
    wrong = given[~np.isfinite(found[given])]
    if wrong.size:
        text = texts[int(wrong[0])]
        also = f"; elsewhere its decimals stand after '{decimal}'" if _number(text, OTHER[decimal]) else ""
        raise FeedError(
            f"{columns.where(wrong[0])} has '{printable(text)}' as {printable(name)}, not a number{also}; correct or "
            "clear it"
        )
    return found


def _number(text: str, decimal: Decimal) -> float | None:
    """What a text says with this decimal sign; None where it is no number so."""
    return float(_plain(text, decimal)) if NUMBER[decimal].fullmatch(text) else None


def _plain(text: str, decimal: Decimal) -> str:
    """Figures, one a line, as Python writes them."""
    for between in (OTHER[decimal], *BETWEEN):
        text = text.replace(between, "")
    return text.replace(decimal, ".")
