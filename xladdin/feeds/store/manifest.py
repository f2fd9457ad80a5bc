"""What a series consists of: its segments, oldest first, and the time that has been read; a file replaced whole.

A segment that no manifest names does not exist: so a crash at any moment leaves the series as it was or as it is to be.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import FeedError
from core.records import dataclass

from .key import SeriesKey
from .landing import land
from .segment import Segment
from .spans import Span

__all__ = ["MANIFEST", "Manifest", "read_manifest", "write_manifest"]

MANIFEST = "series.json"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """Segments; spans of time (s) that were read to the end; the number of the next segment."""

    segments: tuple[Segment, ...] = ()
    covered: tuple[Span, ...] = ()
    next_number: int = 1


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make this what the series consists of. Raises OSError."""
    content = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps({**content, "sha256": _digest(content)}, indent=1)
    land(folder / MANIFEST, text.encode())


def read_manifest(folder: Path, key: SeriesKey) -> Manifest:
    """What the series consists of; nothing where there is none yet. Raises FeedError for a damaged one."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        digest = content.pop("sha256")
    except (FileNotFoundError, NotADirectoryError):  # the latter is told by whoever writes
        return Manifest()
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise FeedError(_damaged(key)) from error
    if content.get("format") != FORMAT and digest == _digest(content):
        raise FeedError(f"{key.name} in the store was written by a newer PerpDesk; update this one or give --store")
    if digest != _digest(content):
        raise FeedError(_damaged(key))
    segments = tuple(Segment(**each) for each in content["segments"])
    return Manifest(segments, tuple((a, b) for a, b in content["covered"]), content["next_number"])


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _damaged(key: SeriesKey) -> str:
    return (
        f"the list of the files of {key.name} in the store is damaged; perpdesk store verify --repair makes it anew "
        "from those that are sound"
    )
