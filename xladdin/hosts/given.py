"""What a menu gives beside the jobs, the same in each host: what is to mend, workbooks to begin with, the help page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..version import __version__

__all__ = ["doctor", "example_desk", "examples", "help_page"]


def doctor() -> str:
    """What is to mend, with its remedy; or that all is well."""
    from ..doctor import examine

    findings = examine()
    ill = [f"{each.subject}: {each.found}. {each.remedy}" for each in findings if not each.well]
    return "\n".join(ill or ["All is well.", *(f"{each.subject}: {each.found}" for each in findings[:2])])


def example_desk() -> str:
    """The path of a desk workbook with the synthetic sample in it, from which the host opens a new one."""
    from ..desk.template.shipped import new_desk

    path = _folder() / "PerpDesk example.xlsx"
    if not path.exists():
        new_desk(path)
    return str(path)


def examples() -> str:
    """The path of the workbook of examples; its links lead to the help page beside it."""
    from ..examples.sheets.build import EXAMPLES_FILE, build_examples

    path = _folder() / EXAMPLES_FILE
    if not path.exists():
        build_examples(path, Path(help_page()).name + "#{name}")
    return str(path)


def help_page() -> str:
    """The path of a page on all functions, written anew."""
    from .help_page import page

    path = _folder() / "functions.html"
    path.write_text(page(), encoding="utf-8")
    return str(path)


def _folder() -> Path:
    """A folder of this version's own for what can be made again at any time."""
    folder = Path(tempfile.gettempdir()) / f"PerpDesk-{__version__}"
    folder.mkdir(exist_ok=True)
    return folder
