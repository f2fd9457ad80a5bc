"""The sample desk before any job has run, as a file: drawn once in a process, copied for whoever needs it.

path = sample_file(tmp_path / "desk.xlsx")
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from xladdin.desk.template.build import sample_book

__all__ = ["sample_file"]


def sample_file(path: Path) -> Path:
    """Write it to `path`, which is the answer too."""
    path.write_bytes(_sample_bytes())
    return path


@cache
def _sample_bytes() -> bytes:
    with TemporaryDirectory() as folder, sample_book() as book:
        path = book.commit(Path(folder) / "desk.xlsx")
        return path.read_bytes()
