"""Columns of a CSV or Parquet file as arrays: times in UTC and numbers, each oddity named by file and line."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.arrays import Array
from core.errors import FeedError

from .feed import Times

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SUFFIXES", "clock", "headings", "increasing", "is_table", "line", "numbers", "read_columns", "times"]

SUFFIXES = (".csv", ".csv.gz", ".parquet")

SINCE_1970 = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""Least size of a number that is a time since 1970, and how many of its units make a second (ns, us, ms, s).

Smaller numbers (20240630) are no such time.
"""


def is_table(path: Path) -> bool:
    """Whether the file's name says that it is CSV or Parquet."""
    return path.name.lower().endswith(SUFFIXES)


def headings(path: Path) -> list[str]:
    """The names of a file's columns. Raises FeedError when it cannot be read."""
    if path.suffix.lower() == ".parquet":
        with _readable(path):
            import pyarrow.parquet as parquet

            return list(parquet.read_schema(path).names)
    return list(_read_csv(path, nrows=0).columns)


def read_columns(path: Path, columns: list[str]) -> pd.DataFrame:
    """These columns of a file, rows in the file's order. Raises FeedError."""
    if path.suffix.lower() == ".parquet":
        with _readable(path):
            import pyarrow.parquet as parquet

            frame: pd.DataFrame = parquet.read_table(path, columns=columns).to_pandas(ignore_metadata=True)
            return frame
    return _read_csv(path, usecols=columns)


def times(column: pd.Series[Any], path: Path) -> Times:
    """A column as UTC times to the second, from ISO 8601 text, dates or numbers since 1970. Raises FeedError."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        stamps = _since_1970(column.to_numpy(dtype=float, na_value=np.nan))
    else:
        parsed = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
        stamps = np.asarray(parsed.dt.tz_localize(None).dt.round("s").to_numpy().astype("datetime64[s]"))
    bad = np.flatnonzero(np.isnat(stamps))
    if bad.size:
        value = column.iloc[bad[0]]
        what = "has no time" if pd.isna(value) else f"has the time '{value}', which is not in the form 2024-06-30 23:00"
        raise FeedError(f"{line(path, column.index[bad[0]])} {what}; correct that row")
    return stamps


def numbers(column: pd.Series[Any], path: Path, what: str) -> Array:
    """A column as floats, NaN where blank. Raises FeedError for text, infinity."""
    import pandas as pd

    parsed = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = np.flatnonzero((np.isnan(parsed) & column.notna().to_numpy()) | np.isinf(parsed))
    if bad.size:
        value = column.iloc[bad[0]]
        raise FeedError(
            f"{line(path, column.index[bad[0]])} has '{value}' as {what}, not a number; correct or clear it"
        )
    return np.asarray(parsed)


def increasing(instants: Times, values: Array, rows: pd.Index[int], path: Path, what: str) -> tuple[Times, Array, int]:
    """Times and values with repeated rows left out, and how many those were.

    Raises FeedError when times go back, or when a time comes twice with different values.
    """
    steps = np.diff(instants).astype("timedelta64[s]").astype(np.int64)
    back = np.flatnonzero(steps < 0)
    if back.size:
        raise FeedError(
            f"{line(path, rows[back[0] + 1])}: {what} goes back from {clock(instants[back[0]])} "
            f"to {clock(instants[back[0] + 1])}; sort the file by time, oldest first"
        )
    again = np.flatnonzero(steps == 0)
    first, second = values[again], values[again + 1]
    differ = again[~((first == second) | (np.isnan(first) & np.isnan(second)))]
    if differ.size:
        raise FeedError(
            f"{line(path, rows[differ[0] + 1])}: {what} comes twice at {clock(instants[differ[0]])} "
            "with different values; keep one of the rows"
        )
    keep = np.concatenate([[True], steps != 0]) if len(instants) else np.empty(0, dtype=bool)
    return instants[keep], values[keep], len(again)


def line(path: Path, row: object) -> str:
    """Where a row of the data stands in its file: a CSV's first line holds the headings."""
    number = int(str(row))
    return f"{path.name} row {number + 1}" if path.suffix.lower() == ".parquet" else f"{path.name} line {number + 2}"


def clock(instant: np.datetime64) -> str:
    """A time as people read it: 2024-06-30 23:00."""
    return str(np.datetime_as_string(instant, unit="m")).replace("T", " ")


def _since_1970(values: Array) -> Times:
    stamps = np.full(len(values), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    least, units = np.array(SINCE_1970).T
    for row in np.flatnonzero(values >= least[-1]):
        seconds = values[row] / units[np.argmax(values[row] >= least)]
        stamps[row] = np.datetime64(round(seconds), "s")
    return stamps


def _read_csv(path: Path, **options: object) -> pd.DataFrame:
    import pandas as pd

    with _readable(path):
        frame: pd.DataFrame = pd.read_csv(  # type: ignore[call-overload]
            path,
            encoding="utf-8-sig",
            low_memory=False,
            index_col=False,
            skip_blank_lines=False,
            **options,
        )
        return frame.dropna(how="all")  # a blank line is no row, but the lines below it keep their numbers


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns whatever a reader of files raises into one line that names the file."""
    if path.suffix.lower() == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise FeedError(f"{path.name} is a Parquet file, which needs pyarrow; install it: pip install pyarrow")
    try:
        yield
    except Exception as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error) or type(error).__name__
        raise FeedError(
            f"{path.name} cannot be read ({reason.splitlines()[0][:100]}); check the file or export it again"
        ) from error
