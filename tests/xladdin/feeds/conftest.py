"""A folder of files to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Folders = Callable[[dict[str, str | bytes]], Path]


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The folder with these files in it."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def folder_of(tmp_path: Path) -> Folders:
    """`folder_of({"BTCUSDT.csv": text})` is a folder of these files."""
    return lambda files: fill(tmp_path / "data", files)
