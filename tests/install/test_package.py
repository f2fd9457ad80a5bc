"""What `pip install perpdesk` brings: the two packages, the command, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.source_tree import ROOT, SOURCES, label
from xladdin.version import __version__

SHIPPED_DESK = "xladdin/desk/template/PerpDesk.xlsx"
GUIDE = "xladdin/hosts/guide/docs"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    building = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert building.returncode == 0, building.stderr
    (built,) = Path(folder).glob("*.whl")
    return zipfile.Path(built)


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: zipfile.Path) -> None:
    about = f"perpdesk-{__version__}.dist-info"
    assert {each.name for each in wheel.iterdir()} == {"core", "xladdin", about}
    names = {name for name in wheel.root.namelist() if not name.startswith(about) and not name.endswith("/")}
    excel = ROOT / "xladdin" / "hosts" / "excel"
    add_in = {label(excel / "ribbon.xml"), *map(label, (excel / "vba").iterdir())}
    guide = {f"{GUIDE}/{path.relative_to(ROOT / 'docs').as_posix()}" for path in (ROOT / "docs").rglob("*.*")}
    data = {SHIPPED_DESK, "xladdin/hosts/command_line/pages/functions.json", *guide}
    assert names == {*map(label, SOURCES), "core/py.typed", "xladdin/py.typed", *add_in, *data}


def test_the_wheel_is_for_every_python_and_imports_as_the_zip_that_it_is(wheel: zipfile.Path) -> None:
    path = str(wheel.root.filename)
    assert path.endswith("-py3-none-any.whl")
    script = (
        f"import sys; sys.path.insert(0, {path!r})\n"
        "import core, xladdin\n"
        "print(core.__file__, xladdin.call('PERP_BETA_PORTFOLIO', ((0.5, 0.5),), ((1.0, 1.4),)))"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=Path(path).parent, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    place, answer = run.stdout.split()
    assert place.startswith(path)
    assert answer == "1.2"


def test_the_wheel_brings_the_desk_that_a_new_one_is_copied_from(wheel: zipfile.Path) -> None:
    assert (wheel / SHIPPED_DESK).read_bytes() == (ROOT / "workbooks" / "PerpDesk.xlsx").read_bytes()


def test_the_wheel_brings_the_command_and_the_licence(wheel: zipfile.Path) -> None:
    about = wheel / f"perpdesk-{__version__}.dist-info"
    assert "perpdesk = xladdin.hosts.command_line.cli:main" in (about / "entry_points.txt").read_text(encoding="utf-8")
    assert "MIT License" in (about / "licenses" / "LICENSE").read_text(encoding="utf-8")
    assert "Requires-Python: >=3.11" in (about / "METADATA").read_text(encoding="utf-8")
