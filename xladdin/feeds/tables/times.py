"""A column as UTC times: ISO 8601, dates as venues write them, or numbers since 1970; nothing ambiguous is guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.arrays import Array
from core.errors import FeedError

from ...symbols import printable
from ..feed import Times
from .table import Columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["in_utc", "times"]

SINCE_1970 = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""Least size of a number that is a time since 1970, and how many of its units make a second (ns, us, ms, s).

Smaller numbers (20240630) are no such time.
"""

LATEST = 1e19
"""In nanoseconds the year 2286; a larger number is no time."""

YEAR_FIRST = ("%Y.%m.%d %H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d")
HOUR_OF_THE_CLOCK = "%Y-%m-%d %I-%p"
"""As older files of CryptoDataDownload have it: 2020-07-14 11-PM."""

YEAR_LAST = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})[./-](\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?\s*$")


def times(columns: Columns, name: str) -> Times:
    """A column as UTC times to the second. Raises FeedError that names the line."""
    import pandas as pd

    column = columns.frame[name]
    if pd.api.types.is_string_dtype(column) and _is_count(column.dropna().iloc[:1]):  # numbers may come as text
        counted = pd.to_numeric(column, errors="coerce")
        column = counted if counted.notna().equals(column.notna()) else column
    if column.dtype == "datetime64[s]":
        stamps = column.to_numpy()
    elif pd.api.types.is_numeric_dtype(column):
        stamps = _since_1970(column.to_numpy(dtype=float, na_value=np.nan))
    else:
        stamps = _from_dates(column, columns)
    bad = np.flatnonzero(np.isnat(stamps))
    if bad.size:
        value = column.iloc[bad[0]]
        what = (
            "has no time"
            if pd.isna(value)
            else f"has the time '{printable(value)}', which is not in the form 2024-06-30 23:00"
        )
        raise FeedError(f"{columns.where(bad[0])} {what}; correct that row")
    return stamps


def in_utc(columns: Columns, name: str) -> Columns:
    """The same, with the times of a column read, so that `times` has them at once for any of the rows.

    Where one of them is none, all stay as they are: `times` says so of the rows that are asked for.
    """
    try:
        stamps = times(columns, name)
    except FeedError:
        return columns
    return Columns(columns.path, columns.frame.assign(**{name: stamps}), columns.decimal)


def _is_count(first: pd.Series[Any]) -> bool:
    """Whether the first value of a column is a number; none of a whole column of dates need be tried then."""
    import pandas as pd

    return bool(pd.to_numeric(first, errors="coerce").notna().any())


def _from_dates(column: pd.Series[Any], columns: Columns) -> Times:
    import pandas as pd

    if pd.api.types.is_object_dtype(column):  # dates, or texts among numbers
        column = column.astype("string")
    given = column.notna()
    iso = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
    if iso.notna().equals(given):
        return _to_seconds(iso)
    for form in (*YEAR_FIRST, HOUR_OF_THE_CLOCK):
        parsed = pd.to_datetime(column, format=form, utc=True, errors="coerce")
        if parsed.notna().equals(given):
            return _to_seconds(parsed)
    parts = column.astype("string").str.extract(YEAR_LAST)
    if parts[0].notna().equals(given):
        return _to_seconds(_year_last(parts, column, columns))
    return _to_seconds(iso)


def _year_last(parts: pd.DataFrame, column: pd.Series[Any], columns: Columns) -> pd.Series[Any]:
    """Dates such as 30/06/2024: which is the day is known once one of the two is above 12. Raises FeedError."""
    import pandas as pd

    first, second = (pd.to_numeric(parts[place], errors="coerce") for place in (0, 2))
    day_first, month_first = bool((first > 12).any()), bool((second > 12).any())
    if day_first == month_first:
        row = int(np.flatnonzero((second if day_first else first).notna())[0])
        if day_first:
            row = int(np.flatnonzero((second > 12).to_numpy())[0])
        why = "the days stand in both places" if day_first else "day and month cannot be told apart"
        raise FeedError(
            f"{columns.where(row)} has the time '{printable(column.iloc[row])}', and {why} in that column; "
            "write dates as 2024-06-30"
        )
    day, month = (parts[0], parts[2]) if day_first else (parts[2], parts[0])
    text = parts[3] + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + " " + parts[4].fillna("00:00").str.zfill(5)
    return pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")


def _to_seconds(parsed: pd.Series[Any]) -> Times:
    return np.asarray(parsed.dt.tz_localize(None).dt.round("s").to_numpy().astype("datetime64[s]"))


def _since_1970(values: Array) -> Times:
    least, units = np.array(SINCE_1970).T
    large = (values >= least[-1]) & (values < LATEST)  # false for NaN
    unit = units[np.argmax(values[:, np.newaxis] >= least, axis=1)]
    seconds = np.round(np.where(large, values, 0.0) / unit).astype(np.int64)
    return np.where(large, seconds.astype("datetime64[s]"), np.datetime64("NaT", "s"))
