"""The history in a Parquet file beside the workbook: for a desk whose cells would take longer than its work.

LibreOffice keeps fifteen digits of a number, so each save there changes a history that stands in cells; a file stays.
Its name bears the hash of its content (`desk.history-3f2ab0c4d5e6.parquet`), which says in Runs what a run has read
and lets a book that was half replaced still find the file of its old state.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import re
from pathlib import Path

import numpy as np

from core.arrays import Array, Mask, Times
from core.errors import BookError
from core.records import dataclass

from ..books.workbook import Series, Workbook

__all__ = ["HISTORY_FILE", "KeptHistory", "filed_series", "keep_history", "kept_name"]

HISTORY_FILE = "HistoryFile"
"""The named cell that holds the file's name; blank: the history stands on the sheets."""

UNREAD = "n/a"
LARGEST = 50_000_000
"""Values that a history may have."""
LONGEST_STEM = 150
_NAME = re.compile(r".+\.history-(?P<hash>[0-9a-f]{12})\.parquet")


@dataclass(frozen=True, eq=False)
class KeptHistory:
    """Closes and funding (T, N) at `times` (T,); NaN: none; `unread` (T, N): a rate is missing, which is not none."""

    times: Times
    symbols: tuple[str, ...]
    prices: Array
    funding: Array
    unread: Mask

    def packed(self) -> bytes:
        """As the bytes of a Parquet file. Raises BookError where pyarrow is not installed."""
        _refuse_without_pyarrow()
        import pyarrow
        import pyarrow.parquet as parquet

        columns = {"time": self.times.astype("datetime64[s]")}
        for position, symbol in enumerate(self.symbols):
            columns[f"Prices:{symbol}"] = self.prices[:, position]
            columns[f"Funding:{symbol}"] = self.funding[:, position]
            if self.unread[:, position].any():
                columns[f"Unread:{symbol}"] = self.unread[:, position]
        content = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), content, compression="zstd")
        return content.getvalue()

    def series(self, name: str, file: str) -> Series:
        """The table Prices or Funding; its cells are named as those of the file, whose heading is row 1."""
        numbers = self.prices if name == "Prices" else self.funding
        unread = np.argwhere(self.unread).tolist() if name == "Funding" else []
        return Series(
            name=name,
            sheet=file,
            header=("Time", *self.symbols),
            times=self.times,
            numbers=numbers,
            odd={(row, column + 1): UNREAD for row, column in unread},
            row_numbers=np.arange(2, len(self.times) + 2),
            first_column=1,
        )


def keep_history(book: Workbook, history: KeptHistory) -> str:
    """Stage the history as the file of the book, and its name; the name. Raises BookError."""
    content = history.packed()
    stem = Path(book.name).stem.removesuffix(".results")[:LONGEST_STEM]
    name = f"{stem}.history-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    book.write_beside(name, content)
    book.write_value(HISTORY_FILE, name)
    return name


def kept_name(book: Workbook) -> str | None:
    """The name of the book's history file; None where its history stands on the sheets."""
    value = book.value(HISTORY_FILE).value
    return None if value is None or not str(value).strip() else str(value).strip()


def filed_series(book: Workbook, name: str, file: str | None) -> Series:
    """The table Prices or Funding: all of it from the book's history file, or from its sheet where there is no `file`.

    Raises BookError where the file is not beside the book, is damaged, or is not the one that Refresh wrote.
    """
    if file is None:
        return book.series(name)
    found = _NAME.fullmatch(file)
    if found is None:
        raise BookError(
            f"{book.value(HISTORY_FILE).address} holds '{file[:60]}', which is no history file; run Refresh, which "
            "writes one and its name, or blank the cell"
        )
    content = book.beside(file)
    if hashlib.sha256(content).hexdigest()[:12] != found["hash"]:
        raise BookError(f"{file} beside {book.name} is not what Refresh wrote; restore it, or run Refresh again")
    return _unpacked(content, file).series(name, file)


@functools.lru_cache(maxsize=1)
def _unpacked(content: bytes, file: str) -> KeptHistory:
    _refuse_without_pyarrow()
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        opened = parquet.ParquetFile(io.BytesIO(content))
        if opened.metadata.num_rows * opened.metadata.num_columns > LARGEST:
            raise BookError(f"{file} holds more than {LARGEST:,} values; refresh with fewer bars or contracts")
        table = opened.read()
        times = table["time"].to_numpy().astype("datetime64[s]")
        symbols = tuple(name.partition(":")[2] for name in table.column_names if name.startswith("Prices:"))
        prices, funding = (
            np.column_stack([table[f"{kind}:{symbol}"].to_numpy() for symbol in symbols]).astype(np.float64)
            for kind in ("Prices", "Funding")
        )
        none = np.zeros(len(times), dtype=np.bool_)
        unread = np.column_stack(
            [
                table[f"Unread:{symbol}"].to_numpy() if f"Unread:{symbol}" in table.column_names else none
                for symbol in symbols
            ]
        )
    except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise BookError(f"{file} is no history file ({str(error)[:60]}); run Refresh again") from None
    return KeptHistory(times, symbols, prices, funding, unread)


def _refuse_without_pyarrow() -> None:
    if importlib.util.find_spec("pyarrow") is None:
        raise BookError(
            "a history file needs pyarrow; install it (pip install pyarrow), or blank HistoryFile on Settings"
        )
