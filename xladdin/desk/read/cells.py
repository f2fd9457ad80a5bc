"""One cell at a time: what stands in it, held against what the layout declares of it.

What is wrong is said in one sentence with the sheet, the cell and the remedy; nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np

from core.errors import ArgumentError, BookError

from ...books.workbook import Block, CellValue
from ...cells import is_blank, is_error
from ...symbols import printable, read_symbol
from ..layout.fields import COUNT, Column, Setting, TableLayout
from .doubts.plausible import doubt

__all__ = ["checked", "quoted", "read_cell", "read_columns", "symbol_in"]

NUMBER_AS_TEXT = re.compile(r"[+-]?[\d.,\s\u00a0']*\d[\d.,]*\s*([eE][+-]?\d+)?\s*(%|x|bp)?")


def read_columns(block: Block, table: TableLayout) -> dict[str, list[Any]]:
    """The declared columns of an input table, each cell checked against its declaration. Raises BookError."""
    return {
        column.name: [
            read_cell(value, column, block.address(row, column.name))
            for row, value in enumerate(block.column(column.name))
        ]
        for column in table.columns
    }


def read_cell(value: CellValue, column: Column, address: str) -> Any:
    """The value of one cell of a column, or what its blank stands for. Raises BookError."""
    if column.blank is not None and is_blank(value):
        return column.blank
    return checked(value, column, address)


def checked(value: CellValue, declared: Column | Setting, address: str) -> float | str | datetime:
    """The value of one cell as its declaration wants it. Raises BookError."""
    if is_blank(value):
        raise BookError(f"{address} is blank and {declared.name} is needed; fill it in")
    if declared.kind == "text":
        if not isinstance(value, str) or is_error(value):
            raise BookError(f"{address} holds {quoted(value)} where {declared.name} must be a word; correct it")
        if declared.unit == "symbol":
            return symbol_in(value, address)
        word = value.strip()
        if not declared.choices:
            return word
        for option in declared.choices:
            if word.lower() == option.lower():
                return option
        raise BookError(f"{address} holds {quoted(value)}; {declared.name} is one of: {', '.join(declared.choices)}")
    if declared.kind == "time":
        if not isinstance(value, datetime):
            raise BookError(
                f"{address} holds {quoted(value)} where {declared.name} must be a time, UTC; enter it as a date"
            )
        return value
    if not isinstance(value, float):
        raise BookError(f"{address} holds {quoted(value)} where {declared.name} must be a number; {_remedy(value)}")
    low = -np.inf if declared.minimum is None else declared.minimum
    high = np.inf if declared.maximum is None else declared.maximum
    if not np.isfinite(value):
        raise BookError(f"{address} holds {value}; {declared.name} must be a finite number")
    if not low <= value <= high:
        allowed = f"lie between {low:g} and {high:g}" if np.isfinite(high) else f"be at least {low:g}"
        raise BookError(f"{address} holds {value:g}; {declared.name} must {allowed}")
    if declared.format == COUNT and value != round(value):
        raise BookError(f"{address} holds {value:g}; {declared.name} must be a whole number")
    doubt(value, declared.name, address)
    return value


def symbol_in(value: CellValue, address: str) -> str:
    """The symbol in a cell, as every job reads it. Raises BookError."""
    try:
        return read_symbol(value)
    except ArgumentError as error:
        raise BookError(f"{address}: {error}") from None


def quoted(value: CellValue) -> str:
    """What a cell holds, as a sentence can name it, a long text cut; one that looks like a number is called a text."""
    if is_blank(value):
        return "nothing"
    return f"the text '{printable(value)}'" if _looks_like_a_number(value) else f"'{printable(value)}'"


def _remedy(value: CellValue) -> str:
    return "type it again in a cell of number format" if _looks_like_a_number(value) else "correct it"


def _looks_like_a_number(value: CellValue) -> bool:
    return isinstance(value, str) and NUMBER_AS_TEXT.fullmatch(value.strip()) is not None
