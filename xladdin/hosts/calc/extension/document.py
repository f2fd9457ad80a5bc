"""The document of a job, as the worker asks for it: what is named, what stands where, and writing it back.

    about                                   its path, whether it may be written, its sheets
    names                                   every named cell and range, and every table (database range), by its place
    read      place                         a block of what stands there; an error cell is None
    formulas  place                         a block of texts: what a person would type into each cell
    write     [place, block], ...           into the cells of each place, all in one step of undo

A place is [sheet, first column, first row, last column, last row], counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import uno

from .messages import Block, RefusedError

__all__ = ["Document"]

Place = list[Any]


class Document:
    """A document that is open in Calc, for as long as one job works on it."""

    def __init__(self, context: Any, frame: Any) -> None:
        self._context, self._frame = context, frame
        self._model: Any = frame.getController().getModel() if frame is not None else None
        self._indicator: Any = None
        self._verbs: dict[str, Callable[..., Any]] = {
            "about": self._about,
            "names": self._names,
            "read": self._read,
            "formulas": self._formulas,
            "write": self._write,
        }

    @property
    def path(self) -> str:
        """Where it lies in the file system; empty where it was never saved, or lies elsewhere."""
        url = self._model.getURL() if self._model is not None else ""
        return str(uno.fileUrlToSystemPath(url)) if url.startswith("file:") else ""

    def answer(self, verb: str, *needed: Any) -> Any:
        """The answer to one thing that the worker asks."""
        if verb not in self._verbs:
            raise RefusedError(f"a document does not answer '{verb}'; it answers {', '.join(self._verbs)}")
        return self._verbs[verb](*needed)

    def progress(self, doing: str) -> bool:
        """Say in the status bar what the job is doing."""
        if self._frame is None:
            return True
        if self._indicator is None:
            self._indicator = self._frame.createStatusIndicator()
            self._indicator.start("PerpDesk", 0)
        self._indicator.setText(f"PerpDesk: {doing} ...")
        return True

    def close(self) -> None:
        """The job has ended: the status bar is the office's again."""
        if self._indicator is not None:
            self._indicator.end()

    def show(self, text: str, *, well: bool) -> None:
        """Show a sentence in a box over the document's window."""
        window = self._frame.getContainerWindow()
        kind = uno.Enum("com.sun.star.awt.MessageBoxType", "INFOBOX" if well else "WARNINGBOX")
        window.getToolkit().createMessageBox(window, kind, 1, "PerpDesk", text).execute()

    def _about(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "title": self._model.getTitle(),
            "read_only": bool(self._model.isReadonly()),
            "sheets": list(self._model.Sheets.ElementNames),
        }

    def _names(self) -> dict[str, dict[str, Place]]:
        named, tables = self._model.NamedRanges, self._model.DatabaseRanges
        cells = {name: named.getByName(name).getReferredCells() for name in named.ElementNames}
        return {
            "names": {name: self._place(found.getRangeAddress()) for name, found in cells.items() if found is not None},
            "tables": {name: self._place(tables.getByName(name).getDataArea()) for name in tables.ElementNames},
        }

    def _read(self, place: Place) -> Block:
        return Block.of(self._range(place).getDataArray())

    def _formulas(self, place: Place) -> Block:
        return Block.of(self._range(place).getFormulaArray())

    def _write(self, *pieces: list[Any]) -> None:
        """Empty cells where a block has None. What LibreOffice refuses is taken back before the reason is told."""
        if self._model.isReadonly():
            raise RefusedError(f"{self._model.getTitle()} is open for reading only; save it under another name first")
        undo = self._model.getUndoManager()
        self._model.lockControllers()
        undo.enterUndoContext("PerpDesk")
        try:
            for place, block in pieces:
                _fill(self._range(place), block.cells())
        except Exception as error:
            undo.leaveUndoContext()
            undo.undo()
            raise RefusedError(f"LibreOffice refused to write ({error}); nothing was written") from error
        else:
            undo.leaveUndoContext()
        finally:
            self._model.unlockControllers()

    def _range(self, place: Place) -> Any:
        sheet, *corners = place
        return self._model.Sheets.getByName(sheet).getCellRangeByPosition(*corners)

    def _place(self, address: Any) -> Place:
        sheet = self._model.Sheets.getByIndex(address.Sheet).getName()
        return [sheet, address.StartColumn, address.StartRow, address.EndColumn, address.EndRow]


def _fill(cells: Any, rows: list[tuple[Any, ...]]) -> None:
    """Write rows into cells so that undo takes all of it back.

    Calc's undo of a whole block leaves in place what came into blank cells, and that of a single cell does not: a
    blank one is written by itself first.
    """
    for number, (row, before) in enumerate(zip(rows, cells.getDataArray(), strict=True)):
        for column, (value, stood) in enumerate(zip(row, before, strict=True)):
            if stood == "" and isinstance(value, float):
                cells.getCellByPosition(column, number).setValue(value)
            elif stood == "" and value:
                cells.getCellByPosition(column, number).setString(value)
    cells.setDataArray(tuple(tuple("" if value is None else value for value in row) for row in rows))
