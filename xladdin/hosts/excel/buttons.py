"""What the buttons of Excel's ribbon ask: a job on the open workbook, a reason, the doctor, workbooks, the help page.

Each gives back one text. A job says what came of it, or why it was refused; the desk's own errors are sentences, and
whatever else goes wrong becomes one, because Excel would show a traceback otherwise.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlwings as xw

from core.errors import PerpDeskError

from ...reasons import reasons
from ...version import __version__

__all__ = ["doctor", "example_desk", "examples", "help_page", "job", "why"]

Rows = list[list[str]]


def _button(ask: Callable[..., str]) -> Callable[..., Rows]:
    """The question as xlwings offers it: arguments as they come, the answer in one cell, and never a traceback."""

    def answer(*arguments: Any) -> Rows:
        try:
            return [[ask(*arguments)]]
        except PerpDeskError as error:
            return [[str(error)]]
        except Exception as error:
            return [[f"{ask.__name__} failed inside PerpDesk ({type(error).__name__}: {error}); please report it"]]

    answer.__name__, answer.__doc__ = ask.__name__, ask.__doc__
    return xw.func(xw.ret("raw")(xw.arg("*arguments", "raw")(answer)))


@_button
def job(name: str, workbook: Any) -> str:
    """Run a job of the desk on a workbook that is open in Excel."""
    from .macros import run

    excel = importlib.import_module("xlwings._xlwindows")  # it is there only on Windows, where this is called
    return run(name, xw.Book(impl=excel.Book(xl=workbook)))


@_button
def why(where: str) -> str:
    """The reason that is known for a cell."""
    return reasons.why(where)


@_button
def doctor() -> str:
    """What is to mend, with its remedy; or that all is well."""
    from ...doctor import examine

    findings = examine()
    ill = [f"{each.subject}: {each.found}. {each.remedy}" for each in findings if not each.well]
    return "\n".join(ill or ["All is well.", *(f"{each.subject}: {each.found}" for each in findings[:2])])


@_button
def example_desk() -> str:
    """The path of a desk workbook with the synthetic sample in it, from which Excel opens a new one."""
    from ...desk.template.build import build_desk

    path = _folder() / "PerpDesk example.xlsx"
    if not path.exists():
        build_desk(path)
    return str(path)


@_button
def examples() -> str:
    """The path of the workbook of examples; its links lead to the help page beside it."""
    from ...examples.sheets.build import EXAMPLES_FILE, build_examples

    path = _folder() / EXAMPLES_FILE
    if not path.exists():
        build_examples(path, _help_page().name + "#{name}")
    return str(path)


@_button
def help_page() -> str:
    """The path of a page on all functions."""
    return str(_help_page())


def _help_page() -> Path:
    """The page on all functions, written anew."""
    from .help_page import page

    path = _folder() / "functions.html"
    path.write_text(page(), encoding="utf-8")
    return path


def _folder() -> Path:
    """A folder of this version's own for what can be made again at any time."""
    folder = Path(tempfile.gettempdir()) / f"PerpDesk-{__version__}"
    folder.mkdir(exist_ok=True)
    return folder
