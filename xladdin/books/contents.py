"""What a workbook can hold, whichever program has it: the values of cells, the headings and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import SupportsFloat

import numpy as np

from core.arrays import Array, Times
from core.errors import BookError

from .workbook import CellValue

__all__ = ["LONGEST_TEXT", "check_header", "check_series", "check_widths", "plain"]

LONGEST_TEXT = 32_767
LONGEST_HEADING = 255
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(value: object) -> CellValue:
    """`value` as a type that a book holds: numpy scalars unwrapped, times naive UTC to the second. Raises BookError."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        text = _FORBIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        if len(text) > LONGEST_TEXT:
            raise BookError(
                f"the text '{text[:20]}...' is longer than the {LONGEST_TEXT:,} characters a cell holds; shorten it"
            )
        return text or None
    if isinstance(value, int | float | SupportsFloat):  # the types first: to ask the protocol takes longest
        return float(value)
    raise BookError(f"a {type(value).__name__} cannot stand in a cell; write a number, text, truth value or time")


def check_header(header: Sequence[str], where: str) -> None:
    """Nothing when the table at `where` can have these headings. Raises BookError."""
    if not header:
        raise BookError(f"{where} needs at least one column")
    for heading in header:
        if not heading.strip() or len(heading) > LONGEST_HEADING:
            raise BookError(f"{where} cannot have the heading '{heading[:40]}'; use 1 to {LONGEST_HEADING} characters")
    seen: set[str] = set()
    for heading in header:
        if heading.lower() in seen:
            raise BookError(f"{where} would have two columns '{heading}'; name each column once")
        seen.add(heading.lower())


def check_widths(rows: Sequence[Sequence[CellValue]], columns: int, where: str) -> None:
    """Nothing when each row has a value for each of the table's columns. Raises BookError."""
    for number, values in enumerate(rows, 1):
        if len(values) != columns:
            raise BookError(f"{where} has {columns} columns and row {number} of the result has {len(values)} values")


def check_series(
    times: Times, numbers: Array, odd: Mapping[tuple[int, int], str], header: Sequence[str], where: str
) -> None:
    """Nothing when times (T,), numbers (T, N) and texts among them fill a table's columns. Raises BookError."""
    if numbers.shape != (len(times), len(header) - 1):
        rows, columns = numbers.shape
        raise BookError(
            f"{where} has {len(header)} columns and the result has {len(times)} times with {rows} rows of "
            f"{columns} numbers"
        )
    if np.isnat(times).any():
        raise BookError(f"{where}: row {np.flatnonzero(np.isnat(times))[0] + 1} of the result has no time")
    for (row, column), text in odd.items():
        if not (0 <= row < len(times) and 1 <= column < len(header)) or plain(text) != text:
            raise BookError(f"{where} cannot hold '{text[:40]}' in row {row + 1}, column {column + 1} of the result")
