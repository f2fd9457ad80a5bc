"""Installs the unpacked release as a person would, or takes it out, and holds what is then there to what was said.

    python check_installation.py install RELEASE    notes what is there before
    python check_installation.py uninstall RELEASE  afterwards nothing may be left

Run by the interpreter that stands in for the one that install.ps1 fetches, with the real registry and file system.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import winreg
from pathlib import Path
from typing import Any

LOCAL, ROAMING = Path(os.environ["LOCALAPPDATA"]), Path(os.environ["APPDATA"])
ADDIN = ROAMING / "Microsoft" / "Excel" / "XLSTART" / "PerpDesk.xlam"
WATCHED = ("HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE")
KEYS = (r"Software\Classes", r"Software\Microsoft\Office")
PATIENCE = 240


def main(word: str, release: Path) -> None:
    notes = release.parent / "before.json"
    if word == "install":
        notes.write_text(json.dumps(snapshot()), encoding="utf-8")
        mark(release / "workbooks" / "PerpDesk.xlam")
        installed(release)
    else:
        refused_while_excel_runs(release)
        repaired(release)
        removed(release, json.loads(notes.read_text(encoding="utf-8")))


def installed(release: Path) -> None:
    """The add-in is written without the mark, and the doctor has nothing to say of PerpDesk itself."""
    said = perpdesk(release, "install", "--all-users", "--no-loops")
    print("    " + said.strip().replace("\n", "\n    "))
    assert ADDIN.read_bytes() == (release / "workbooks" / "PerpDesk.xlam").read_bytes()
    assert not marked(ADDIN)
    status = json.loads(perpdesk(release, "status", "--json"))
    assert status["installed"], status
    assert status["missing"] == [], status
    amiss = [finding["subject"] for finding in doctor() if not finding["well"]]
    assert amiss == ["Excel"], amiss  # there is none here


def refused_while_excel_runs(release: Path) -> None:
    """A program called EXCEL.EXE is enough."""
    folder = Path(sys.executable).parent
    excel = folder / "EXCEL.EXE"
    shutil.copyfile(folder / "pythonw.exe", excel)
    nowhere = subprocess.DEVNULL
    sleeping = [str(excel), "-c", "import time; time.sleep(3600)"]
    running = subprocess.Popen(sleeping, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    time.sleep(2)
    told = perpdesk(release, "uninstall", code=1)
    running.kill()
    running.wait()
    assert "Excel is open; close it and run the same command again" in told, told
    assert ADDIN.exists()


def repaired(release: Path) -> None:
    """A damaged add-in and nothing else is written again."""
    ADDIN.write_bytes(b"damaged")
    steps = json.loads(perpdesk(release, "install", "--all-users", "--no-loops", "--json"))["steps"]
    assert [step for step in steps if step.startswith("file ")] == [f"file {ADDIN}"], steps
    assert not any(step.startswith("value ") for step in steps), steps


def removed(release: Path, before: dict[str, Any]) -> None:
    """What a dry run lists is what is taken, and then everything is as it was."""
    listed = json.loads(perpdesk(release, "uninstall", "--dry-run", "--json"))
    taken = json.loads(perpdesk(release, "uninstall", "--json"))
    assert listed["steps"] == taken["steps"], (listed, taken)
    assert (listed["taken"], taken["taken"]) == (False, True)
    for _ in range(PATIENCE):
        if not (LOCAL / "PerpDesk").exists():
            break
        time.sleep(1)
    after = snapshot()
    left = {name: value for name, value in after.items() if before.get(name) != value}
    assert not left, list(left.items())[:10]
    assert not before.keys() - after.keys(), list(before.keys() - after.keys())[:10]
    print(f"    {len(taken['steps'])} steps; of registry and folders nothing is left")


def perpdesk(release: Path, *words: str, code: int = 0) -> str:
    """What `bootstrap.py excel` says; JSON is its last line."""
    line = [sys.executable, "-X", "utf8", str(release / "install" / "bootstrap.py"), "excel", *words]
    said = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = said.stdout.decode(errors="replace")
    assert said.returncode == code, text[-3000:]
    return text.strip().splitlines()[-1] if "--json" in words else text


def doctor() -> list[dict[str, Any]]:
    (folder,) = [each for each in (LOCAL / "PerpDesk").iterdir() if each.is_dir()]
    line = [
        str(folder / "python" / "python.exe"),
        "-X",
        "utf8",
        "-m",
        "xladdin.hosts.command_line.cli",
        "doctor",
        "--json",
    ]
    said = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    found: list[dict[str, Any]] = json.loads(said.stdout)
    return found


def mark(path: Path) -> None:
    """As Explorer marks what it unpacks."""
    Path(f"{path}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", encoding="ascii")
    assert marked(path)


def marked(path: Path) -> bool:
    return Path(f"{path}:Zone.Identifier").exists()


def snapshot() -> dict[str, Any]:
    """Every key and value that is watched, and every file of PerpDesk's folder and of Excel's."""
    found: dict[str, Any] = {}
    for hive in WATCHED:
        for key in KEYS:
            note(found, hive, key)
    for folder in (LOCAL / "PerpDesk", ROAMING / "Microsoft" / "Excel"):
        for path in folder.rglob("*"):
            if path.is_file():
                found[str(path)] = path.stat().st_size
    found["PerpDesk's folder"] = (LOCAL / "PerpDesk").exists()
    return found


def note(found: dict[str, Any], hive: str, key: str) -> None:
    try:
        opened = winreg.OpenKey(getattr(winreg, hive), key)
    except OSError:
        return
    with opened:
        keys, values, _ = winreg.QueryInfoKey(opened)
        found[f"{hive}\\{key}"] = ""
        for index in range(values):
            name, value, _ = winreg.EnumValue(opened, index)
            found[f"{hive}\\{key} {name}"] = str(value)
        names = [winreg.EnumKey(opened, index) for index in range(keys)]
    for name in names:
        note(found, hive, f"{key}\\{name}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
