"""Writes install/requirements.lock and install/requirements-dev.lock anew from pyproject.toml.

    pip install uv && python install/lock.py

One resolve covers Windows, macOS and Linux and Python 3.11 and newer; environment markers say where versions
differ. Both files hold exact versions and no hashes and no address of an index: a company's mirror may serve
wheels that it built itself, and the same lock must install from there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "install" / "requirements.lock"
DEVELOPMENT = ROOT / "install" / "requirements-dev.lock"

HEADER = """\
# {purpose}
# Made from pyproject.toml by install/lock.py (pip install uv && python install/lock.py); do not edit by hand.
"""


def resolve(*options: str) -> str:
    """The pins, one a line, that one universal resolve of pyproject.toml finds."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}") or shutil.which("uv")
    if uv is None:
        sys.exit("uv is not installed; run: pip install uv")
    command = [uv, "pip", "compile", "--universal", "--python-version", "3.11", "--upgrade", "--quiet"]
    command += ["--no-header", "--no-annotate", *options, "pyproject.toml"]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Write both files; the second one builds on the versions of the first."""
    runtime = HEADER.format(purpose="What PerpDesk runs with, in exact versions.")
    RUNTIME.write_text(runtime + resolve(), encoding="utf-8")
    development = HEADER.format(purpose="What PerpDesk runs with, its extras, its tests, linter and type checker.")
    DEVELOPMENT.write_text(development + resolve("--all-extras", "--constraint", str(RUNTIME)), encoding="utf-8")


if __name__ == "__main__":
    main()
