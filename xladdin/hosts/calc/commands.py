"""The commands of Calc's menu, as the worker carries them out: jobs on the open document, and what stands beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BookError, StoppedError, listed

from ...books.calc_book import CalcBook
from ...catalog import function
from ...desk.jobs import Report
from ...reasons import reasons
from .. import given
from ..jobs import JOBS, in_one_message, on_open_book
from ..menu import BESIDE
from .names import ADDIN
from .office import PipedOffice

__all__ = ["Commands"]

Ask = Callable[..., Any]

OURS = ADDIN.upper()
"""How LibreOffice writes a function of ours in the text of a formula."""

PLACES = {
    "Review > Unprotect Sheet": "Tools > Protect Sheet",
    "Formulas > Name Manager": "Sheet > Named Ranges and Expressions > Manage",
    "Table Design > Table Name": "Data > Define Range",
    "Table Design > Total Row": "Data > Define Range",
    "Table Design > Header Row": "Data > Define Range",
    "Table Design > Unlink": "Data > Define Range",
}
"""Where Calc has what messages name by its place in Excel's ribbon."""


class Commands:
    """What the menu asks for. `ask(kind, ...)` puts a question to the office; calls of cells are served meanwhile."""

    def __init__(self, ask: Ask) -> None:
        self._asked = ask
        self._heard: list[tuple[str, str]] | None = None
        self._beside: dict[str, Callable[[], str]] = {
            "new_desk": lambda: self._opened(given.example_desk()),
            "examples": lambda: self._opened(given.examples()),
            "why": self._why,
            "doctor": given.doctor,
            "help": lambda: str(self._ask("show", given.help_page())),
        }
        assert set(self._beside) == set(BESIDE)

    def run(self, name: str, document: str) -> list[Any]:
        """Carry out a command; what to tell, and whether it went well. `document` is its path, if it has one."""
        if name in self._beside:
            return [self._beside[name](), True]
        if name not in JOBS:
            raise BookError(f"there is no command '{name}'; there are: {listed((*JOBS, *BESIDE))}")
        said, well = in_one_message(name, lambda: self._job(name, document))
        for in_excel, in_calc in PLACES.items():
            said = said.replace(in_excel, in_calc)
        return [said, well]

    def listening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` of a cell, heard while the selected cell is asked for its reason."""

        def heard(name: str, *cells: Any) -> Any:
            shown = call(name, *cells)
            if self._heard is not None and not function(name).keeps_reason:
                self._heard.append((name, reasons.latest()))
            return shown

        return heard

    def _job(self, name: str, document: str) -> Report:
        def step(doing: str) -> None:
            if not self._asked("progress", f"{name}, {doing}"):
                raise StoppedError("you pressed Esc")

        book = CalcBook(PipedOffice(self._ask, f"PerpDesk: {name}"))
        return on_open_book(name, book, Path(document).parent if document else None, step)

    def _why(self) -> str:
        """The reason that belongs to the selected cell: Calc computes that cell alone, and its calls are heard."""
        where, formula = self._ask("selected")
        if not formula:
            return f"{where} holds no formula; select a cell with a PerpDesk function"
        heard: list[tuple[str, str]] = []
        self._heard = heard
        try:
            shown = self._ask("recompute")
        finally:
            self._heard = None
            self._ask("settle")
        if not heard and OURS in formula.upper():
            return (
                f"{where} shows {shown}, and LibreOffice did not compute it again, so its reason is not known; "
                "it does not on a protected sheet (Tools > Protect Sheet) or in a read-only document"
            )
        if not heard:
            return f"{where} shows {shown}, and no PerpDesk function is in it"
        told = [f"{name}: {reason}" for name, reason in dict.fromkeys(heard) if reason]
        return "\n".join([f"{where} shows {shown}.", *(told or ["No failure or warning: " + _listed(heard)])])

    def _ask(self, verb: str, *needed: Any) -> Any:
        return self._asked("ask", verb, *needed)

    def _opened(self, path: str) -> str:
        return str(self._ask("open", path))


def _listed(heard: list[tuple[str, str]]) -> str:
    return listed(dict.fromkeys(name for name, _ in heard)) + " went well."
