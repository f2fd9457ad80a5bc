"""Files that belong to a workbook and lie in its folder under a name of their content: never written over."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import BookError

from .atomic import replace_file
from .target import content_of

__all__ = ["landed_beside", "read_beside"]


def read_beside(folder: Path | None, name: str, book: str) -> bytes:
    """The content of a file in the folder of the workbook `book`. Raises BookError.

    The name is a name alone: no path and no link leads out of the folder.
    """
    _refuse_path(name, book)
    if folder is None:
        raise BookError(f"{book} lies in no folder of this machine, so {name} cannot be found; save it in one")
    path = folder / name
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        raise BookError(
            f"{book} keeps its history in {name}, which is not beside it; copy that file there too, run Refresh, or "
            "blank HistoryFile on Settings to work with the last bars, on the sheets Prices and Funding"
        ) from None
    if not stat.S_ISREG(mode):
        raise BookError(f"{name} beside {book} is no ordinary file; put the history file itself there")
    content = content_of(path)
    assert content is not None, "it was there a moment ago, and what vanishes in between is an OSError"
    return content


@contextlib.contextmanager
def landed_beside(folder: Path | None, files: Mapping[str, bytes], book: str) -> Iterator[None]:
    """The files are written when the block begins, and gone again where it fails. Raises BookError."""
    made: list[Path] = []
    try:
        for name, content in files.items():
            _refuse_path(name, book)
            if folder is None:
                raise BookError(f"{book} lies in no folder of this machine for its file {name}; save it in one")
            before = content_of(folder / name)
            if before != content:
                replace_file(folder / name, content, before=before)
                made += [folder / name] if before is None else []
        yield
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _refuse_path(name: str, book: str) -> None:
    if name != Path(name).name or "\\" in name or name.startswith("."):
        raise BookError(f"'{name[:60]}' is no name of a file beside {book}; HistoryFile on Settings is a name alone")
