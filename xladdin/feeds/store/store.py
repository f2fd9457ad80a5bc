"""The store: what was read from venues, by series. Append-only, versioned, shared by any number of processes.

    store = Store(folder)
    store.append(key, times, values, span, now)     # what is known already is not written again
    store.missing(key, span)                        # what of a span nobody has read
    store.read(key, as_of=...)                      # what was known then

Readers take no lock: they see a series before or after a write, never in the middle of one. Writers wait for each other
for the moment of one append.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.errors import BookError, FeedError

from ...books.lock import BookLock
from ..feed import Times
from .key import SeriesKey
from .landing import store_written
from .manifest import MANIFEST, Manifest, read_manifest, write_manifest
from .segment import read_segment, write_segment
from .spans import Span, missing, united
from .versions import Versions

__all__ = ["Store"]

SEGMENT_ROWS = 20_000
"""A segment that would have fewer rows is written anew with those that come: a year of hours is one file."""

LOCK_WAIT = 60.0
"""Seconds for which a writer waits for another one."""

READ_TRIES = 20


class Store:
    """The store in a folder, which is made with the first append."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def series(self) -> list[SeriesKey]:
        """All series, in order."""
        return sorted(SeriesKey.of(path.parent) for path in self.root.glob(f"*/*/*/{MANIFEST}"))

    def folder(self, key: SeriesKey) -> Path:
        """Where a series lies."""
        return self.root / key.folder

    def manifest(self, key: SeriesKey) -> Manifest:
        """What a series consists of. Raises FeedError."""
        return read_manifest(self.folder(key), key)

    def missing(self, key: SeriesKey, wanted: Span) -> list[Span]:
        """What of a span of time (s) has not been read. Raises FeedError."""
        return missing(wanted, self.manifest(key).covered)

    def read(self, key: SeriesKey, as_of: int | None = None, columns: Sequence[str] | None = None) -> Versions:
        """The last version of each time, of those seen by `as_of` (ms since 1970; None: of all). Raises FeedError."""
        return self.versions(key, columns).known(as_of)

    def versions(self, key: SeriesKey, columns: Sequence[str] | None = None) -> Versions:
        """All rows of a series, those that were revised later too. Raises FeedError."""
        folder, width = self.folder(key), len(key.columns if columns is None else columns)
        lost: FileNotFoundError | None = None
        for _ in range(READ_TRIES):  # again where a writer replaced a file meanwhile
            manifest = self.manifest(key)
            try:
                parts = [read_segment(folder, key, segment, columns) for segment in manifest.segments]
            except FileNotFoundError as error:
                lost = error
                continue
            whole = parts[0] if parts else Versions.none(width)
            for part in parts[1:]:
                whole = whole.joined(part)
            return whole
        raise FeedError(f"a file of {key.name} in the store is gone; perpdesk store verify --repair mends it") from lost

    def append(self, key: SeriesKey, times: Times, values: Array, span: Span, now: int) -> tuple[int, int]:
        """Keep rows that were read; returns how many times were new and how many came with other values.

        Args:
            key: the series.
            times: (M,) datetime64[s], UTC, each once.
            values: (M, K), the columns of the series.
            span: the time (s) that has now been read to the end, with these rows in it.
            now: when that was, milliseconds since 1970; never taken as before what is kept.

        Raises FeedError, the series then being as it was.
        """
        with self.writing():
            folder, manifest = self.folder(key), self.manifest(key)
            kept = self._overlapping(key, manifest, times)
            given = Versions(times, values, np.full(len(times), max(now, self._last_seen(key, manifest)), np.int64))
            given = given.only(np.argsort(times, kind="stable"))
            given = given.only(given.new_to(kept))
            revised = int(np.isin(given.times, kept.times).sum())
            covered = tuple(united([*manifest.covered, span]))
            if not len(given.times):
                if covered != manifest.covered:
                    write_manifest(folder, Manifest(manifest.segments, covered, manifest.next_number))
                return 0, 0
            if not manifest.covered:  # of a new series: so that a file without a list is one whose list was lost
                write_manifest(folder, manifest)
            segments = list(manifest.segments)
            last = segments[-1] if segments else None
            if last is not None and last.rows + len(given.times) <= SEGMENT_ROWS:
                given = read_segment(folder, key, segments.pop()).joined(given)
            else:
                last = None
            new = int(np.isin(times, kept.times, invert=True).sum())
            segments.append(write_segment(folder, key, manifest.next_number, given))
            write_manifest(folder, Manifest(tuple(segments), covered, manifest.next_number + 1))
            if last is not None:
                with contextlib.suppress(OSError):  # one that Windows holds open for a reader goes at the next prune
                    (folder / last.file).unlink()
            return new, revised

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write, one process at a time. Raises FeedError."""
        with store_written(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        try:
            lock = BookLock(self.root / "store", LOCK_WAIT)
        except BookError as error:
            raise FeedError(f"in {self.root}: {error}") from error
        try:
            with store_written(self.root):
                yield
        finally:
            lock.release()

    def _overlapping(self, key: SeriesKey, manifest: Manifest, times: Times) -> Versions:
        """What is kept of the stretch that `times` lie in. Raises FeedError."""
        kept = Versions.none(len(key.columns))
        if len(times):
            first, last = int(times.min().astype(np.int64)), int(times.max().astype(np.int64))
            for segment in manifest.segments:
                if segment.first <= last and segment.last >= first:
                    kept = kept.joined(read_segment(self.folder(key), key, segment))
        return kept

    def _last_seen(self, key: SeriesKey, manifest: Manifest) -> int:
        if not manifest.segments:
            return 0
        seen = read_segment(self.folder(key), key, manifest.segments[-1], ()).seen
        return int(seen[-1]) if len(seen) else 0
