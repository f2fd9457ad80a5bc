r"""PerpDesk for Excel: a folder of its own with Python, packages and code; `perpdesk excel` does the rest.

    python install/excel.py install      put the add-in into Excel; again to repair or to upgrade
    python install/excel.py uninstall    take it out again
    python install/excel.py status       say what is installed

The folder is %LOCALAPPDATA%\PerpDesk\VERSION (on macOS ~/Library/Application Support/PerpDesk/VERSION), so what was
unpacked can be deleted afterwards. Any Python 3.11 or newer will do. One without venv, like the embeddable package that
install.ps1 fetches, is copied there whole and given its packages by pip's wheel; set PIP_NO_INDEX and PIP_FIND_LINKS to
take everything from a folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # an embeddable Python does not look beside its script

from bootstrap import ROOT, RUNTIME, CannotStartError, Environment, check_python, child_environment, say

WORDS = ("install", "uninstall", "status")
APP = ("core", "xladdin", "workbooks", "docs", "install")
"""What is needed of the project once it is installed."""

PIP = "pip-26.3-py3-none-any.whl"
PIP_ADDRESS = f"https://files.pythonhosted.org/packages/py3/p/pip/{PIP}"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
"""For a Python that has no pip of its own."""


class Installed(Environment):
    """The environment in PerpDesk's folder, which runs the copy of the project beside it."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, home / "app")

    def refresh_app(self) -> None:
        """The project's code as it is here; nothing of an older copy stays. A copy does not copy itself."""
        if self.project.resolve() == ROOT:
            return
        if self.project.exists():
            shutil.rmtree(self.project)
        for name in APP:
            copy_folder(ROOT / name, self.project / name)


class Embedded(Installed):
    """The same with a copy of a Python that cannot make environments: python.org's embeddable package."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.venv = home / "python"
        self.python = self.venv / "python.exe"
        self.stamp = self.venv / "perpdesk-complete"

    def make_room(self, lock: Path) -> None:
        """Clear away what is half made or old, but not the Python that runs now. Raises CannotStartError."""
        if not self.runs():
            super().make_room(lock)

    def create(self) -> None:
        """Copy the interpreter that runs now."""
        if not self.runs():
            say(f"Making a private Python in {self.venv}")
            copy_folder(Path(sys.executable).parent, self.venv, "Lib")

    def runs(self) -> bool:
        """Whether it is the one that runs now."""
        return Path(sys.executable).parent == self.venv

    def pip(self) -> list[str]:
        """pip's wheel run as a program, which needs no installation."""
        return [str(self.python), str(pip_wheel(self.home) / "pip")]

    def target(self) -> list[str]:
        """Where its packages go."""
        return ["--target", str(self.packages), "--upgrade"]

    @property
    def packages(self) -> Path:
        """Its packages."""
        return self.venv / "Lib" / "site-packages"

    def add_command(self) -> None:
        """Tell it where packages and project lie, put pywin32's DLLs beside it, and a `perpdesk` command."""
        standard = next(self.venv.glob("python3*.zip"))
        paths = [standard.name, ".", r"Lib\site-packages", r"Lib\site-packages\win32", r"Lib\site-packages\win32\lib"]
        paths.append(r"..\app")
        standard.with_suffix("._pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
        for library in [*(self.packages / "pywin32_system32").glob("*.dll"), *self.packages.glob("xlwings*.dll")]:
            shutil.copyfile(library, self.venv / library.name)
        command = self.home / "perpdesk.cmd"
        command.write_text('@"%~dp0python\\python.exe" -m xladdin.hosts.command_line.cli %*\n', encoding="utf-8")
        say(f"The command line is {command}")


def copy_folder(source: Path, target: Path, *left_out: str) -> None:
    """Written file by file: Windows' own copy would carry along that the files came from the internet."""
    ignored = shutil.ignore_patterns("__pycache__", *left_out)
    shutil.copytree(source, target, copy_function=shutil.copyfile, ignore=ignored)


def pip_wheel(home: Path) -> Path:
    """pip's wheel, from the folder that PIP_FIND_LINKS names or from the package index. Raises CannotStartError."""
    offline = Path(os.environ.get("PIP_FIND_LINKS", "")) / PIP
    kept = home / PIP
    near = next((place for place in (offline, kept) if place.is_file()), None)
    content = near.read_bytes() if near else _download(PIP_ADDRESS)
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        raise CannotStartError(f"{PIP} is not the file that it should be; get it again, or ask who changed it")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    return kept


def _download(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return bytes(answer.read())
    except OSError as error:
        raise CannotStartError(
            f"{address} cannot be reached ({error}); check the network, or put the packages into a folder, "
            "name it in PIP_FIND_LINKS, and run the same command again"
        ) from error


def home() -> Path:
    """PerpDesk's folder for this version, in the user's own."""
    found = re.search(r'__version__ = "(.+)"', (ROOT / "xladdin" / "version.py").read_text(encoding="utf-8"))
    version = found.group(1) if found else ""
    local = os.environ.get("LOCALAPPDATA")
    base = Path(local) if local else Path.home() / "Library" / "Application Support"
    return base / "PerpDesk" / version


def installed(folder: Path) -> Installed:
    """The environment that this Python can make, or has made."""
    with_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    return Installed(folder) if with_venv and not (folder / "python").exists() else Embedded(folder)


def main(arguments: list[str]) -> int:
    """Run one word; its exit code."""
    if not arguments or arguments[0] not in WORDS:
        print(__doc__)
        return 2
    environment = installed(home())
    try:
        check_python(sys.version_info[:3], "excel install")
        if arguments[0] == "install" and "--dry-run" not in arguments:
            environment.ensure(RUNTIME)
            environment.refresh_app()
        elif not environment.holds(RUNTIME):
            print(f"PerpDesk is not in {environment.home}; install puts Python, packages and code there first")
            return 1
    except CannotStartError as error:
        print(f"PerpDesk cannot start: {error}", file=sys.stderr)
        return 1
    # -P: what lies in the user's folder must not stand in for a package of ours.
    line = [str(environment.python), "-P", "-m", "xladdin.hosts.command_line.cli", "excel", *arguments]
    return subprocess.call(line, env=child_environment(environment.project))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
