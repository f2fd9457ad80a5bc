"""A new desk workbook, drawn from the layout: sheets, tables, named cells, validation, formats, charts.

    build("desk.xlsx", sample_desk())

The same inputs give the same file to the last byte. What the analyst may type is blue on pale yellow and validated;
nothing is hidden; nothing stands below a result table that may grow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from core.records import dataclass

from ...books.workbook import CellValue
from ..layout.fields import COUNT, MIXED, QUANTITY, Column, Setting, Sheet, TableLayout
from ..layout.risk_tables import MOST_CORRELATED
from ..layout.sheets import (
    BODY_ROW,
    FIRST_COLUMN,
    HEADER_ROW,
    NAMED_RESULTS,
    NOTE_ROW,
    SETTINGS,
    SHEETS,
    TABLES,
    named_cell,
    setting_rows,
    sheet,
    table_range,
    tables_on,
)
from .about import write_about
from .charts import CHARTS
from .frame import frame, is_empty
from .monitor import formula_names, write_monitor
from .sample import SampleDesk
from .saved import save
from .scenarios import scenario_rows
from .styles import (
    CELL_STYLES,
    TRAFFIC_LIGHTS,
    add_styles,
    closeness,
    heat,
    large_quantities,
    low_to_high,
    traffic_rules,
    whole_numbers,
)

__all__ = ["Body", "build"]

SPARE_ROWS = 500
"""How far below the header validation and conditional colours reach, for tables that grow."""

SPARE_COLUMNS = 40
"""How far to the right the colours of a map reach."""
HEATED = {"StressMap": (3, heat), "Correlation": (3, closeness)}
"""Tables that are coloured by size: the first of the columns that are, and how."""

SETTING_COLUMNS = {"Setting": 24.0, "Value": 18.0, "Unit": 13.0, "Name": 20.0, "Meaning": 96.0}

MASTER_CHECK = (
    '=IF(COUNTA(Checks[Status])=0,"not run",'
    'IF(COUNTIF(Checks[Status],"FAIL")+COUNTIF(Verification[Verdict],"differs")>0,'
    'COUNTIF(Checks[Status],"FAIL")+COUNTIF(Verification[Verdict],"differs")&" failed",'
    'IF(COUNTIF(Checks[Status],"WARN")=0,"OK",COUNTIF(Checks[Status],"WARN")&" warning"&'
    'IF(COUNTIF(Checks[Status],"WARN")=1,"","s"))))'
)
"""What the band of every sheet shows: OK, or how many checks failed, else how many warn.

A figure that differs from its second opinion counts as a check that failed.
"""

NO_SOURCE = "none yet: run Refresh"


@dataclass(frozen=True)
class Body:
    """What stands in a table: its headings (free columns included) and its rows."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[CellValue]]


def build(path: Path | str, inputs: SampleDesk | None = None, results: Mapping[str, Body] | None = None) -> None:
    """Write a new desk workbook at `path`: with the inputs of a sample desk, or blank but for settings and scenarios.

    `results` fills result tables by name; those not given hold one blank row.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    add_styles(book)
    bodies = {**_bodies(inputs), **(results or {})}
    for each in SHEETS:
        worksheet = book.create_sheet(each.name)
        for table in tables_on(each.name):
            _write_table(worksheet, table, bodies[table.name])
    _write_settings(book["Settings"], {} if inputs is None else inputs.settings)
    _name_cells(book, NO_SOURCE if inputs is None else inputs.source)
    write_about(book["About"])
    write_monitor(book["Monitor"])
    for each in SHEETS:
        worksheet = book[each.name]
        low = each.name == "About" or (each.name in TABLES and TABLES[each.name].header_row != HEADER_ROW)
        _add_charts(worksheet, book, each)
        frame(
            worksheet,
            each,
            tables_on(each.name),
            last_column=worksheet.max_column,
            frozen=NOTE_ROW if low else BODY_ROW,
            pages_high=0 if each.name == "Settings" else None,
        )
    book.properties.creator, book.properties.title = "PerpDesk", "PerpDesk"
    book.calculation.fullCalcOnLoad = True
    save(book, Path(path))


def _bodies(inputs: SampleDesk | None) -> dict[str, Body]:
    """What every table holds before a job has run: the inputs, and one blank row where results will stand."""
    symbols = () if inputs is None else inputs.panel.symbols
    blank = {name: _empty(table, symbols) for name, table in TABLES.items()}
    if inputs is None:
        return {**blank, "Scenarios": Body(blank["Scenarios"].header, scenario_rows(blank["Scenarios"].header[-1:]))}
    panel, times = inputs.panel, inputs.panel.times.tolist()
    return {
        **blank,
        "Universe": Body(TABLES["Universe"].header, inputs.universe),
        "Scenarios": Body(inputs.scenario_header, inputs.scenarios),
        "Prices": Body(("Time", *symbols), _history(times, panel.prices)),
        "Funding": Body(("Time", *symbols), _history(times, panel.funding)),
        "Factors": Body(("Time", *inputs.factor_names), _history(times, inputs.factors)),
    }


def _history(times: list[dt.datetime], values: np.ndarray) -> list[list[CellValue]]:
    return [
        [time, *(None if np.isnan(value) else float(value) for value in row)]
        for time, row in zip(times, values, strict=True)
    ]


def _empty(table: TableLayout, symbols: Sequence[str]) -> Body:
    """One blank row; without symbols one column stands for them, so that those to come look like it."""
    if table.measures:
        return Body(table.header, table.unmeasured)
    symbols = symbols[: table.most_rows]  # a square table has no more columns than rows
    header = (*table.header, *symbols) if table.free_columns and symbols else table.blank_header
    return Body(header, [(None,) * len(header)])


def _write_table(worksheet: Worksheet, table: TableLayout, body: Body) -> None:
    """Notes, units, header and body of one table, and the Excel table over the last two."""
    rows = body.rows or [(None,) * len(body.header)]
    page = sheet(table.sheet).page
    last_column = 0 if page is None else column_index_from_string(page.last_column)
    formats = [measure.format for measure in table.measures]
    for offset, name in enumerate(body.header):
        column, number = table.column(name), table.first_column + offset
        indent = int(offset > 0 and _side(column) == "left")
        _write_heading(worksheet, table, number, column, name, indent)
        values = [row[offset] for row in rows]
        _write_column(worksheet, table, number, column, values, formats if column.format == MIXED else [], indent)
        letter = get_column_letter(number)
        _widen(worksheet, letter, column.width)
        cells = f"{letter}{table.body_row}:{letter}{table.body_row + _spare_rows(table)}"
        _guard(worksheet, column, cells)
        if column.format == MIXED and not formats:
            worksheet.conditional_formatting.add(cells, whole_numbers(f"{letter}{table.body_row}"))
        if column.format == QUANTITY:
            for rule in large_quantities(f"{letter}{table.body_row}"):
                worksheet.conditional_formatting.add(cells, rule)
    if table.free is not None and last_column:
        for number in range(table.first_column + len(body.header), last_column + 1):
            _widen(worksheet, get_column_letter(number), table.free.width)
    if table.name in HEATED:
        begins, coloured = HEATED[table.name]
        ends = max(len(body.header) - 1, begins + MOST_CORRELATED - 1)
        first, last = (get_column_letter(table.first_column + at) for at in (begins, ends))
        heated = f"{first}{table.body_row}:{last}{table.body_row + SPARE_ROWS}"
        worksheet.conditional_formatting.add(heated, coloured())
    if table.free is not None and table.free.scale:
        left = table.first_column + len(table.columns)
        corners = f"{get_column_letter(left)}{table.body_row}:{get_column_letter(left + SPARE_COLUMNS)}"
        worksheet.conditional_formatting.add(f"{corners}{table.body_row + SPARE_ROWS}", low_to_high())
    _add_table(worksheet, table, body.header, len(rows))


def _spare_rows(table: TableLayout) -> int:
    """How far below its first row a table's validation and colours reach."""
    return SPARE_ROWS if table.most_rows is None else table.most_rows - 1


def _widen(worksheet: Worksheet, letter: str, width: float) -> None:
    """A column is as wide as the widest that stands in it: tables below each other share theirs."""
    known = worksheet.column_dimensions[letter].width if letter in worksheet.column_dimensions else 0.0
    worksheet.column_dimensions[letter].width = max(known, width)


def _write_column(
    worksheet: Worksheet,
    table: TableLayout,
    number: int,
    column: Column,
    values: Sequence[CellValue],
    formats: Sequence[str],
    indent: int,
) -> None:
    """The body of one column: `formats` are those of its first cells, where they differ from the column's own."""
    patterns: dict[str, Cell] = {}
    for index, value in enumerate(values):
        cell = worksheet.cell(table.body_row + index, number, value)
        code = formats[index] if index < len(formats) else column.format
        pattern = patterns.setdefault(code, cell)
        if pattern is cell:
            cell.style, cell.number_format = CELL_STYLES[column.role], code
            cell.alignment = Alignment(_side(column), "center", indent=indent, wrap_text=column.wrap)
        else:  # assigning a style looks it up among the book's; thousands of cells share one look-up
            cell._style = pattern._style  # type: ignore[attr-defined]
        for step in range(1, column.reach + 1):
            worksheet.cell(table.body_row + index, number + step).style = CELL_STYLES[column.role]


def _write_heading(
    worksheet: Worksheet, table: TableLayout, number: int, column: Column, name: str, indent: int
) -> None:
    for row, words, style in (
        (table.note_row, column.note, "Desk note"),
        (table.unit_row, column.unit, "Desk unit"),
        (table.header_row, name, "Desk header"),
    ):
        cell = worksheet.cell(row, number, words or None)
        cell.style = style
        is_note = row == table.note_row
        cell.alignment = Alignment(
            _side(column),
            "bottom" if is_note else "center",
            indent=indent,
            wrap_text=is_note and not column.reach,
            # Names of contracts and instruments are as long as they are.
            shrink_to_fit=row == table.header_row and column is table.free,
        )
    for step in range(1, column.reach + 1):
        worksheet.cell(table.header_row, number + step).style = "Desk header"


def _side(column: Column) -> str:
    if column.choices and max(map(len, column.choices)) == 1:
        return "center"
    return "right" if column.kind == "number" else "left"


def _add_table(worksheet: Worksheet, table: TableLayout, header: Sequence[str], rows: int) -> None:
    excel_table = ExcelTable(
        displayName=table.name,
        name=table.name,
        ref=table_range(table, len(header), rows),
        headerRowCount=None,  # one header row is the default, and ONLYOFFICE takes a written 1 for data
        tableColumns=[TableColumn(id=number, name=name) for number, name in enumerate(header, start=1)],
        tableStyleInfo=TableStyleInfo(name="TableStyleLight1", showRowStripes=False),
    )
    if table.filter_buttons:
        excel_table.autoFilter = AutoFilter(ref=excel_table.ref)
    worksheet.add_table(excel_table)


def _guard(worksheet: Worksheet, column: Column, cells: str) -> None:
    """Validation of what is typed, or the traffic lights of what is computed."""
    if column.role == "input":
        validation = _validation(column)
        validation.add(cells)
        worksheet.add_data_validation(validation)
    elif any(word in TRAFFIC_LIGHTS for word in column.choices):
        for rule in traffic_rules(column.choices):
            worksheet.conditional_formatting.add(cells, rule)


def _validation(declared: Column | Setting, prompt: str = "") -> DataValidation:
    """What may be typed in a cell, and the note that shows when it is selected."""
    low, high = (
        (-1e12 if declared.minimum is None else declared.minimum),
        (1e12 if declared.maximum is None else declared.maximum),
    )
    if declared.choices:
        validation = DataValidation("list", formula1=f'"{",".join(declared.choices)}"')
        validation.error = f"Choose one of: {', '.join(declared.choices)}"
    elif declared.kind == "number":
        kind: Literal["whole", "decimal"] = "whole" if declared.format == COUNT else "decimal"
        validation = DataValidation(kind, operator="between", formula1=f"{low:.15g}", formula2=f"{high:.15g}")
        validation.error = f"Enter a {'whole ' * (kind == 'whole')}number between {low:g} and {high:g}"
    elif declared.kind == "time":
        validation = DataValidation("date", operator="greaterThan", formula1="1")
        validation.error = "Enter a date and time, UTC"
    else:
        validation = DataValidation()
    validation.allow_blank = True
    validation.errorTitle = validation.promptTitle = declared.name
    validation.prompt = prompt or (f"{declared.note} ({declared.unit})" if declared.unit else declared.note)
    validation.showErrorMessage = validation.showInputMessage = True
    return validation


def _write_settings(worksheet: Worksheet, overrides: Mapping[str, CellValue]) -> None:
    """One row a setting: label, value, unit, the name formulas use, meaning; grouped."""
    for number, (heading, width) in enumerate(SETTING_COLUMNS.items(), start=FIRST_COLUMN):
        cell = worksheet.cell(HEADER_ROW, number, heading)
        cell.style = "Desk header"
        right = heading == "Value"
        cell.alignment = Alignment(
            "right" if right else "left", "center", indent=int(number > FIRST_COLUMN and not right)
        )
        worksheet.column_dimensions[get_column_letter(number)].width = width
    group = ""
    for setting, row in zip(SETTINGS, setting_rows().values(), strict=True):
        if setting.group != group:
            group = setting.group
            worksheet.row_dimensions[row - 1].height = 24
            for number in range(FIRST_COLUMN, FIRST_COLUMN + len(SETTING_COLUMNS)):
                worksheet.cell(row - 1, number).style = "Desk group"
            worksheet.cell(row - 1, FIRST_COLUMN).value = group
        _write_setting(worksheet, row, setting, overrides.get(setting.name, setting.default))


def _write_setting(worksheet: Worksheet, row: int, setting: Setting, value: CellValue) -> None:
    words = (setting.label, value, setting.unit, setting.name, setting.note)
    styles = ("Desk text", "Desk input", "Desk unit", "Desk unit", "Desk text")
    for number, (content, style) in enumerate(zip(words, styles, strict=True), start=FIRST_COLUMN):
        cell = worksheet.cell(row, number, content)
        cell.style = style
        cell.alignment = Alignment("left", "center", indent=int(number > FIRST_COLUMN))
    value_cell = worksheet.cell(row, FIRST_COLUMN + 1)
    value_cell.number_format, value_cell.alignment = setting.format, Alignment("right", "center")
    validation = _validation(setting, setting.note)
    if setting.name == "Benchmark":
        validation = DataValidation(
            "list", formula1="UniverseSymbols", allow_blank=True, error="Choose a symbol of Universe"
        )
    validation.add(value_cell.coordinate)
    worksheet.add_data_validation(validation)


def _name_cells(book: Workbook, source: str) -> None:
    for name in (*(setting.name for setting in SETTINGS), *(result.name for result in NAMED_RESULTS)):
        sheet, address = named_cell(name)
        book.defined_names[name] = DefinedName(name, attr_text=f"{sheet}!{address}")
    for name, formula in formula_names().items():
        book.defined_names[name] = DefinedName(name, attr_text=formula)
    sheet, address = named_cell("DataSource")
    book[sheet][address.replace("$", "")] = source
    sheet, address = named_cell("MasterCheck")
    book[sheet][address.replace("$", "")] = MASTER_CHECK


def _add_charts(worksheet: Worksheet, book: Workbook, declared: Sheet) -> None:
    """A sheet's charts, and above each what it waits for while it is empty."""
    tables = tables_on(declared.name)
    for table_name, draw, anchor in CHARTS.get(declared.name, ()):
        worksheet.add_chart(draw(book, _body_rows(book, TABLES[table_name])), anchor)
        row, column = coordinate_to_tuple(anchor)
        told = worksheet.cell(row - 1, column)
        told.value, told.style = f'=IF({is_empty(tables)},"{declared.waiting}","")', "Desk note"
        told.alignment = Alignment("left", "bottom")


def _body_rows(book: Workbook, table: TableLayout) -> int:
    first, last = book[table.sheet].tables[table.name].ref.split(":")
    return coordinate_to_tuple(last)[0] - coordinate_to_tuple(first)[0]
