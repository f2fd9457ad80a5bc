"""The store looked after: what is in it, whether it is sound, and what nobody needs any more taken out of it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.errors import FeedError
from core.records import dataclass

from .documents import DOCUMENTS, sound_document
from .key import SeriesKey
from .landing import UNFINISHED
from .manifest import MANIFEST, Manifest, write_manifest
from .segment import SUFFIX, Segment, read_segment, write_segment
from .store import Store

__all__ = ["Fault", "Held", "held", "prune", "repair", "verify"]

SET_ASIDE = "_damaged"
"""The folder of the store into which what is damaged is moved; nothing reads it."""


@dataclass(frozen=True)
class Held:
    """What the store has of a series: rows, of which `versions` were revised later, first and last time, bytes."""

    key: SeriesKey
    rows: int
    versions: int
    first: np.datetime64
    last: np.datetime64
    size: int


@dataclass(frozen=True)
class Fault:
    """A file that is not what was written, what is wrong with it, and the series it is of (None: a document)."""

    path: Path
    what: str
    key: SeriesKey | None


def held(store: Store) -> list[Held]:
    """What the store has, by series. Raises FeedError for a damaged one."""
    found = []
    for key in store.series():
        rows = store.versions(key)
        if not len(rows.times):
            continue
        known = len(np.unique(rows.times))
        size = sum((store.folder(key) / each.file).stat().st_size for each in store.manifest(key).segments)
        found.append(Held(key, known, len(rows.times) - known, rows.times.min(), rows.times.max(), size))
    return found


def verify(store: Store) -> list[Fault]:
    """Every file whose content is not what was written, by its hash and its rows; none where the store is sound."""
    found = [fault for key in _named_series(store) for fault in _faults(store, key)]
    documents = sorted(store.root.glob(f"*/{DOCUMENTS}/*/*.json"))
    return found + [Fault(path, "has another content", None) for path in documents if not sound_document(path)]


def repair(store: Store) -> list[Fault]:
    """Move what is damaged into the folder `_damaged` and forget that its time was read; returns what it was.

    The next Refresh reads that time again. Raises FeedError.
    """
    with store.writing():
        faults = verify(store)
        for key in dict.fromkeys(fault.key for fault in faults if fault.key is not None):
            folder = store.folder(key)
            bad = {fault.path.name for fault in faults if fault.key == key}
            for name in bad - {MANIFEST}:
                _set_aside(store, folder / name)
            _set_aside(store, folder / MANIFEST)
            sound = list(_sound_segments(folder, key))
            last = max((int(path.name[:6]) for path in folder.glob(f"*{SUFFIX}")), default=0)
            write_manifest(folder, Manifest(tuple(sound), (), last + 1))
        for fault in faults:
            if fault.key is None:
                _set_aside(store, fault.path)
    return faults


def prune(store: Store, before: np.datetime64 | None = None, venue: str | None = None) -> tuple[int, int]:
    """Drop versions that were revised later, rows before a time, and what killed processes left; returns rows, files.

    What is dropped is gone: a run as of then cannot be repeated. Raises FeedError.
    """
    rows = files = 0
    with store.writing():
        for key in store.series():
            if venue is not None and key.venue != venue:
                continue
            whole, manifest = store.versions(key), store.manifest(key)
            kept = whole.known()
            if before is not None:
                kept = kept.only(kept.times >= before)
            if len(kept.times) < len(whole.times):
                order = np.argsort(kept.seen, kind="stable")
                kept = kept.only(order)
                folder, number = store.folder(key), manifest.next_number
                segments = (write_segment(folder, key, number, kept),) if len(kept.times) else ()
                start = 0 if before is None else int(before.astype("datetime64[s]").astype(np.int64))
                covered = tuple((max(a, start), b) for a, b in manifest.covered if b > start)
                write_manifest(folder, Manifest(segments, covered, number + 1))
                rows += len(whole.times) - len(kept.times)
            files += _swept(store, key)
    return rows, files


def _named_series(store: Store) -> list[SeriesKey]:
    """All series, those whose manifest is gone too."""
    folders = {path.parent for name in (MANIFEST, f"*{SUFFIX}") for path in store.root.glob(f"[!_]*/[!_]*/*/{name}")}
    return sorted(SeriesKey.of(folder) for folder in folders)


def _faults(store: Store, key: SeriesKey) -> Iterator[Fault]:
    folder = store.folder(key)
    try:
        manifest = store.manifest(key)
    except FeedError as error:
        yield Fault(folder / MANIFEST, str(error), key)
        return
    if not (folder / MANIFEST).exists():
        yield Fault(folder / MANIFEST, "is gone", key)
    for segment in manifest.segments:
        what = _wrong_with(folder, key, segment)
        if what:
            yield Fault(folder / segment.file, what, key)


def _wrong_with(folder: Path, key: SeriesKey, segment: Segment) -> str:
    """What is wrong with a segment; nothing where it is sound."""
    try:
        if hashlib.sha256((folder / segment.file).read_bytes()).hexdigest() != segment.sha256:
            return "has another content than was written"
        read_segment(folder, key, segment)
    except FileNotFoundError:
        return "is gone"
    except (OSError, FeedError) as error:
        return f"cannot be read: {error}"
    return ""


def _sound_segments(folder: Path, key: SeriesKey) -> Iterator[Segment]:
    """The segments of a folder whose names bear the hash of their content, those left out that a longer one holds."""
    import pyarrow.parquet as parquet

    found: list[Segment] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.stem.partition("-")[2] != digest[:16]:
            continue
        rows = parquet.read_metadata(path).num_rows
        times = read_segment(folder, key, Segment(path.name, digest, rows, 0, 0)).times.astype(np.int64)
        found.append(Segment(path.name, digest, rows, int(times.min()), int(times.max())))
    for place, segment in enumerate(found):
        if not any(_holds(folder, key, later, segment) for later in found[place + 1 :]):
            yield segment


def _holds(folder: Path, key: SeriesKey, later: Segment, segment: Segment) -> bool:
    """Whether a later segment begins with the rows of an earlier one, which it then was written to replace."""
    if later.rows < segment.rows or later.first > segment.first or later.last < segment.last:
        return False
    whole, part = read_segment(folder, key, later), read_segment(folder, key, segment)
    count = len(part.times)
    return bool((whole.times[:count] == part.times).all() and (whole.seen[:count] == part.seen).all())


def _swept(store: Store, key: SeriesKey) -> int:
    """Delete what no manifest names: unfinished files, and segments that another one replaced."""
    named = {segment.file for segment in store.manifest(key).segments}
    count = 0
    for path in store.folder(key).iterdir():
        if path.name.endswith(UNFINISHED) or (path.suffix == SUFFIX and path.name not in named):
            with contextlib.suppress(OSError):
                path.unlink()
                count += 1
    return count


def _set_aside(store: Store, path: Path) -> None:
    if path.exists():
        target = store.root / SET_ASIDE / path.relative_to(store.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
