"""The document of a job, as the worker asks for it: what is named, what stands where, and writing it back.

    about                             its path, title and sheets, whether it may be written, its first day of dates
    names                             by name what each stands for, and the place of those that are cells
    tables                            by name each database range: place, header, total row, filled from outside
    read          place               a block of what stands there, and the places of dates and of truth values
    formulas      place or [sheet]    [column, row, text] of each formula, of an array formula in braces
    obstacles     place               a merged cell and all of its merge, and a cell that is locked, or nothing
    is_protected  sheet               whether its cells are protected
    write         title, piece, ...   all pieces in one step of undo of that title; says why where some stayed written
    selected                          what the selected cell is called, and its formula, if it holds one
    recompute                         compute that cell and no other; what it shows
    settle                            go on computing what depends on it, and leave the document as it was
    open          path                a new document like this file; a sentence to show
    show          path                the file in the browser; a sentence to show

A place is [sheet, first column, first row, last column, last row], counted from 0. A piece is one of

    values   place, block, kinds      values over the cells, blank where the block has None; kinds: [kind, place], ...
    formula  place, text              a formula; one in braces into the array formula that begins there
    format   place, source            the number format of another cell
    extent   place, table             where a table stands from now on
    meaning  nothing, name, text      what a name stands for from now on

Numbers are meant as a "date", a "truth" or a "number": a cell whose format means another thing gets a fitting one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.FormulaResult import ERROR

from .blanks import Blanks
from .escape import escape
from .messages import Block, RefusedError, error_shown

__all__ = ["Document"]

Place = list[Any]

DATE, TRUTH = 2, 1024
"""Bits of the kinds of number formats, com.sun.star.util.NumberFormat."""

STANDARD = {"truth": TRUTH, "number": 16}
"""The kind of format that a number gets which is meant so."""

MOMENT = "YYYY-MM-DD HH:MM"
"""The format that a date gets in a cell that has none for dates."""

FORMULA = 16
"""com.sun.star.sheet.CellFlags."""


class Document:
    """A document that is open in Calc, for as long as one job works on it."""

    def __init__(self, context: Any, frame: Any) -> None:
        self._context, self._frame = context, frame
        self._model: Any = frame.getController().getModel() if frame is not None else None
        self._indicator: Any = None
        self._unsettled: list[bool] = []
        self._escaped = escape()
        self._verbs: dict[str, Callable[..., Any]] = {
            "about": self._about,
            "names": self._names,
            "tables": self._tables,
            "read": self._read,
            "formulas": self._formulas,
            "obstacles": self._obstacles,
            "is_protected": self._is_protected,
            "write": self._write,
            "selected": self._selected,
            "recompute": self._recompute,
            "settle": self._settle,
            "open": self._open,
            "show": self._show,
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
        """Say in the status bar what the job is doing; whether it may go on."""
        if self._frame is not None:
            if self._indicator is None:
                self._indicator = self._frame.createStatusIndicator()
                self._indicator.start("PerpDesk", 0)
            self._indicator.setText(f"PerpDesk: {doing} ...")
        return not self._escaped()

    def close(self) -> None:
        """The job has ended, however it did: the status bar is the office's again, and the document is settled."""
        self._settle()
        if self._indicator is not None:
            self._indicator.end()

    def show(self, text: str, *, well: bool) -> None:
        """Show a sentence in a box over the document's window."""
        window = self._frame.getContainerWindow()
        kind = uno.Enum("com.sun.star.awt.MessageBoxType", "INFOBOX" if well else "WARNINGBOX")
        window.getToolkit().createMessageBox(window, kind, 1, "PerpDesk", text).execute()

    def _about(self) -> dict[str, Any]:
        if not self._model.isAutomaticCalculationEnabled():
            self._model.calculate()  # what is read must be what the inputs give now
        day = self._model.NullDate
        return {
            "path": self.path,
            "title": self._model.getTitle(),
            "read_only": bool(self._model.isReadonly()),
            "sheets": list(self._model.Sheets.ElementNames),
            "epoch": [day.Year, day.Month, day.Day],
        }

    def _names(self) -> dict[str, list[Any]]:
        found = {}
        for name in self._model.NamedRanges.ElementNames:
            named = self._model.NamedRanges.getByName(name)
            cells = named.getReferredCells()
            found[name] = [named.getContent(), None if cells is None else self._place(cells.getRangeAddress())]
        return found

    def _tables(self) -> dict[str, list[Any]]:
        found = {}
        for name in self._model.DatabaseRanges.ElementNames:
            table = self._model.DatabaseRanges.getByName(name)
            source = {each.Name: each.Value for each in table.getImportDescriptor()}.get("SourceType")
            outside = getattr(source, "value", "NONE") != "NONE"
            place = self._place(table.getDataArea())
            found[name] = [place, bool(table.ContainsHeader), bool(table.TotalsRow), outside]
        return found

    def _read(self, place: Place) -> list[Any]:
        cells = self._range(place)
        rows = [list(row) for row in cells.getDataArray()]
        _, left, top, _, _ = place
        for found in cells.queryFormulaCells(ERROR).getRangeAddresses():
            for row in range(found.StartRow, found.EndRow + 1):
                for column in range(found.StartColumn, found.EndColumn + 1):
                    error = cells.getCellByPosition(column - left, row - top).getError()
                    rows[row - top][column - left] = error_shown(error)
        dates, truths = [], []
        for kind, address in self._formats(cells):
            if kind & DATE:
                dates.append(self._place(address))
            elif kind & TRUTH:
                truths.append(self._place(address))
        return [Block.of(rows), dates, truths]

    def _formulas(self, place: Place) -> list[list[Any]]:
        cells = self._range(place) if len(place) > 1 else self._model.Sheets.getByName(place[0])
        found = []
        for address in cells.queryContentCells(FORMULA).getRangeAddresses():
            texts = self._range(self._place(address)).getFormulaArray()
            for row, line in enumerate(texts, address.StartRow):
                found += [[column, row, text] for column, text in enumerate(line, address.StartColumn)]
        return found

    def _obstacles(self, place: Place) -> list[Any]:
        cells = self._range(place)
        return [self._merged(cells, place), self._locked(cells) if self._is_protected(place[0]) else None]

    def _merged(self, cells: Any, place: Place) -> list[Any] | None:
        _, left, top, right, bottom = place
        around = self._around(cells)
        if around == place and not cells.getIsMerged():
            return None
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                merge = self._around(cells.getCellByPosition(column - left, row - top))
                if merge[1:3] != merge[3:]:
                    return [[column, row], merge]
        return None

    def _around(self, cells: Any) -> Place:
        """The cells, and all that is merged with them."""
        cursor = cells.getSpreadsheet().createCursorByRange(cells)
        cursor.collapseToMergedArea()
        return self._place(cursor.getRangeAddress())

    def _locked(self, cells: Any) -> list[int] | None:
        formats = cells.getUniqueCellFormatRanges()
        groups = (formats.getByIndex(number) for number in range(formats.getCount()))
        locked = [group.getRangeAddresses() for group in groups if group.CellProtection.IsLocked]
        places = [(each.StartRow, each.StartColumn) for addresses in locked for each in addresses]
        return list(reversed(min(places))) if places else None

    def _is_protected(self, sheet: str) -> bool:
        return bool(self._model.Sheets.getByName(sheet).isProtected())

    def _write(self, title: str, *pieces: list[Any]) -> str:
        """What LibreOffice refuses is taken back before the reason is told; why, where it could not be."""
        if self._model.isReadonly():
            raise RefusedError(f"{self._model.getTitle()} is open for reading only; save it under another name first")
        undo = self._model.getUndoManager()
        before = undo.getAllUndoActionTitles()
        refusal: Exception | None = None
        with self._quiet():
            undo.enterUndoContext(title)
            try:
                places = [place for _, place, *_ in pieces if place is not None]
                blanks = Blanks(title, undo, self._blanks(places))
                undo.addUndoAction(blanks)
                for kind, place, *needed in pieces:
                    getattr(self, f"_write_{kind}")(place, *needed)
                blanks.after = self._blanks(places)
            except Exception as error:
                refusal = error
            finally:
                undo.leaveUndoContext()
        if refusal is None:
            return ""
        why = getattr(refusal, "Message", "") or str(refusal) or type(refusal).__name__
        try:
            if undo.getAllUndoActionTitles() != before:  # else the last step is the user's own
                undo.undo()
        except Exception as error:
            return (
                f"LibreOffice refused to write ({why}) and to take back what it had written ({error}); "
                "close the document without saving it"
            )
        raise RefusedError(f"LibreOffice refused to write ({why})") from refusal

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """No redrawing and no calculation while cells are written; then as before, whatever happened."""
        automatic = self._model.isAutomaticCalculationEnabled()
        self._model.lockControllers()
        self._model.addActionLock()
        self._model.enableAutomaticCalculation(False)
        try:
            yield
        finally:
            self._model.enableAutomaticCalculation(automatic)
            self._model.removeActionLock()
            self._model.unlockControllers()

    def _blanks(self, places: Iterable[Place]) -> list[Any]:
        empty = [self._range(place).queryEmptyCells().getRangeAddresses() for place in places]
        return [self._range(self._place(address)) for addresses in empty for address in addresses]

    def _write_values(self, place: Place, block: Block, kinds: list[Any]) -> None:
        rows = tuple(tuple("" if cell is None else cell for cell in row) for row in block.cells())
        self._range(place).setDataArray(rows)
        for kind, part in kinds:
            cells = self._range(part)
            for found, address in list(self._formats(cells)):
                if _meant(found) != kind:
                    self._range(self._place(address)).NumberFormat = self._format(kind)

    def _write_formula(self, place: Place, text: str) -> None:
        cell = self._range(place)
        if not text.startswith("{"):
            cell.setFormulaArray(((text,),))
            return
        array = cell.getSpreadsheet().createCursorByRange(cell)
        array.collapseToCurrentArray()
        if self._place(array.getRangeAddress())[:3] == place[:3]:
            array.setArrayFormula(text[1:-1])

    def _write_format(self, place: Place, source: Place) -> None:
        self._range(place).NumberFormat = self._range(source).NumberFormat

    def _write_meaning(self, _: None, name: str, text: str) -> None:
        self._model.NamedRanges.getByName(name).setContent(text)

    def _write_extent(self, place: Place, table: str) -> None:
        found = self._model.DatabaseRanges.getByName(table)
        area = found.getDataArea()
        _, area.StartColumn, area.StartRow, area.EndColumn, area.EndRow = place
        found.setDataArea(area)

    def _selected(self) -> list[str]:
        cell = self._cell()
        sheet = cell.getSpreadsheet().getName()
        return [f"{sheet}!{cell.AbsoluteName.rpartition('.')[2].replace('$', '')}", self._formula_in(cell)]

    def _recompute(self) -> str:
        """A formula that is entered again is computed when asked for; what depends on it, when it is to be seen."""
        cell = self._cell()
        self._unsettled = [self._model.isAutomaticCalculationEnabled(), self._model.isModified()]
        self._model.getUndoManager().lock()
        self._model.lockControllers()
        self._model.enableAutomaticCalculation(True)
        formula = cell.getFormula()
        if formula.startswith("{"):
            array = cell.getSpreadsheet().createCursorByRange(cell)
            array.collapseToCurrentArray()
            array.setArrayFormula(formula[1:-1])
        else:
            cell.setFormula(formula)
        return str(cell.getString())

    def _settle(self) -> None:
        if self._unsettled:
            automatic, modified = self._unsettled
            self._unsettled = []
            self._model.enableAutomaticCalculation(automatic)
            self._model.unlockControllers()
            self._model.getUndoManager().unlock()
            self._model.setModified(modified)

    def _cell(self) -> Any:
        """The cell with the cursor."""
        place = self._model.getCurrentSelection()
        if place is None or not hasattr(place, "getRangeAddress"):
            raise RefusedError("select one cell first")
        return place.getCellByPosition(0, 0)

    @staticmethod
    def _formula_in(cell: Any) -> str:
        return str(cell.getFormula()) if cell.getType().value == "FORMULA" else ""

    def _open(self, path: str) -> str:
        desktop = self._service("com.sun.star.frame.Desktop")
        new = PropertyValue(Name="AsTemplate", Value=True)
        desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (new,))
        return "It stands in a window of its own; save it where you keep your work."

    def _show(self, path: str) -> str:
        self._service("com.sun.star.system.SystemShellExecute").execute(uno.systemPathToFileUrl(path), "", 1)
        return f"{path} stands in the browser."

    def _service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def _formats(self, cells: Any) -> Iterator[tuple[int, Any]]:
        """The parts of a range that have one kind of number format each, and that kind."""
        known = self._model.NumberFormats
        groups = cells.getUniqueCellFormatRanges()
        for number in range(groups.getCount()):
            group = groups.getByIndex(number)
            kind = known.getByKey(group.NumberFormat).Type
            for address in group.getRangeAddresses():
                yield kind, address

    def _format(self, kind: str) -> int:
        """The format that a number gets which is meant so."""
        known, locale = self._model.NumberFormats, self._model.CharLocale
        if kind != "date":
            return int(known.getStandardFormat(STANDARD[kind], locale))
        key = known.queryKey(MOMENT, locale, False)
        return int(known.addNew(MOMENT, locale) if key < 0 else key)

    def _range(self, place: Place) -> Any:
        sheet, *corners = place
        return self._model.Sheets.getByName(sheet).getCellRangeByPosition(*corners)

    def _place(self, address: Any) -> Place:
        sheet = self._model.Sheets.getByIndex(address.Sheet).getName()
        return [sheet, address.StartColumn, address.StartRow, address.EndColumn, address.EndRow]


def _meant(kind: int) -> str:
    """How a number in a format of this kind is meant."""
    return "date" if kind & DATE else "truth" if kind & TRUTH else "number"
