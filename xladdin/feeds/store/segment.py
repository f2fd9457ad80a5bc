"""A part of a series as a Parquet file: made once, never changed, named by the hash of its content."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FeedError
from core.records import dataclass

from .key import SeriesKey
from .landing import land
from .versions import Versions

__all__ = ["Segment", "read_segment", "write_segment"]

TIME, SEEN = "time", "seen"
SUFFIX = ".parquet"


@dataclass(frozen=True)
class Segment:
    """What the manifest says of a file: its name, the SHA-256 of its bytes, its rows, its first and last time (s)."""

    file: str
    sha256: str
    rows: int
    first: int
    last: int


def write_segment(folder: Path, key: SeriesKey, number: int, rows: Versions) -> Segment:
    """Rows as a new file in the folder of their series. Raises OSError."""
    import pyarrow
    import pyarrow.parquet as parquet

    seconds = rows.times.astype(np.int64)
    columns: dict[str, Any] = {TIME: seconds}
    columns |= {name: rows.values[:, place] for place, name in enumerate(key.columns)}
    content = io.BytesIO()
    parquet.write_table(
        pyarrow.table({**columns, SEEN: rows.seen}, metadata={"series": key.name}),
        content,
        compression="zstd",
        use_dictionary=[SEEN],
        write_page_checksum=True,
    )
    packed = content.getvalue()
    digest = hashlib.sha256(packed).hexdigest()
    name = f"{number:06d}-{digest[:16]}{SUFFIX}"
    land(folder / name, packed)
    return Segment(name, digest, len(seconds), int(seconds.min()), int(seconds.max()))


def read_segment(folder: Path, key: SeriesKey, segment: Segment, columns: Sequence[str] | None = None) -> Versions:
    """The rows of a file, of which `columns` are read (None: all).

    Raises FileNotFoundError where another process has put a longer file in its place, FeedError for a damaged one.
    """
    import pyarrow.parquet as parquet

    wanted = key.columns if columns is None else tuple(columns)
    try:
        with (folder / segment.file).open("rb") as file:
            table = parquet.ParquetFile(file, page_checksum_verification=True).read([TIME, *wanted, SEEN], False)
        arrays = {name: _column(table, name) for name in (TIME, *wanted, SEEN)}
        values = np.column_stack([arrays[name] for name in wanted]) if wanted else np.empty((len(arrays[TIME]), 0))
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever pyarrow makes of bytes that are no such file
        raise FeedError(damaged(key, segment.file)) from error
    if len(arrays[TIME]) != segment.rows:
        raise FeedError(damaged(key, segment.file))
    return Versions(arrays[TIME].astype("datetime64[s]"), values, arrays[SEEN])


def damaged(key: SeriesKey, file: str) -> str:
    """That a file of the store is not what was written, and the way out."""
    return (
        f"{file} of {key.name} in the store is damaged; perpdesk store verify --repair sets it aside, and the next "
        "Refresh reads what is missing again"
    )


def _column(table: Any, name: str) -> NDArray[Any]:
    """A column as it lies in memory; pyarrow's own way to numpy would import pandas, for longer than a file takes."""
    kind = np.int64 if name in (TIME, SEEN) else np.float64
    parts = [np.frombuffer(part.buffers()[1], kind)[part.offset :][: len(part)] for part in table.column(name).chunks]
    return np.concatenate([np.empty(0, kind), *parts])
