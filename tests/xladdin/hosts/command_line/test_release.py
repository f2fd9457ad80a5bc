"""The release is the same bytes twice, and holds all that is needed and nothing that only developers need."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from core.errors import PerpDeskError
from tests.source_tree import ROOT, SOURCES, label
from xladdin.hosts.command_line import release
from xladdin.hosts.command_line.release import build_release
from xladdin.version import __version__


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_release(tmp_path_factory.mktemp("release"))


def test_two_builds_have_the_same_hash(built: Path, tmp_path: Path) -> None:
    again = build_release(tmp_path)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(built.read_bytes()).digest()


def test_everything_that_a_person_needs_is_in_it(built: Path) -> None:
    top = f"PerpDesk-{__version__}/"
    names = {name.removeprefix(top) for name in zipfile.ZipFile(built).namelist()}
    workbooks = {f"workbooks/{path.name}" for path in (ROOT / "workbooks").glob("*.*")}
    scripts = {f"install/{name}" for name in ("bootstrap.py", "excel.py", "requirements.lock", "SMOKE.md")}
    starts = {f"install/{name}" for name in ("install.cmd", "install.ps1", "install.command", "install.sh")}
    assert {*map(label, SOURCES), *workbooks, *scripts, *starts, "README.md", "LICENSE", "docs/limits.md"} <= names
    assert [name for name in names if name.startswith(("tests", ".")) or "__pycache__" in name] == []
    assert "install/requirements-dev.lock" not in names


def test_what_is_started_on_a_mac_or_linux_may_run(built: Path) -> None:
    entries = {
        entry.filename.rpartition("/")[2]: entry.external_attr >> 16 for entry in zipfile.ZipFile(built).infolist()
    }
    assert [entries[name] for name in ("install.command", "install.sh", "README.md")] == [0o755, 0o755, 0o644]


def test_an_installed_package_is_no_place_to_build_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "PROJECT", tmp_path)
    with pytest.raises(PerpDeskError, match="build the release from the project's own folder"):
        build_release(tmp_path)
