"""Ranges as Calc hands them over: a whole column has a million rows, of which all but a few are blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["LONG", "WIDE", "trimmed"]

LONG = 50_000
"""From so many rows on, the blank rows at the end of a range are nobody's data."""

WIDE = 1_024
"""From so many columns on, the blank columns at its right are not either."""


def trimmed(cells: Sequence[Any]) -> list[Any]:
    """The cells of a call without the blank ends of its whole columns and rows.

    Ranges of one height keep one height, that of the one that reaches furthest down; so it is with their width. A range
    that is blank all over keeps one row and one column of it.
    """
    return _narrowed(_shortened(cells))


def _shortened(cells: Sequence[Any]) -> list[Any]:
    """Ranges of LONG rows and more, each as long as the longest of those that were of its height."""
    kept: dict[int, int] = {}
    for each in cells:
        if isinstance(each, tuple) and len(each) >= LONG:
            kept[len(each)] = max(kept.get(len(each), 1), _filled_rows(each))
    return [each[: kept[len(each)]] if isinstance(each, tuple) and len(each) in kept else each for each in cells]


def _narrowed(cells: Sequence[Any]) -> list[Any]:
    """Ranges of WIDE columns and more, each as wide as the widest of those that were of its width."""
    kept: dict[int, int] = {}
    for each in cells:
        if isinstance(each, tuple) and len(each[0]) >= WIDE:
            kept[len(each[0])] = max(kept.get(len(each[0]), 1), *map(_filled_columns, each))
    return [
        tuple(row[: kept[len(row)]] for row in each) if isinstance(each, tuple) and len(each[0]) in kept else each
        for each in cells
    ]


def _filled_rows(rows: Sequence[Sequence[Any]]) -> int:
    """Rows up to the last that is not blank."""
    blank, count = ("",) * len(rows[0]), len(rows)
    while count and rows[count - 1] == blank:
        count -= 1
    return count


def _filled_columns(row: Sequence[Any]) -> int:
    """Cells up to the last that is not blank."""
    count = len(row)
    while count and row[count - 1] == "":
        count -= 1
    return count
