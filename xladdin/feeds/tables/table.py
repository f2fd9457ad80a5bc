"""One file as a table: its headings at once, its columns when they are asked for, each row under its line's number."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.errors import FeedError
from core.records import dataclass

from .dialect import Dialect, dialect_of
from .unpack import MOST_BYTES, is_parquet, readable, text_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Columns", "Table"]


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of a file, rows in its order; the index is the number of the line, or of the row of a Parquet file.

    decimal  the sign before the decimals of figures that are text; None: a point, unless a column proves otherwise
    """

    path: Path
    frame: pd.DataFrame
    decimal: Literal[".", ","] | None = None

    def where(self, row: int) -> str:
        """Where a row stands, as a message names it."""
        return f"{self.path.name} {'row' if is_parquet(self.path) else 'line'} {self.frame.index[row]}"

    def only(self, chosen: pd.Series[bool]) -> Columns:
        """The rows that are chosen."""
        return Columns(self.path, self.frame[chosen], self.decimal)

    def of(self, names: list[str]) -> Columns:
        """Some of them, as if the file had no others: a line of a text in which all of these are blank is no row."""
        import pandas as pd

        columns = {name: self.frame[name] for name in names}
        blank = np.all([column.isna() for column in columns.values()], axis=0)
        frame = pd.DataFrame(columns)
        no_rows = bool(blank.any()) and not is_parquet(self.path)
        return Columns(self.path, frame[~blank] if no_rows else frame, self.decimal)


@dataclass(frozen=True, eq=False)
class Table:
    """A CSV or Parquet file, of which only the headings have been read."""

    path: Path
    names: tuple[str, ...]
    dialect: Dialect | None

    @classmethod
    def open(cls, path: Path) -> Table:
        """The table in a file. Raises FeedError."""
        if is_parquet(path):
            with readable(path):
                import pyarrow.parquet as parquet

                return cls(path, tuple(parquet.read_schema(path).names), None)
        head = text_of(path, head=True)
        with readable(path):
            dialect = dialect_of(head, path)
        return cls(path, dialect.names, dialect)

    def columns(self, names: list[str], *, as_text: bool = False, head: bool = False) -> Columns:
        """These columns, blank rows left out; of a CSV file all as text, or its first lines alone, where that is asked.

        Raises FeedError.
        """
        if self.dialect is None:
            return Columns(self.path, _parquet(self.path, names))
        text = text_of(self.path, head=head)
        _refuse_ragged(text, self.dialect, self.path)
        frame = _csv(text, self.dialect, names, self.path, as_text=as_text or not self.takes_points)
        return Columns(self.path, frame)

    @property
    def takes_points(self) -> bool:
        """Whether its decimals stand after points by its form: commas separate its columns, or it is Parquet."""
        return self.dialect is None or self.dialect.separator == ","

    @property
    def found(self) -> str:
        """Its headings and what separates them, as a message says it."""
        listed = ", ".join(self.names) or "nothing"
        if self.dialect is None:
            return f"it has: {listed}"
        separators = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
        by = separators.get(self.dialect.separator, f"'{self.dialect.separator}'")
        return f"it has: {listed}; separated by {by}"


def _parquet(path: Path, names: list[str]) -> pd.DataFrame:
    with readable(path):
        import pyarrow.parquet as parquet

        file = parquet.ParquetFile(path)
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > MOST_BYTES:
            raise FeedError(f"{path.name} unpacks to more than {MOST_BYTES / 2**20:.0f} MB; split it by contract")
        frame: pd.DataFrame = file.read(columns=names).to_pandas(ignore_metadata=True)
    frame.index += 1
    return frame


def _csv(text: str, dialect: Dialect, names: list[str], path: Path, *, as_text: bool) -> pd.DataFrame:
    import pandas as pd

    with readable(path):
        frame: pd.DataFrame = pd.read_csv(
            io.StringIO(text),
            sep=dialect.separator,
            header=None,
            names=list(range(len(dialect.names))),
            usecols=[dialect.names.index(name) for name in names],
            skiprows=dialect.lines_before,
            index_col=False,
            low_memory=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            dtype=str if as_text else None,
            keep_default_na=False,  # what stands for a missing value is not blank
            na_values=[""],
        )
    frame.columns = pd.Index([dialect.names[int(place)] for place in frame.columns])
    frame.index += dialect.lines_before + 1
    return frame.dropna(how="all")  # a blank line is no row, but the lines below it keep their numbers


def _refuse_ragged(text: str, dialect: Dialect, path: Path) -> None:
    """A row with more fields than headings has a comma too many: its values stand in the wrong columns.

    A blank field at the end is no field where most rows end so.
    """
    width = len(dialect.names)
    with readable(path):
        rows = _wide_rows(text, dialect.separator, width)
    all_end_so = 2 * len(rows) > text.count("\n") - dialect.lines_before
    for number, row in rows:
        if number > dialect.lines_before and (not all_end_so or any(field.strip() for field in row[width:])):
            filled = max(place + 1 for place, field in enumerate(row) if field.strip() or not all_end_so)
            raise FeedError(
                f"{path.name} line {number} has {filled} fields where there are {width} headings: a comma inside a "
                "number, perhaps; put such numbers in quotes or write them without it (1234.5)"
            )


def _wide_rows(text: str, separator: str, width: int) -> list[tuple[int, list[str]]]:
    """The rows of more than `width` fields, with their line numbers; without quotes they are found by counting."""
    if '"' in text:
        reader = csv.reader(io.StringIO(text), delimiter=separator)
        return [(reader.line_num, row) for row in reader if len(row) > width]
    content = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.append(np.flatnonzero(content == ord("\n")), len(content))
    line = np.searchsorted(ends, np.flatnonzero(content == ord(separator)))
    wide = np.flatnonzero(np.bincount(line, minlength=1) >= width)
    lines = text.split("\n") if len(wide) else []
    return [(int(number) + 1, lines[number].split(separator)) for number in wide]
