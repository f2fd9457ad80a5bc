"""PerpDesk's own folder for Excel: where it lies, what is copied there, and a Python that cannot make environments."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.source_tree import ROOT
from xladdin.version import __version__

SCRIPT = ROOT / "install" / "excel.py"


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, for a user of a temporary folder."""
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Zoë Ω"))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    spec = importlib.util.spec_from_file_location("install_excel", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", sys.path[:])
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An embeddable Python that runs the script, with packages of an older version beside it."""
    folder = tmp_path / "embedded"
    for name in ("python.exe", "python313.zip", "python313._pth", "Lib/site-packages/old.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(sys, "executable", str(folder / "python.exe"))
    return folder


def test_the_folder_bears_the_version(excel: ModuleType, tmp_path: Path) -> None:
    assert excel.home() == tmp_path / "Zoë Ω" / "PerpDesk" / __version__


def test_the_code_is_copied_whole_and_nothing_of_an_older_copy_stays(excel: ModuleType) -> None:
    installed = excel.Installed(excel.home())
    (installed.project / "core").mkdir(parents=True)
    (installed.project / "core" / "old.py").touch()
    installed.refresh_app()
    assert not (installed.project / "core" / "old.py").exists()
    assert {path.name for path in installed.project.iterdir()} == {"core", "xladdin", "workbooks", "docs", "install"}
    assert (installed.project / "xladdin" / "books" / "lock.py").is_file()
    assert not list(installed.project.rglob("__pycache__"))


def test_an_embeddable_python_is_copied_without_its_packages_and_told_where_all_lies(
    excel: ModuleType, interpreter: Path
) -> None:
    embedded = excel.Embedded(excel.home())
    embedded.make_room(excel.RUNTIME)
    embedded.create()
    assert embedded.python.read_text(encoding="utf-8") == "python.exe"
    assert not embedded.packages.exists()
    (embedded.packages / "pywin32_system32").mkdir(parents=True)
    (embedded.packages / "pywin32_system32" / "pywintypes313.dll").touch()
    (embedded.packages / "xlwings64-0.37.8.dll").touch()
    embedded.add_command()
    paths = (embedded.venv / "python313._pth").read_text(encoding="utf-8").splitlines()
    assert paths[0] == "python313.zip"
    assert paths[-1] == r"..\app"
    assert (embedded.venv / "pywintypes313.dll").is_file()
    assert (embedded.venv / "xlwings64-0.37.8.dll").is_file()
    assert (embedded.home / "perpdesk.cmd").is_file()


def test_the_python_that_runs_now_is_not_cleared_away(
    excel: ModuleType, interpreter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = excel.Embedded(excel.home())
    embedded.create()
    monkeypatch.setattr(sys, "executable", str(embedded.python))
    embedded.make_room(excel.RUNTIME)
    embedded.create()
    assert embedded.python.is_file()
    assert type(excel.installed(excel.home())) is excel.Embedded


def test_pip_comes_from_the_folder_named_and_must_be_the_file_that_it_should_be(
    excel: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / excel.PIP).write_bytes(b"pip")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(excel.CannotStartError, match="is not the file that it should be"):
        excel.pip_wheel(excel.home())
    monkeypatch.setattr(excel, "PIP_SHA256", hashlib.sha256(b"pip").hexdigest())
    kept = excel.pip_wheel(excel.home())
    monkeypatch.delenv("PIP_FIND_LINKS")
    assert excel.pip_wheel(excel.home()) == kept
    assert kept.read_bytes() == b"pip"


def test_without_a_network_the_way_out_is_said(excel: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(address: str, timeout: float) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(excel.urllib.request, "urlopen", unreachable)
    with pytest.raises(excel.CannotStartError, match=r"cannot be reached \(no route to host\).*PIP_FIND_LINKS"):
        excel.pip_wheel(excel.home())


@pytest.mark.parametrize("words", [["uninstall"], ["status"], ["install", "--dry-run"]])
def test_where_nothing_is_installed_nothing_is_made(
    excel: ModuleType, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert excel.main(words) == 1
    assert "PerpDesk is not in" in capsys.readouterr().out
    assert not excel.home().exists()


def test_an_unknown_word_shows_the_known_ones(excel: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert excel.main(["nonsense"]) == 2
    assert "install/excel.py uninstall" in capsys.readouterr().out
