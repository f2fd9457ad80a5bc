"""What the buttons of Excel's ribbon ask: a job on the open workbook, a reason, the doctor, workbooks, the guide.

Each gives back one text. A job says what came of it, or why it was refused; the desk's own errors are sentences, and
whatever else goes wrong becomes one, because Excel would show a traceback otherwise.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import xlwings as xw

from core.errors import PerpDeskError

from ...reasons import reasons
from .. import given

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


doctor = _button(given.doctor)
example_desk = _button(given.example_desk)
examples = _button(given.examples)
help_page = _button(given.help_page)
