"""What a menu gives beside the jobs, the same in each host: what is to mend, workbooks to begin with, the guide."""

from __future__ import annotations

import os
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
    """The path of the workbook of examples; its links lead to the guide beside it."""
    from ..examples.sheets.build import EXAMPLES_FILE, build_examples
    from .guide.browser import FUNCTIONS

    path = _folder() / EXAMPLES_FILE
    if not path.exists():
        build_examples(path, f"{Path(help_page()).parent.name}/{FUNCTIONS}")
    return str(path)


def help_page() -> str:
    """The path of the first page of the guide, all of it written anew for the browser."""
    from .guide.browser import write_for_browser

    return str(write_for_browser(_folder() / "guide"))


def _folder() -> Path:
    """A folder of this version's and this user's own, for what can be made again at any time."""
    name = f"PerpDesk-{__version__}"
    if os.name != "nt":  # Windows has such a place for each user
        name += f"-{os.getuid()}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    is_ours = os.name == "nt" or folder.lstat().st_uid == os.getuid()
    return folder if is_ours else Path(tempfile.mkdtemp(prefix=f"{name}-"))
