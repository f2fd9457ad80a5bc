"""A workbook file as xlwings Lite sends it to a script, and what a script asks for carried out on the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.utils import get_column_letter, range_boundaries

__all__ = ["carried_out", "payload"]


def payload(path: Path, include: Collection[str] | None = None) -> dict[str, Any]:
    """What the add-in sends of a workbook: the values of the sheets that are asked for, all tables and names."""
    workbook = openpyxl.load_workbook(path, data_only=True)
    places = {name: place for place, name in enumerate(workbook.sheetnames)}
    names = []
    for name, defined in workbook.defined_names.items():
        try:
            [(sheet, address)] = list(defined.destinations)
            place: int | None = places[sheet]
        except (ValueError, KeyError, AttributeError):
            place, address = None, None
        told = {"name": name, "sheet_index": place, "address": address and address.replace("$", "")}
        scope = {"scope_sheet_name": None, "scope_sheet_index": None, "book_scope": True}
        names.append({**told, **scope, "refers_to": f"={defined.attr_text}"})
    return {
        "client": "Office.js",
        "version": xw.__version__,
        "book": {"name": path.name, "active_sheet_index": 0, "selection": "A1"},
        "names": names,
        "sheets": [_sheet(each, include is None or each.title in include) for each in workbook.worksheets],
    }


def _sheet(sheet: Any, sent: bool) -> dict[str, Any]:
    values = [[_sent(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] if sent else [[]]
    return {"name": sheet.title, "values": values, "pictures": [], "tables": list(map(_table, sheet.tables.values()))}


def _sent(value: Any) -> Any:
    """Times come as texts, numbers all as fractions, a blank cell as an empty text."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _table(table: Any) -> dict[str, Any]:
    left, top, right, bottom = range_boundaries(table.ref)
    first, last, totals = get_column_letter(left), get_column_letter(right), table.totalsRowCount or 0
    return {
        "name": table.displayName,
        "range_address": table.ref,
        "header_row_range_address": f"{first}{top}:{last}{top}",
        "data_body_range_address": f"{first}{top + 1}:{last}{bottom - totals}",
        "total_row_range_address": None,
        "show_headers": True,
        "show_totals": bool(totals),
        "table_style": "",
        "show_autofilter": True,
    }


def carried_out(path: Path, actions: list[dict[str, Any]]) -> list[str]:
    """Do to a workbook file what a script asked for, in order, as Excel would; returns the messages it showed."""
    workbook = openpyxl.load_workbook(path)
    said = []
    for action in actions:
        if action["func"] == "alert":
            said.append(str(action["args"][0]))
            continue
        sheet = workbook.worksheets[action["sheet_position"]]
        if action["func"] == "setValues":
            for down, row in enumerate(action["values"], action["start_row"] + 1):
                for right, value in enumerate(row, action["start_column"] + 1):
                    _enter(sheet.cell(down, right), value)
        elif action["func"] == "resizeTable":
            place, address = action["args"]
            list(sheet.tables.values())[place].ref = address.replace("$", "")
        elif action["func"] == "copyFromRange":
            place, address, kind, *_ = action["args"]
            assert kind == "formats"
            source = workbook.worksheets[place][address.replace("$", "")]
            for down in range(action["row_count"]):
                for right in range(action["column_count"]):
                    cell = sheet.cell(action["start_row"] + 1 + down, action["start_column"] + 1 + right)
                    cell.number_format = source.number_format
        else:
            raise AssertionError(f"nobody here knows how Excel would do {action['func']}")
    workbook.save(path)
    return said


def _enter(cell: Any, value: Any) -> None:
    assert not isinstance(value, str) or not value.startswith(("=", "+", "-", "@")), f"{value!r} would be a formula"
    cell.value = None if value == "" else value.removeprefix("'") if isinstance(value, str) else value
