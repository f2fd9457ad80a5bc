"""What a venue says of its contracts (terms, tiers, volumes), kept as JSON: a version where something has changed.

VENUE/_documents/NAME/0001732650000000-<hash of the content>.json
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core.errors import FeedError

from .landing import land
from .store import Store

__all__ = ["DOCUMENTS", "keep_document", "kept_document", "sound_document"]

DOCUMENTS = "_documents"
DIGITS = 16


def keep_document(store: Store, venue: str, name: str, content: Any, now: int) -> bool:
    """Keep a document that was read at `now` (ms since 1970); returns whether it is new or has changed.

    Raises FeedError.
    """
    packed = json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode()
    digest = hashlib.sha256(packed).hexdigest()[:DIGITS]
    with store.writing():
        before = _versions(store, venue, name)
        if before and before[-1].stem.endswith(digest):
            return False
        latest = max(now, _stamp(before[-1]) + 1) if before else now
        land(store.root / venue / DOCUMENTS / name / f"{latest:016d}-{digest}.json", packed)
    return True


def kept_document(store: Store, venue: str, name: str, as_of: int | None = None) -> tuple[Any, int] | None:
    """The last version of a document and when it was first read (ms); of what was read by `as_of`, None: of all.

    None where there is none. Raises FeedError for a damaged one.
    """
    found = [path for path in _versions(store, venue, name) if as_of is None or _stamp(path) <= as_of]
    if not found:
        return None
    if not sound_document(found[-1]):
        raise FeedError(
            f"{found[-1].name} of {venue} {name} in the store is damaged; perpdesk store verify --repair sets it aside"
        )
    return json.loads(found[-1].read_bytes()), _stamp(found[-1])


def sound_document(path: Path) -> bool:
    """Whether the content of a document is that of which its name bears the hash."""
    return path.stem.endswith(hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS])


def _versions(store: Store, venue: str, name: str) -> list[Path]:
    return sorted((store.root / venue / DOCUMENTS / name).glob("*.json"))


def _stamp(path: Path) -> int:
    return int(path.stem.partition("-")[0])
