"""The text of a table, compressed or not, and no more than fits in memory: a small file may unpack to a large one."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import importlib.util
import io
import lzma
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from core.errors import FeedError

from ...symbols import printable

__all__ = ["MOST_BYTES", "SUFFIXES", "is_parquet", "is_table", "readable", "stem", "text_of"]

MOST_BYTES = 512 * 2**20
"""What one file may unpack to: 50 years of hourly bars of a hundred contracts."""

USUAL_BYTES = 32 * 2**20
LARGEST_RATIO = 100
"""How many times its own size a file above the usual size may unpack to; prices and rates have 3 to 10."""

USUAL_LINES = 1_000_000
SHORTEST_LINE = 4
"""Bytes a line that a file of more than the usual lines has on average; a time alone has more."""

PACKED: dict[str, Callable[[Path], AbstractContextManager[io.BufferedIOBase]]] = {
    ".gz": gzip.GzipFile,
    ".xz": lzma.LZMAFile,
    ".bz2": bz2.BZ2File,
}
PLAIN = (".csv", ".tsv", ".txt")
SUFFIXES = (".csv", ".csv.gz", ".csv.xz", ".zip", ".parquet")
"""What messages name; .tsv and .txt, and .bz2 of each, are read too."""

ALL_SUFFIXES = (*PLAIN, *(plain + packed for plain in PLAIN for packed in PACKED), ".zip", ".parquet")
HEAD_BYTES = 64 * 1024


def is_table(path: Path) -> bool:
    """Whether the file's name says that it is a table."""
    return path.name.lower().endswith(ALL_SUFFIXES)


def is_parquet(path: Path) -> bool:
    """Whether the file's name says that it is Parquet; every other table is text."""
    return path.suffix.lower() == ".parquet"


def stem(path: Path) -> str:
    """The file's name without the suffixes of tables."""
    ending = max((end for end in ALL_SUFFIXES if path.name.lower().endswith(end)), key=len, default="")
    name = path.name[: len(path.name) - len(ending)]
    return name[: -len(".csv")] if name.lower().endswith(".csv") else name


def text_of(path: Path, *, head: bool = False) -> str:
    """The text of a file, or its first lines. Raises FeedError when it cannot be read, or is more than a table has."""
    if path.exists() and not path.is_file():
        raise FeedError(f"{path.name} is no ordinary file; name a file or a folder of files")
    with readable(path), _opened(path) as file:
        if head:
            content = file.read(HEAD_BYTES + 1)
            end = len(content) if len(content) <= HEAD_BYTES else content.rfind(b"\n") + 1
            return content[:end].decode("utf-8-sig")
        return _measured(file, path).decode("utf-8-sig")


def _measured(file: IO[bytes] | io.BufferedIOBase, path: Path) -> bytes:
    """All that a file holds, measured while it is unpacked: what pandas would make of it may be fifty times as much."""
    chunks, size, lines, packed = [], 0, 0, path.stat().st_size
    while chunk := file.read(2**20):
        chunks.append(chunk)
        size, lines = size + len(chunk), lines + chunk.count(b"\n")
        if size > MOST_BYTES:
            most = f"{MOST_BYTES / 2**20:.0f} MB"
            raise FeedError(f"{path.name} unpacks to more than {most}; split it, one file a contract or a month")
        swollen = size > USUAL_BYTES and size > LARGEST_RATIO * packed
        if swollen or (lines > USUAL_LINES and size < SHORTEST_LINE * lines):
            raise FeedError(
                f"{path.name} holds {lines:,} lines in its first {size / 2**20:.0f} MB and has {packed / 2**20:.1f} MB "
                "itself, as no table of prices; look into it, and export it again"
            )
    return b"".join(chunks)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns whatever a reader of files raises into one line that names the file."""
    if is_parquet(path) and importlib.util.find_spec("pyarrow") is None:
        raise FeedError(f"{path.name} is a Parquet file, which needs pyarrow; install it: pip install pyarrow")
    try:
        yield
    except FeedError:
        raise
    except Exception as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error) or type(error).__name__
        first = printable(reason.splitlines()[0], 100)
        raise FeedError(f"{path.name} cannot be read ({first}); check the file or export it again") from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | io.BufferedIOBase]:
    packed = PACKED.get(path.suffix.lower())
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_only_table(archive, path)) as file:
            yield file
    elif packed is not None:
        with packed(path) as file:
            yield file
    else:
        with path.open("rb") as file:
            yield file


def _only_table(archive: zipfile.ZipFile, path: Path) -> str:
    tables = [name for name in archive.namelist() if name.lower().endswith(PLAIN) and not name.startswith("__MACOSX")]
    if len(tables) != 1:
        raise FeedError(f"{path.name} holds {len(tables)} files of text and one is read; unpack it into the folder")
    return tables[0]
