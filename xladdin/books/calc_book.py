"""A document that is open in LibreOffice Calc as a `Workbook`.

Tables are the database ranges that LibreOffice makes of an Excel workbook's tables, and keeps in .ods; named cells are
named ranges. A commit is one step of undo.
"""

from __future__ import annotations

from .calc.document import CalcDocument
from .calc.office import Office
from .live.staged import StagedBook

__all__ = ["CalcBook"]


class CalcBook(StagedBook):
    """An open document, held for one job."""

    def __init__(self, office: Office) -> None:
        super().__init__(CalcDocument(office))
