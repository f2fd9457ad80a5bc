"""A column as numbers, each oddity named by file and line; and rows brought into the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.arrays import Array, Mask
from core.errors import FeedError

from ...symbols import printable
from ..feed import Times, clock
from .table import Columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["in_order", "numbers", "unread"]

MISSING = ("n/a", "#n/a", "#n/a n/a", "na", "#na", "nan", "-nan", "<na>", "null", "none", "nil")
"""What spreadsheets and programs write where they have no value, in small letters."""


def numbers(columns: Columns, name: str, what: str) -> Array:
    """A column as floats, NaN where blank or `unread`; 0.0100% is 0.0001. Raises FeedError for text and infinity."""
    import pandas as pd

    column = columns.frame[name]
    parsed = pd.to_numeric(_plain(column, columns.decimal_comma), errors="coerce")
    if parsed.isna().all() and column.notna().any():
        parsed = _percentages(column, columns.decimal_comma)
    values = parsed.to_numpy(dtype=float, na_value=np.nan)
    bad = np.flatnonzero((np.isnan(values) & column.notna().to_numpy() & ~unread(columns, name)) | np.isinf(values))
    if bad.size:
        value = printable(column.iloc[bad[0]])
        raise FeedError(f"{columns.where(bad[0])} has '{value}' as {what}, not a number; correct or clear it")
    return np.asarray(values)


def unread(columns: Columns, name: str) -> Mask:
    """Which rows of a column are not blank but say that the value is missing, as `#N/A` and `NaN` do."""
    import pandas as pd

    column = columns.frame[name]
    if pd.api.types.is_numeric_dtype(column):
        return np.zeros(len(column), dtype=np.bool_)
    return column.astype("string").str.strip().str.lower().isin(MISSING).to_numpy(dtype=np.bool_)


def in_order(
    instants: Times, values: Array, columns: Columns, rows: np.ndarray[Any, Any], what: str
) -> tuple[Times, Array, int]:
    """Times and values oldest first, repeated rows left out, and how many those were; `rows` says where they stand.

    Raises FeedError when times go to and fro, or when a time comes twice with different values.
    """
    steps = np.diff(instants).astype("timedelta64[s]").astype(np.int64)
    if len(steps) and (steps <= 0).all() and (steps < 0).any():
        instants, values, rows, steps = instants[::-1], values[::-1], rows[::-1], -steps[::-1]
    back = np.flatnonzero(steps < 0)
    if back.size:
        raise FeedError(
            f"{columns.where(rows[back[0] + 1])}: {what} goes back from {clock(instants[back[0]])} "
            f"to {clock(instants[back[0] + 1])}; sort the file by time, oldest first"
        )
    again = np.flatnonzero(steps == 0)
    first, second = values[again], values[again + 1]
    differ = again[~((first == second) | (np.isnan(first) & np.isnan(second)))]
    if differ.size:
        raise FeedError(
            f"{columns.where(rows[differ[0] + 1])}: {what} comes twice at {clock(instants[differ[0]])} "
            "with different values; keep one of the rows"
        )
    keep = np.concatenate([[True], steps != 0]) if len(instants) else np.empty(0, dtype=bool)
    return instants[keep], values[keep], len(again)


def _plain(column: pd.Series[Any], decimal_comma: bool) -> pd.Series[Any]:
    """The column with points for its decimal commas; a point beside them is a thousands point, and so no number."""
    if not decimal_comma:
        return column
    text = column.astype("string")
    return text.where(~text.str.contains(".", regex=False), "no number").str.replace(",", ".", regex=False)


def _percentages(column: pd.Series[Any], decimal_comma: bool) -> pd.Series[Any]:
    """The column where all of it is in per cent, as decimals; NaN elsewhere."""
    import pandas as pd

    text = column.astype("string").str.strip()
    share = _plain(text.where(text.str.endswith("%")).str.removesuffix("%"), decimal_comma)
    return pd.to_numeric(share, errors="coerce") / 100
