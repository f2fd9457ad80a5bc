"""A formula of an open Calc document with every function of ours answered by Excel's server instead.

From the innermost call outwards: Calc gives what its arguments are, the server answers as it answers Excel, the answer
is laid far to the right, and the call in the formula becomes that range. What is left is the spreadsheet's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openpyxl.utils.cell import column_index_from_string, get_column_letter

from tests.calc_office import Document

__all__ = ["through_excel"]

CALL = re.compile(r"PERP_\w+(?=\()")
ANSWERS, RESULT, ARGUMENTS = "BA", "AZ", 705
"""Columns, right of all that stands on the sheet, for answers, for what is left, and for arguments."""

Ask = Callable[..., Any]
"""What Excel's server answers a function and the cells of its arguments."""


def through_excel(document: Document, sheet: str, formula: str, ask: Ask) -> Any:
    """What an array formula of the sheet shows."""
    row = 1
    text = formula.strip("{}").removeprefix("=")
    while calls := list(CALL.finditer(text)):
        begin, name = calls[-1].start(), calls[-1][0]  # no other call stands inside of the last one
        end = _closing(text, calls[-1].end())
        arguments = _arguments(text[calls[-1].end() + 1 : end])
        answer = ask(name, *(_cells(document, sheet, each) for each in arguments))
        rows = _rows(answer)
        document.write(sheet, f"{ANSWERS}{row}", rows)
        last = get_column_letter(column_index_from_string(ANSWERS) + len(rows[0]) - 1)
        area = f"${ANSWERS}${row}:${last}${row + len(rows) - 1}"
        text, row = text[:begin] + area + text[end + 1 :], row + len(rows) + 1
    return document.array_formula(sheet, f"{RESULT}{row}", f"={text}")[0][0]


def _rows(answer: Any) -> list[list[Any]]:
    """The answer as rows: xlwings gives a lone figure by itself, and a lone row without the rows around it."""
    rows = answer if isinstance(answer, list) else [answer]
    return [list(row) for row in rows] if isinstance(rows[0], list) else [rows]


def _closing(text: str, opening: int) -> int:
    depth, quoted = 0, False
    for place in range(opening, len(text)):
        quoted ^= text[place] == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError(f"no bracket closes in {text}")


def _arguments(text: str) -> list[str]:
    found, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += 0 if quoted else {"(": 1, "{": 1, ")": -1, "}": -1}.get(letter, 0)
        if letter == ";" and not depth and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return [each.strip() for each in found]


def _cells(document: Document, sheet: str, argument: str) -> Any:
    """What Excel would send for an argument: a figure, a text, rows, None where nothing stands."""
    if not argument:
        return None
    first = get_column_letter(ARGUMENTS)
    size = [
        document.array_formula(sheet, f"{first}1", f"=IFERROR({each}({argument});1)")[0][0]
        for each in ("ROWS", "COLUMNS")
    ]
    document.array_formula(sheet, f"{first}1", "")
    rows, columns = map(int, size)
    area = f"{first}1:{get_column_letter(ARGUMENTS + columns - 1)}{rows}"
    found = document.array_formula(sheet, area, f'=IF(ISBLANK({argument});"";{argument})')
    document.array_formula(sheet, area, "")
    sent = tuple(tuple(None if cell == "" else cell for cell in row) for row in found)
    return sent[0][0] if rows == columns == 1 else sent
