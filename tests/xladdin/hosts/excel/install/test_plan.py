"""An installation does what its dry run lists, can be repeated, and is taken out without a trace."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.errors import PerpDeskError
from tests.xladdin.hosts.excel.install.conftest import Computer
from xladdin.hosts.excel.identity import CLASS_ID, PROGRAM_ID
from xladdin.hosts.excel.install.plan import Installer
from xladdin.hosts.steps import File, Step, marked


@pytest.fixture(autouse=True)
def loops_compile_at_once(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Compiling takes minutes; that the right module is run is what counts here."""
    run: list[list[str]] = []

    def compiled(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        run.append(command)
        return subprocess.CompletedProcess(command, 0, b"")

    monkeypatch.setattr("xladdin.hosts.excel.install.actions.subprocess.run", compiled)
    return run


def take(installer: Installer, steps: list[Step]) -> list[str]:
    told: list[str] = []
    installer.take(steps, told.append)
    return told


def install(installer: Installer) -> list[str]:
    return take(installer, installer.installation())


def test_a_dry_run_changes_nothing_and_lists_exactly_the_steps_then_taken(computer: Computer) -> None:
    installer = computer.installer()
    before = computer.snapshot()
    listed = [step.what for step in installer.installation()]
    assert computer.snapshot() == before
    assert take(installer, installer.installation()) == listed
    made = set(computer.snapshot()) - set(before)
    values = {
        "value " + name.replace("HKCU", "HKEY_CURRENT_USER").rstrip("\\")
        for name, value in computer.snapshot().items()
        if name.startswith("HKCU") and value and name not in before
    }
    files = {name for name in made if name.startswith("file ")}
    stamp = computer.user / "Local" / "PerpDesk" / installer.version / f"loops-{installer.version}"
    keys = {
        "key " + name.replace("HKCU", "HKEY_CURRENT_USER")
        for name, value in computer.snapshot().items()
        if name.startswith("HKCU") and value == "" and name not in before
    }
    assert {step for step in listed if step.startswith("value ")} == values
    assert {step for step in listed if step.startswith("key ")} == keys
    assert {step for step in listed if step.startswith("file ")} == files - {f"file {stamp}"}
    assert [step for step in listed if not step.startswith(("key ", "value ", "file "))] == [
        f"compiled loops, {stamp}",
        "one answer of the calculation server",
    ]


def test_a_removal_lists_exactly_what_it_takes_and_leaves_the_computer_as_it_was(computer: Computer) -> None:
    computer.winreg.put("HKCU", r"Software\Classes\Other.Server", "", "another's")
    other = computer.user / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "Personal.xlsb"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another's")
    before = computer.snapshot()
    installer = computer.installer()
    install(installer)
    listed = [step.what for step in installer.removal()]
    assert take(installer, installer.removal()) == listed
    assert computer.snapshot() == before
    assert not (computer.user / "Local" / "PerpDesk").exists()
    assert installer.removal() == []


def test_a_key_that_was_empty_before_stays_and_one_that_another_uses_by_now_too(computer: Computer) -> None:
    view = r"Software\Classes\Wow6432Node\CLSID"
    with computer.winreg.CreateKeyEx("HKCU", view, 0, 0):
        before = computer.snapshot()
    installer = computer.installer()
    install(installer)
    install(installer)
    computer.winreg.put("HKCU", rf"Software\Classes\{PROGRAM_ID}", "another's", "1")
    take(installer, installer.removal())
    left = computer.snapshot().keys() - before.keys()
    assert left == {rf"HKCU\Software\Classes\{PROGRAM_ID}", rf"HKCU\Software\Classes\{PROGRAM_ID}\another's"}
    assert not before.keys() - computer.snapshot().keys()


def test_a_second_installation_only_asks_the_server(computer: Computer) -> None:
    installer = computer.installer()
    install(installer)
    after = computer.snapshot()
    assert install(installer) == ["one answer of the calculation server"]
    assert computer.snapshot() == after


def test_what_was_damaged_is_repaired_and_nothing_else_is_touched(computer: Computer) -> None:
    installer = computer.installer()
    install(installer)
    whole = computer.snapshot()
    installer.places.addin.write_bytes(b"damaged")
    key = rf"Software\Classes\{PROGRAM_ID}\CLSID"
    computer.winreg.put("HKCU", key, "", "{another}")
    assert install(installer)[:-1] == [
        f"value HKEY_CURRENT_USER\\{key}",
        f"file {installer.places.addin}",
    ]
    assert computer.snapshot() == whole


def test_a_new_version_replaces_the_old_one_whole(computer: Computer) -> None:
    before = computer.snapshot()
    computer.programs.says = "1.0.0"
    install(computer.installer("1.0.0"))
    computer.programs.says = "2.0.0"
    newer = computer.installer("2.0.0")
    install(newer)
    assert not (newer.places.base / "1.0.0").exists()
    assert newer.places.addin.read_bytes() == b"PerpDesk.xlam 2.0.0"
    assert newer.status()["version"] == "2.0.0"
    take(newer, newer.removal())
    assert computer.snapshot() == before


def test_the_server_is_registered_for_the_python_of_the_folder_in_both_views(computer: Computer) -> None:
    installer = computer.installer()
    install(installer)
    python = installer.places.python.with_name("pythonw.exe")
    for view in ("CLSID", r"Wow6432Node\CLSID"):
        command = installer.registry.read(rf"Software\Classes\{view}\{CLASS_ID}\LocalServer32")
        assert command == f'"{python}" -I -X utf8 -m xladdin.hosts.excel.server'
    assert installer.registry.read(rf"Software\Classes\{PROGRAM_ID}\CLSID") == CLASS_ID


def test_nothing_is_done_while_excel_runs(computer: Computer) -> None:
    installer = computer.installer()
    before = computer.snapshot()
    computer.programs.excel = True
    with pytest.raises(PerpDeskError, match="Excel is open; close it and run the same command again"):
        install(installer)
    assert computer.snapshot() == before


def test_servers_of_an_earlier_start_are_ended_first(computer: Computer) -> None:
    computer.programs.running = [12, 34]
    installer = computer.installer()
    assert install(installer)[0] == f"end of the calculation servers in {installer.places.base}"
    assert computer.programs.running == []


def test_another_answer_than_the_version_is_told(computer: Computer) -> None:
    computer.programs.says = "0.0.9"
    with pytest.raises(PerpDeskError, match=r"says version 0\.0\.9"):
        install(computer.installer())


def test_an_interrupted_installation_can_be_taken_out(computer: Computer) -> None:
    before = computer.snapshot()
    computer.programs.says = "nothing sensible"
    installer = computer.installer()
    with pytest.raises(PerpDeskError):
        install(installer)
    take(installer, installer.removal())
    assert computer.snapshot() == before


def test_a_step_that_the_system_refuses_is_named(computer: Computer) -> None:
    installer = computer.installer()
    installer.places.addin.mkdir(parents=True)
    with pytest.raises(PerpDeskError, match=r"file .*PerpDesk\.xlam could not be done: .*; mend that and run it again"):
        install(installer)


def test_a_value_that_became_anothers_stays(computer: Computer) -> None:
    installer = computer.installer()
    install(installer)
    key = rf"Software\Classes\{PROGRAM_ID}\CLSID"
    computer.winreg.put("HKCU", key, "", "{another}")
    take(installer, installer.removal())
    assert installer.registry.read(key) == "{another}"


def test_status_names_what_is_missing(computer: Computer) -> None:
    installer = computer.installer()
    assert installer.status() == {"installed": False, "version": "", "made": [], "missing": []}
    install(installer)
    status = installer.status()
    assert (status["installed"], status["version"], status["missing"]) == (True, installer.version, [])
    installer.places.addin.unlink()
    assert installer.status()["missing"] == [f"file {installer.places.addin}"]


def test_a_record_that_cannot_be_read_is_said(computer: Computer) -> None:
    installer = computer.installer()
    for content in ("{", "[]", json.dumps({"version": "1", "made": [{"key": "x"}]})):
        installer.places.record.write_text(content, encoding="utf-8")
        with pytest.raises(PerpDeskError, match=r"install\.json is no record of an installation"):
            installer.status()


def test_without_the_addin_there_is_nothing_to_install(computer: Computer) -> None:
    installer = computer.installer()
    installer.places.addin_source.unlink()
    with pytest.raises(PerpDeskError, match=r"there is no .*PerpDesk\.xlam; install from the release"):
        installer.installation()


def test_the_addin_is_written_so_that_a_mark_of_the_internet_does_not_last(tmp_path: Path) -> None:
    """Where streams are files of their own, as here, a mark beside the place is one that the file system keeps."""
    addin = File(tmp_path / "PerpDesk.xlam", b"content")
    addin.do()
    assert addin.done()
    Path(f"{addin.path}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", encoding="utf-8")
    assert marked(addin.path)
    assert not addin.done()
    with pytest.raises(PerpDeskError, match="is marked as from the internet; unblock it"):
        addin.do()


def test_loops_are_compiled_by_the_module_that_meets_them_all(
    computer: Computer, loops_compile_at_once: list[list[str]]
) -> None:
    install(computer.installer())
    assert [command[1:] for command in loops_compile_at_once] == [["-P", "-m", "xladdin.hosts.compiled_loops"]]


def test_an_installation_may_leave_the_loops_for_later(
    computer: Computer, loops_compile_at_once: list[list[str]]
) -> None:
    installer = computer.installer()
    take(installer, installer.installation(loops=False))
    assert loops_compile_at_once == []


def test_on_a_mac_script_and_addin_are_put_into_excels_own_folders(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = computer.winreg.snapshot()
    package = computer.user / "site-packages" / "xlwings"
    package.mkdir(parents=True)
    for name in ("__init__.py", "xlwings-0.37.8.applescript"):
        (package / name).write_text("on run\n", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    installer = computer.installer(system="darwin")
    install(installer)
    assert (computer.user / "Scripts" / "xlwings-0.37.8.applescript").is_file()
    assert installer.places.addin.is_file()
    assert computer.winreg.snapshot() == before
