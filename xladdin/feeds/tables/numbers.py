"""A column as numbers, each oddity named by file and line; and rows brought into the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.arrays import Array, Mask
from core.errors import FeedError

from ...symbols import printable
from ..feed import Times, clock
from .figures import MISSING, Decimal, either, read_figures, sign_of
from .table import Columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bare_texts", "in_doubt", "in_order", "numbers", "settled", "unread"]


def numbers(columns: Columns, name: str, what: str) -> Array:
    """A column as floats, NaN where blank or `unread`; 0.0100% is 0.0001.

    Raises FeedError for text, for infinity, and for a figure that may be two numbers.
    """
    import pandas as pd

    column = columns.frame[name]
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        values = _read(columns, column, what)
        if np.isnan(values).all() and column.notna().any():
            values = _read(columns, _percentages(column), what) / 100
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


def settled(columns: Columns, names: Sequence[str]) -> Columns:
    """Columns of a file whose form leaves the decimal sign open, with the sign that the figures of some prove together.

    Raises FeedError for a figure that may be two numbers.
    """
    decimal, doubtful = sign_of(text for name in names for text in bare_texts(columns.frame[name]))
    if doubtful:
        raise in_doubt(columns, names, doubtful)
    return replace(columns, decimal=decimal or ".")


def in_doubt(columns: Columns, names: Sequence[str], doubtful: str) -> FeedError:
    """What to say of the first figure that may be two numbers, where nothing settles which."""
    texts = {name: bare_texts(columns.frame[name]) for name in names}
    name = next(name for name, each in texts.items() if doubtful in each)
    where = columns.where(texts[name].index(doubtful))
    return FeedError(f"{where} has '{doubtful}' as {printable(name)}, {either(doubtful)}")


def bare_texts(column: pd.Series[Any]) -> list[str]:
    """A column as texts, blank where it is, without a sign of per cent."""
    texts: list[str] = column.astype("string").fillna("").str.strip().str.removesuffix("%").tolist()
    return texts


def _read(columns: Columns, column: pd.Series[Any], what: str) -> Array:
    """A column of texts as floats, NaN where blank or no number. Raises FeedError for one that may be two numbers."""
    import pandas as pd

    decimal: Decimal | None = columns.decimal
    values = np.full(len(column), np.nan)
    if decimal != ",":
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    texts = column.astype("string").str.strip()
    given = (texts.notna() & ~texts.str.lower().isin(MISSING)).to_numpy(dtype=np.bool_)
    left = np.flatnonzero(np.isnan(values) & given)
    if not left.size:
        return values
    if decimal is None:
        decimal, doubtful = sign_of(texts[given])
        if doubtful:
            row = texts.tolist().index(doubtful)
            raise FeedError(f"{columns.where(row)} has '{doubtful}' as {what}, {either(doubtful)}")
        if decimal == ",":
            left = np.flatnonzero(given)
    values[left] = read_figures(texts.iloc[left].tolist(), decimal or ".")
    return values


def _percentages(column: pd.Series[Any]) -> pd.Series[Any]:
    """The shares in a column where all of it is in per cent; blank elsewhere."""
    text = column.astype("string").str.strip()
    return text.where(text.str.endswith("%")).str.removesuffix("%")
