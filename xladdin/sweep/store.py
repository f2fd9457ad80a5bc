"""The results file of a sweep: rows are only ever added, and none that was written is lost or there twice.

While a sweep runs its rows lie in `NAME.parquet.part`, an Arrow stream to which each task's rows are added as one
message and flushed to disk; what a kill leaves of a half-written message is cut off by whoever goes on. At the end all
rows become `NAME.parquet`, replaced in one step.

A file holds configurations of one desk, judged from one row on and computed by one release: others are refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BookError
from core.records import dataclass

from ..books.lock import BookLock
from .verdict import FIGURES, JUDGED, Row, heading

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Header", "Store", "opened_store"]

WAIT = 2.0
"""Seconds that another sweep on the same file is waited for."""

MARK = b"perpdesk.sweep"


@dataclass(frozen=True)
class Header:
    """What all rows of a file have in common: the desk's inputs, the row they are judged from, the programs."""

    inputs: str
    first: int
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, schema: pyarrow.Schema) -> Header:
        """That of a file. Raises ValueError, KeyError, TypeError where it is none of a sweep."""
        found = json.loads((schema.metadata or {})[MARK])
        return cls(found["inputs"], found["first"], tuple((name, version) for name, version in found["versions"]))

    @property
    def metadata(self) -> dict[bytes, bytes]:
        """As a file keeps it."""
        return {MARK: json.dumps({"inputs": self.inputs, "first": self.first, "versions": self.versions}).encode()}


class Store:
    """An open results file; `keys` are those of the configurations in it.

    Raises BookError where a file stands there that is none of this sweep's.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path, self.part = path, path.with_name(f"{path.name}.part")
        self.header = self._agreed(header)
        self._schema = _schema().with_metadata(self.header.metadata)
        tables = [*self._finished(), *self._running()]
        self.keys = {key for table in tables for key in table["Key"].to_pylist()}
        self._stream = self.part.open("ab")
        if not self._stream.tell():
            self._write(self._schema.serialize().to_pybytes())

    def add(self, rows: Sequence[Row]) -> None:
        """Add the rows that are not there yet, and flush them to disk. Raises OSError."""
        import pyarrow

        new = {row["key"]: row for row in rows if row["key"] not in self.keys}
        if new:
            batch = pyarrow.RecordBatch.from_pylist([_headed(row) for row in new.values()], schema=self._schema)
            self._write(batch.serialize().to_pybytes())
            self.keys.update(new)

    def table(self) -> pyarrow.Table:
        """All rows, each once."""
        import pyarrow

        table = pyarrow.concat_tables([*self._finished(), *self._running()])
        firsts = {key: place for place, key in reversed(list(enumerate(table["Key"].to_pylist())))}
        return table if len(firsts) == len(table) else table.take(sorted(firsts.values()))

    def finish(self, table: pyarrow.Table) -> None:
        """Make `table` the whole file, in one step; it may have further columns. Raises OSError."""
        import pyarrow.parquet as parquet

        beside = self.path.with_name(f".{self.path.name}.tmp")
        with beside.open("wb") as file:
            parquet.write_table(table.replace_schema_metadata(self.header.metadata), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        self.close()
        self.part.unlink(missing_ok=True)

    def close(self) -> None:
        """Write no more."""
        self._stream.close()

    def _write(self, message: bytes) -> None:
        self._stream.write(message)
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _agreed(self, header: Header) -> Header:
        """The header of what is there already, else the one given. Raises BookError where they do not agree."""
        there = self._there(header)
        if there is None:
            return header
        name = self.path.name
        if there.inputs != header.inputs:
            raise BookError(f"{name} holds configurations of other inputs; {_REMEDY}")
        if there.versions != header.versions:
            older = ", ".join(f"{program} {version}" for program, version in there.versions)
            raise BookError(f"{name} was computed by {older}, which may differ in the last digits; {_REMEDY}")
        if there.first < header.first:
            raise BookError(
                f"{name} compares its configurations from row {there.first + 1} of the history on, and some of these "
                f"decide first in row {header.first + 1}; {_REMEDY}, or set BacktestFrom"
            )
        return there

    def _there(self, header: Header) -> Header | None:
        """The header of the file, or of its part; None where there is neither, or no more than it begins with.

        Raises BookError.
        """
        import pyarrow
        import pyarrow.parquet as parquet

        try:
            if self.path.exists():
                return Header.read(parquet.read_schema(self.path))
            with self.part.open("rb") as file:
                return Header.read(pyarrow.ipc.read_schema(pyarrow.ipc.read_message(file)))
        except FileNotFoundError:
            return None
        except (pyarrow.ArrowException, EOFError, ValueError, KeyError, TypeError):
            begun = _schema().with_metadata(header.metadata).serialize().to_pybytes()
            if not self.path.exists() and begun.startswith(self.part.read_bytes()):
                return None  # killed before its first message was whole
            raise BookError(f"{self.path.name} is no results file of a sweep; {_REMEDY}") from None

    def _finished(self) -> list[pyarrow.Table]:
        import pyarrow.parquet as parquet

        if not self.path.exists():
            return []
        table = parquet.read_table(self.path, columns=self._schema.names)
        return [table.cast(self._schema)]

    def _running(self) -> list[pyarrow.Table]:
        """The rows of the stream, from which what a kill left half-written is cut off."""
        import pyarrow

        batches, sound = [], 0
        if not self.part.exists():
            return []
        with self.part.open("r+b") as file:
            try:
                pyarrow.ipc.read_message(file)
                while True:
                    sound = file.tell()
                    batches.append(pyarrow.ipc.read_record_batch(pyarrow.ipc.read_message(file), self._schema))
            except (pyarrow.ArrowException, EOFError, OSError):
                file.truncate(sound)
        return [pyarrow.Table.from_batches(batches, self._schema)]


_REMEDY = "name another file with --results, or remove it"


@contextmanager
def opened_store(path: Path, header: Header) -> Iterator[Store]:
    """The results file, for one sweep at a time. Raises BookError."""
    if not path.parent.is_dir():
        raise BookError(f"{path} cannot be written: the folder does not exist; make it first")
    lock = BookLock(path, WAIT)
    try:
        store = Store(path, header)
        try:
            yield store
        finally:
            store.close()
    finally:
        lock.release()


def _schema() -> pyarrow.Schema:
    """The columns that every results file has."""
    import pyarrow

    text, number, numbers = pyarrow.string(), pyarrow.float64(), pyarrow.list_(pyarrow.float64())
    return pyarrow.schema(
        [
            ("Key", text),
            ("Configuration", text),
            *((heading(name), number) for name in (*FIGURES, *JUDGED)),
            ("Sums", numbers),
            ("Squares", numbers),
            ("Reason", text),
        ]
    )


def _headed(row: Row) -> dict[str, Any]:
    return {heading(name): value for name, value in row.items()}
