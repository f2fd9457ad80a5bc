"""One sheet function in full: how it is called, its arguments, and its example from the workbook of examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....catalog import FunctionSpec
from ....examples.example import Asked, Example, Input
from ....examples.looks import Cell
from ....examples.past import Past
from .function_list import entry_of

__all__ = ["function_document", "function_page"]

ROWS = 20
"""Of an answer that are shown; a longer one says how many more there are."""


def function_page(spec: FunctionSpec, example: Example | None) -> str:
    """The page, one fact a line."""
    lines = [spec.signature, f"  {spec.summary}", ""]
    lines += [f"  {argument.name}: {argument.help}" for argument in spec.args]
    if example is not None:
        lines += ["", "Example", *_example(example)]
    return "\n".join(lines) + "\n"


def function_document(spec: FunctionSpec, example: Example | None) -> dict[str, Any]:
    """The same for a program; the example's answer is whole."""
    shown = None
    if example is not None:
        shown = {
            "inputs": {name: _written(given) for name, given in example.inputs.items()},
            "answer": [list(row) for row in example.answer().rows],
            "meaning": {label: each.words for label, each in example.shows.items()},
            "source": example.source,
        }
    return {**entry_of(spec), "example": shown}


def _example(example: Example) -> Iterator[str]:
    for name, given in example.inputs.items():
        yield f"  {name} = {_written(given)}"
    rows = example.answer().rows
    yield from ("  " + "\t".join(map(_cell, row)) for row in rows[:ROWS])
    if len(rows) > ROWS:
        yield f"  ... and {len(rows) - ROWS} more rows"
    for label, shown in example.shows.items():
        yield f"  {label}: {shown.words}" if label else f"  {shown.words}"
    if example.source:
        yield f"  {example.source}"


def _written(given: Input) -> str:
    """An input as `perpdesk call` takes it; a history by its place in the workbook."""
    if isinstance(given, Past):
        return given.words
    if isinstance(given, Asked):
        return f"a cell with {given.formula}"
    return ";".join(",".join(map(_cell, row)) for row in given.rows)


def _cell(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    return f"{cell:.10g}" if isinstance(cell, float) else cell or ""
