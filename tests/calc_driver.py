"""Run by a Python that has `uno`: does in a running LibreOffice what `tests.calc_office` asks, one line of JSON each.

    python3 calc_driver.py PIPE FOLDER     {"do": "open", "path": ...} -> {"done": 1} or {"failed": "why"}

FOLDER holds the extension's code, which it runs as LibreOffice would. It stands outside of the office, as a second
process, so an office that hangs or dies can be ended and is seen.
"""

import base64
import io
import json
import sys
import time

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.frame import XDispatchResultListener
from com.sun.star.sheet.FormulaResult import ERROR
from com.sun.star.table import CellAddress
from com.sun.star.util import URL

sys.path.insert(0, sys.argv[2])
from extension.document import Document as OpenDocument
from extension.messages import pack, receive

PATIENCE = 150
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "pdf": "calc_pdf_Export"}

documents = {}


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


context = connect(sys.argv[1])


def service(name):
    return context.ServiceManager.createInstanceWithContext(name, context)


desktop = service("com.sun.star.frame.Desktop")


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def sheet_cells(document, sheet, address):
    return documents[document].Sheets.getByName(sheet).getCellRangeByName(address)


def opened(path=None, read_only=False):
    url = unohelper.systemPathToFileUrl(path) if path else "private:factory/scalc"
    found = desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True, ReadOnly=read_only))
    if found is None or not found.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        raise ValueError(f"LibreOffice cannot open {path} as a spreadsheet")
    number = max(documents, default=0) + 1
    documents[number] = found
    return number


def close(document):
    documents.pop(document).close(True)


def add_sheet(document, name):
    sheets = documents[document].Sheets
    sheets.insertNewByName(name, sheets.Count)


def name(document, called, sheet, address):
    cells = sheet_cells(document, sheet, address)
    documents[document].NamedRanges.addNewByName(called, cells.AbsoluteName, CellAddress(), 0)


def sheets(document):
    return list(documents[document].Sheets.ElementNames)


def recalculate(document):
    documents[document].calculateAll()


def write(document, sheet, address, rows):
    cells = sheet_cells(document, sheet, address)
    place = cells.getRangeAddress()
    last_column, last_row = place.StartColumn + len(rows[0]) - 1, place.StartRow + len(rows) - 1
    target = (
        documents[document]
        .Sheets.getByName(sheet)
        .getCellRangeByPosition(place.StartColumn, place.StartRow, last_column, last_row)
    )
    target.setDataArray(tuple(tuple("" if cell is None else cell for cell in row) for row in rows))


def formula(document, sheet, address, text):
    sheet_cells(document, sheet, address).setFormula(text)


def array_formula(document, sheet, address, text):
    sheet_cells(document, sheet, address).setArrayFormula(text)


def shown(document, sheet, address):
    """Rows of numbers and texts; an error cell is the text that it shows."""
    return with_errors(sheet_cells(document, sheet, address))


def with_errors(cells):
    rows = [list(row) for row in cells.getDataArray()]
    begin = cells.getRangeAddress()
    for place in cells.queryFormulaCells(ERROR).getRangeAddresses():
        for row in range(place.StartRow, place.EndRow + 1):
            for column in range(place.StartColumn, place.EndColumn + 1):
                at = row - begin.StartRow, column - begin.StartColumn
                rows[at[0]][at[1]] = cells.getCellByPosition(at[1], at[0]).getString()
    return rows


def used(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.getRangeAddress()
    return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)


def everything(document):
    """By sheet the values and the formulas of all cells from A1 to the last used one."""
    found = {}
    for name in documents[document].Sheets.ElementNames:
        cells = used(documents[document].Sheets.getByName(name))
        found[name] = [with_errors(cells), [list(row) for row in cells.getFormulaArray()]]
    return found


def save(document, path, kind=None):
    kind = FILTERS[path.rpartition(".")[2]]
    documents[document].storeToURL(unohelper.systemPathToFileUrl(path), properties(FilterName=kind, Overwrite=True))


def undo(document):
    documents[document].getUndoManager().undo()


def undo_titles(document):
    return list(documents[document].getUndoManager().getAllUndoActionTitles())


class Listener(unohelper.Base, XDispatchResultListener):
    said = None

    def dispatchFinished(self, event):
        self.said = [event.State, event.Result]

    def disposing(self, source):
        self.said = [0, "the command has gone"]


def dispatch(document, command, seconds=2 * PATIENCE):
    """Run a command of a menu on the window of a document, and wait for what it ends with: [1 or 0, its sentence]."""
    url = URL(Complete=command)
    _, url = service("com.sun.star.util.URLTransformer").parseStrict(url)
    found = documents[document].getCurrentController().getFrame().queryDispatch(url, "_self", 0)
    if found is None:
        raise ValueError(f"nothing serves {command}")
    listener = Listener()
    found.dispatchWithNotification(url, (), listener)
    end = time.monotonic() + seconds
    while listener.said is None:
        if time.monotonic() > end:
            raise TimeoutError(f"{command} took longer than {seconds} seconds")
        time.sleep(0.02)
    return listener.said


def ask(document, message):
    """What the extension's code answers a worker of this document; both as they go through a pipe."""
    number, _, (verb, *needed) = receive(io.BytesIO(base64.b64decode(message)))
    frame = documents[document].getCurrentController().getFrame()
    answer = OpenDocument(context, frame).answer(verb, *needed)
    return base64.b64encode(pack(number, "answer", [answer])).decode()


def tables(document):
    """By name each database range: its sheet, and its first and last column and row, counted from 0."""
    ranges = documents[document].DatabaseRanges
    found = {}
    for name in ranges.ElementNames:
        area = ranges.getByName(name).getDataArea()
        sheet = documents[document].Sheets.getByIndex(area.Sheet).getName()
        found[name] = [sheet, area.StartColumn, area.StartRow, area.EndColumn, area.EndRow]
    return found


def select(document, sheet, address):
    documents[document].getCurrentController().select(sheet_cells(document, sheet, address))


def state(document):
    """What a person has set: the selected cells, the calculation, whether there is something to save."""
    model = documents[document]
    selected = model.getCurrentController().getSelection().AbsoluteName
    return [selected, model.isAutomaticCalculationEnabled(), model.isModified()]


def calculation(document, automatic):
    documents[document].enableAutomaticCalculation(automatic)


def protect(document, sheet):
    documents[document].Sheets.getByName(sheet).protect("")


def redo(document):
    documents[document].getUndoManager().redo()


def described():
    """By name each function that Calc knows with its category, its description and its arguments' names and helps."""
    table = service("com.sun.star.sheet.FunctionDescriptions")
    found = {}
    for number in range(table.Count):
        one = {each.Name: each.Value for each in table.getByIndex(number)}
        arguments = [[each.Name, each.Description, each.IsOptional] for each in one["Arguments"] or ()]
        found[one["Name"]] = [one["Category"], one["Description"], arguments]
    return found


def seconds(document, sheet, address, text):
    """Seconds that Calc takes to compute a formula that is new in a cell."""
    cells = sheet_cells(document, sheet, address)
    start = time.perf_counter()
    cells.setFormula(text)
    cells.getString()
    return time.perf_counter() - start


def end():
    for document in list(documents):
        close(document)
    try:
        desktop.terminate()
    except Exception:  # the office closes the pipe as it goes
        return


DEEDS = {
    each.__name__: each
    for each in (
        add_sheet,
        array_formula,
        ask,
        calculation,
        close,
        described,
        dispatch,
        end,
        name,
        everything,
        formula,
        opened,
        protect,
        recalculate,
        redo,
        save,
        seconds,
        select,
        sheets,
        shown,
        state,
        tables,
        undo,
        undo_titles,
        write,
    )
}

print(json.dumps({"done": "ready"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"done": DEEDS[asked.pop("do")](**asked)}
    except Exception as error:
        answer = {"failed": f"{type(error).__name__}: {getattr(error, 'Message', '') or error}"}
    print(json.dumps(answer), flush=True)
