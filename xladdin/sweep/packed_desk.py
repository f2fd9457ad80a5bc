"""The desk of a sweep as one file by the hash of its content, opened once a worker.

Tasks carry the hash and never the history, which would be sent with each of them, and would be lost with a worker that
was the only one to hold it. What does not have the hash that the task names is not opened: it is not from this sweep.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from core.errors import DeskError
from core.records import dataclass

from ..desk.day.past.shared import SharedPast
from ..desk.read.inputs import Desk

__all__ = ["OpenedDesk", "PackedDesk", "keep", "opened"]


@dataclass(frozen=True)
class PackedDesk:
    """The content of the file, and its hash."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, desk: Desk) -> PackedDesk:
        """A desk, packed; the same desk gives the same bytes within a release."""
        content = pickle.dumps(desk, protocol=5)
        return cls(content, hashlib.sha256(content).hexdigest())

    def write(self, folder: Path) -> Path:
        """The file in a folder."""
        path = folder / f"desk-{self.digest[:16]}.pickle"
        path.write_bytes(self.content)
        return path


@dataclass(frozen=True, eq=False)
class OpenedDesk:
    """A desk in a worker, with the pasts that were made of it so far, by benchmark."""

    desk: Desk
    _pasts: dict[str, SharedPast] = field(default_factory=dict)

    def past(self, benchmark: str) -> SharedPast:
        """The past to walk through, made once for all configurations with that benchmark."""
        if benchmark not in self._pasts:
            settings = replace(self.desk.settings, benchmark=benchmark)
            self._pasts[benchmark] = SharedPast.of(replace(self.desk, settings=settings))
        return self._pasts[benchmark]


_kept: dict[str, Path] = {}
"""Where the files lie that this process was told of, by hash."""


def keep(files: Mapping[str, Path]) -> None:
    """Tell this process where the files lie, by hash."""
    _kept.update(files)


@functools.lru_cache(maxsize=2)
def opened(digest: str) -> OpenedDesk:
    """The desk of that hash. Raises DeskError where its file is not here, or is not what the hash says."""
    path = _kept.get(digest)
    content = path.read_bytes() if path is not None and path.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise DeskError("the desk of the sweep is not on this machine, or is not the one that was sent; sweep again")
    return OpenedDesk(pickle.loads(content))
