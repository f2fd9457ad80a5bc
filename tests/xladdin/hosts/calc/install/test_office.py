"""Which LibreOffice is found, and why one cannot have PerpDesk; from its own files, nothing is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.errors import PerpDeskError
from xladdin.hosts.calc.install import office as offices
from xladdin.hosts.calc.install.office import Office, candidates, find_office, office_at


def an_office(root: Path, version: str = "25.2", *, name: str = "bootstraprc", folder: str = "program") -> Path:
    programs = root / folder
    programs.mkdir(parents=True)
    (programs / name).write_text(f"[Bootstrap]\nInstallMode=<installmode>\nProductKey=LibreOffice {version}\n")
    return programs


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that are looked into, instead of those of this computer."""
    folders: list[Path] = []
    monkeypatch.setattr(offices, "candidates", lambda: iter(folders))
    monkeypatch.setattr(offices, "SANDBOXES", {})
    return folders


@pytest.mark.parametrize("name", ["bootstraprc", "bootstrap.ini"])
def test_the_version_is_read_from_its_own_file(tmp_path: Path, name: str) -> None:
    programs = an_office(tmp_path, "25.8", name=name)
    assert office_at(programs) == Office(programs, (25, 8))


def test_on_macos_the_file_lies_beside_the_programs(tmp_path: Path) -> None:
    an_office(tmp_path, "26.2", folder="Resources")
    programs = tmp_path / "MacOS"
    programs.mkdir()
    found = office_at(programs)
    assert found is not None
    assert (found.version, found.bundled) == ((26, 2), tmp_path / "Resources" / "extensions")


def test_a_folder_without_an_office_and_a_snap_are_none(tmp_path: Path) -> None:
    assert office_at(tmp_path) is None
    assert office_at(Path("/snap/libreoffice/current/lib/libreoffice/program")) is None


def test_the_first_that_is_new_enough_is_taken(tmp_path: Path, only: list[Path]) -> None:
    only += [an_office(tmp_path / "old", "7.4"), an_office(tmp_path / "new", "25.2"), an_office(tmp_path / "b", "26.2")]
    assert find_office().programs == tmp_path / "new" / "program"


@pytest.mark.parametrize("version", ["7.4", "24.8", "25.1"])
def test_an_old_one_is_refused_with_the_reason(tmp_path: Path, only: list[Path], version: str) -> None:
    only.append(an_office(tmp_path, version))
    with pytest.raises(PerpDeskError, match=rf"LibreOffice {version} .*too old: before 25.2 it loses the names"):
        find_office()


@pytest.mark.parametrize("edition", ["Flatpak", "Snap"])
def test_an_edition_in_a_box_is_refused_with_the_way_out(
    tmp_path: Path, only: list[Path], monkeypatch: pytest.MonkeyPatch, edition: str
) -> None:
    assert only == []
    monkeypatch.setattr(offices, "SANDBOXES", {edition: (str(tmp_path),)})
    with pytest.raises(PerpDeskError, match=rf"the {edition} edition .* install LibreOffice 25.2 or newer from"):
        find_office()


def test_none_at_all(only: list[Path]) -> None:
    with pytest.raises(PerpDeskError, match=r"LibreOffice was not found; install LibreOffice 25\.2 or newer"):
        find_office()


@pytest.mark.parametrize("system", ["linux", "darwin", "win32", "freebsd14"])
def test_every_system_has_places_to_look(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(offices.sys, "platform", system)
    monkeypatch.setattr(offices.shutil, "which", lambda name: None)  # which asks Windows itself from Python 3.12 on
    assert all(isinstance(each, Path) for each in candidates())


def test_what_its_tool_refuses_is_told(tmp_path: Path) -> None:
    programs = an_office(tmp_path)
    tool = programs / "unopkg"
    tool.write_text("#!/bin/sh\necho the extension is broken\nexit 3\n")
    tool.chmod(0o755)
    with pytest.raises(PerpDeskError, match="could not add the extension: the extension is broken"):
        Office(programs, (25, 2)).extension_tool("add", "x.oxt")
    tool.unlink()
    with pytest.raises(PerpDeskError, match="could not be run"):
        Office(programs, (25, 2)).extension_tool("add", "x.oxt")


@pytest.mark.parametrize(("code", "running"), [(0, True), (1, False)])
def test_whether_it_runs_is_asked_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, running: bool
) -> None:
    asked: list[list[str]] = []

    def ran(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code, b"")

    monkeypatch.setattr(offices.subprocess, "run", ran)
    assert Office(tmp_path, (25, 2)).running() is running
    assert asked[0][0] == "pgrep"
    assert asked[0][-1] == "soffice.bin"
