"""PerpDesk goes into LibreOffice and out again without a trace: for one user by unopkg, for all by unpacking."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import xladdin
from core.errors import PerpDeskError
from tests.calc_office import office
from tests.command_line import perpdesk
from tests.source_tree import ROOT
from xladdin.hosts.calc.extension.place import Serving, record_file, serving, user_record
from xladdin.hosts.calc.install import plan
from xladdin.hosts.calc.install.examination import examine_calc
from xladdin.hosts.calc.install.office import Office
from xladdin.hosts.calc.install.plan import Installer, answer_of
from xladdin.hosts.command_line.commands import calc as command_line

NOBODY = 65534


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an office that is not running, and can run Python."""
    folder = tmp_path / "office" / "program"
    folder.mkdir(parents=True)
    (folder / "pythonloader.py").write_text("")
    monkeypatch.setattr(Office, "running", lambda _: False)
    return folder


@pytest.fixture
def for_all(programs: Path, tmp_path: Path) -> Installer:
    """An installer as root runs it."""
    return Installer(Office(programs, (25, 2)), tmp_path / "home" / "calc.json", for_all=True)


@pytest.fixture
def for_one(programs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """An installer as a user runs it, with the real unopkg; it refuses root, so root runs it as nobody here."""
    monkeypatch.setattr("xladdin.hosts.calc.install.office.SECONDS", 600)  # however busy the machine is
    home = Path(tempfile.mkdtemp())
    home.chmod(0o777)
    (home / "workbooks").mkdir(mode=0o755)
    shutil.copy(ROOT / "workbooks" / "PerpDesk.oxt", home / "workbooks")
    tool = programs / "unopkg"
    as_user = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups " if os.geteuid() == 0 else ""
    tool.write_text(f'#!/bin/sh\nHOME={home} exec {as_user}timeout -k 3 600 {shutil.which("unopkg")} "$@"\n')
    tool.chmod(0o755)
    profile = (home / "profile").as_uri()
    yield Installer(Office(programs, (25, 2)), home / "calc.json", profile=profile, project=home)
    shutil.rmtree(home)


def test_for_all_it_is_put_in_answers_and_is_taken_out_without_a_trace(for_all: Installer, tmp_path: Path) -> None:
    before = files(tmp_path)
    told: list[str] = []
    for_all.take(for_all.installation(), told.append)
    assert told == [
        f"file {for_all.record}",
        f"extension in {for_all.office.bundled / 'PerpDesk'}",
        "one answer of the worker",
    ]
    assert for_all.status()["missing"] == []
    assert all(finding.well for finding in examine_calc(for_all))
    assert [step.what for step in for_all.installation()] == ["one answer of the worker"]
    for_all.take(for_all.removal(), told.append)
    assert files(tmp_path) == before
    assert not for_all.office.bundled.joinpath("PerpDesk").exists()
    assert (for_all.removal(), for_all.status()["installed"]) == ([], False)


def test_what_somebody_put_beside_it_stays(for_all: Installer) -> None:
    for_all.take(for_all.installation(), str)
    note = for_all.office.bundled / "PerpDesk" / "note.txt"
    note.write_text("mine")
    for_all.take(for_all.removal(), str)
    assert files(for_all.office.bundled) == {note}


def test_a_broken_installation_is_seen_and_repaired(for_all: Installer) -> None:
    for_all.take(for_all.installation(), str)
    part = for_all.office.bundled / "PerpDesk" / "PerpDesk.py"
    part.write_text("import antigravity")
    assert len(for_all.installation()) == 2
    for_all.take(for_all.installation(), str)
    assert "perpdesk_calc" in part.read_text()
    shutil.rmtree(part.parent)
    assert for_all.status()["missing"] == [f"extension in {part.parent}"]
    assert not all(finding.well for finding in examine_calc(for_all))


def test_one_that_was_interrupted_can_be_taken_out(for_all: Installer) -> None:
    steps = for_all.installation()
    steps[0].do()
    (for_all.office.bundled / "PerpDesk").mkdir(parents=True)
    (for_all.office.bundled / "PerpDesk" / "description.xml").write_text("half")
    for_all.take(for_all.removal(), str)
    assert files(for_all.office.bundled.parent) == set()


def test_nothing_is_done_while_libreoffice_is_open(for_all: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Office, "running", lambda _: True)
    with pytest.raises(PerpDeskError, match="LibreOffice is open; close all its windows"):
        for_all.take(for_all.installation(), str)
    assert not for_all.record.exists()


def test_a_libreoffice_without_python_is_refused_with_the_package_to_install(for_all: Installer) -> None:
    (for_all.office.programs / "pythonloader.py").unlink()
    with pytest.raises(PerpDeskError, match="apt install python3-uno"):
        for_all.installation()


@pytest.mark.parametrize("text", ["no json", "[]", '{"version": "1"}'])
def test_a_record_that_is_none(for_all: Installer, text: str) -> None:
    for_all.record.parent.mkdir()
    for_all.record.write_text(text)
    with pytest.raises(PerpDeskError, match="is no record of an installation; remove it and install again"):
        for_all.status()


def test_a_worker_that_cannot_answer_is_told_in_its_own_words(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'No module named numpy' >&2\n")
    broken.chmod(0o755)
    with pytest.raises(PerpDeskError, match="could not answer: No module named numpy"):
        answer_of(Serving(str(broken), str(tmp_path)))


def test_another_version_that_answers_is_no_installation(for_all: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "answer_of", lambda _: "0.0.1")
    with pytest.raises(PerpDeskError, match=r"says version 0\.0\.1"):
        for_all.take(for_all.installation(), str)


def test_the_record_of_the_user_counts_before_that_of_the_administrator(tmp_path: Path) -> None:
    variables = {"XDG_DATA_HOME": str(tmp_path)}
    assert user_record(variables) == record_file(variables) == tmp_path / "PerpDesk" / "calc.json"
    assert record_file({"PERPDESK_CALC_RECORD": "/elsewhere"}) == Path("/elsewhere")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is not installed for Calc"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (json.dumps({"python": "/nowhere/python", "project": "/"}), "/nowhere/python is gone"),
    ],
)
def test_a_record_that_does_not_lead_to_a_python(tmp_path: Path, text: str | None, reason: str) -> None:
    record = tmp_path / "calc.json"
    if text is not None:
        record.write_text(text)
    with pytest.raises(LookupError, match=reason):
        serving(record)


@pytest.mark.calc
def test_for_one_user_by_unopkg(for_one: Installer) -> None:
    assert for_one.removal() == []
    for_one.take(for_one.installation()[:2], str)
    assert for_one.status()["missing"] == []
    for_one.take(for_one.installation()[:2], str)
    for_one.take(for_one.removal(), str)
    assert (for_one.status()["installed"], for_one.record.exists()) == (False, False)
    assert "org.perpdesk.calc" not in for_one.office.extension_tool("list", f"-env:UserInstallation={for_one.profile}")


@pytest.mark.calc
def test_what_was_installed_for_all_answers_in_a_cell(for_all: Installer, tmp_path: Path) -> None:
    for_all.take(for_all.installation(), str)
    for_all.record.unlink()
    with office(tmp_path / "run", for_all.office.bundled, PERPDESK_CALC_RECORD="") as running:
        assert running.new().formula("Sheet1", "A1", "=PERP_VERSION()") == xladdin.__version__
    assert serving(for_all.office.bundled / "PerpDesk/pythonpath/perpdesk_calc/calc.json").python == sys.executable


class TestCommands:
    @pytest.fixture(autouse=True)
    def _here(self, for_all: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(command_line, "_installer", lambda: for_all)

    def test_the_way_in_and_out(self) -> None:
        listed = json.loads(perpdesk("calc", "install", "--dry-run", "--json").stdout)
        assert (listed["taken"], len(listed["steps"])) == (False, 3)
        assert "not installed" in (before := perpdesk("calc", "status")).stdout
        assert before.exit_code == 1
        assert perpdesk("calc", "doctor").exit_code == 1
        assert "PerpDesk is in LibreOffice; start Calc" in perpdesk("calc", "install").stdout
        status = perpdesk("calc", "status")
        assert (status.exit_code, "there" in status.stdout) == (0, True)
        assert json.loads(perpdesk("calc", "status", "--json").stdout)["installed"] is True
        assert all(each["well"] for each in json.loads(perpdesk("calc", "doctor", "--json").stdout))
        assert "extension in" in perpdesk("calc", "uninstall", "--dry-run").stdout
        assert perpdesk("calc", "uninstall", "--json").exit_code == 0
        assert perpdesk("calc", "status").exit_code == 1
