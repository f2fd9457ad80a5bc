"""Pyodide, the browser's Python: which packages it has, and that it compiles and imports what travels in the workbook.

The excerpt is of the lock file of npm's `pyodide`, of the version that the workbook names. node runs the same Python as
the browser, but without numpy, which comes from the add-in's own server: what needs it is tested in CPython.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.source_tree import ROOT
from xladdin.hosts.lite.bundle import bundle, modules
from xladdin.hosts.lite.code import REQUIREMENTS
from xladdin.hosts.lite.part import PYODIDE

LOCK = json.loads(Path(__file__).with_name("pyodide-lock-excerpt.json").read_text())
HAS = {name: Version(version) for name, version in LOCK["packages"].items()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PURE = {"openpyxl", "markdown-it-py"}
"""Python alone, from the index: not among Pyodide's packages, and yet installed in a browser."""

BROUGHT = {"xlwings": "by the add-in"}

IN_NODE = ROOT / ".perpdesk" / "pyodide"
"""Where `.ci/run` puts npm's package."""

SCRIPT = """
import { loadPyodide } from "pyodide";
import fs from "fs";
const python = await loadPyodide();
python.FS.writeFile("/tmp/packed", fs.readFileSync(process.argv[2]));
console.log(python.runPython(`
import bz2, json, pathlib, struct, sys, threading, zipfile
place = pathlib.Path("/tmp/perpdesk.zip")
place.write_bytes(bz2.decompress(pathlib.Path("/tmp/packed").read_bytes()))
compiled = 0
with zipfile.ZipFile(place) as archive:
    for name in archive.namelist():
        compile(archive.read(name), name, "exec")
        compiled += 1
sys.path.insert(0, str(place))
from xladdin.version import __version__
import core.errors
try:
    threading.Thread(target=print).start()
    threads = True
except RuntimeError:
    threads = False
json.dumps([compiled, __version__, core.errors.__file__, struct.calcsize("P") * 8, threads, list(sys.version_info[:2])])
`));
"""


def runtime() -> list[Requirement]:
    """What the wheel asks for in a browser."""
    asked = [Requirement(line) for line in PROJECT["dependencies"]]
    return [each for each in asked if each.marker is None or each.marker.evaluate({"sys_platform": "emscripten"})]


def test_the_excerpt_is_of_the_pyodide_that_the_workbook_names() -> None:
    assert LOCK["pyodide"] == PYODIDE


def test_a_browser_is_asked_for_nothing_that_has_no_build_there() -> None:
    asked = {each.name: each.specifier for each in runtime()}
    assert asked.keys() - HAS.keys() == PURE
    older = {name: str(HAS[name]) for name, wanted in asked.items() if name in HAS and HAS[name] not in wanted}
    assert older == {}


def test_what_the_workbook_fetches_is_there_and_within_its_bounds() -> None:
    declared = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}
    learned = {Requirement(line).name: Requirement(line) for line in PROJECT["optional-dependencies"]["learn"]}
    for each in map(Requirement, REQUIREMENTS):
        if each.name in BROUGHT:
            continue
        assert HAS[each.name] in each.specifier
        lower = next(spec.version for spec in each.specifier if spec.operator == ">=")
        assert f">={lower}" in str({**declared, **learned}[each.name].specifier)
        assert any(spec.operator == "<" for spec in each.specifier), f"{each} has no upper bound"


@pytest.fixture
def in_node() -> Path:
    if shutil.which("node") is None or not (IN_NODE / "node_modules" / "pyodide").is_dir():
        pytest.skip("Pyodide for node is not installed (`.ci/run` puts it into .perpdesk/pyodide where npm is)")
    return IN_NODE


def test_pyodide_compiles_every_module_and_imports_from_the_zip(in_node: Path, tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(bundle())
    script = in_node / f"compile-{os.getpid()}.mjs"
    script.write_text(SCRIPT)
    try:
        command = ["node", str(script), str(tmp_path / "packed")]
        run = subprocess.run(command, cwd=in_node, capture_output=True, text=True, check=False, timeout=600)
    finally:
        script.unlink()
    assert run.returncode == 0, run.stderr
    compiled, version, place, bits, threads, python = json.loads(run.stdout)
    assert compiled == len(modules())
    assert version == PROJECT.get("version", version)
    assert place.startswith("/tmp/perpdesk.zip/")
    assert (bits, threads, python) == (32, False, [3, 14])
