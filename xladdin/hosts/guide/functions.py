"""The page of the guide on sheet functions: each with its arguments, an example and what goes wrong, as declared."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from types import CodeType, ModuleType

from ...catalog import FunctionSpec, functions
from ...examples.collected import CATEGORIES, examples
from ...examples.example import Asked, Example, Input
from ...examples.looks import Cell
from ...examples.past import Past
from .markdown import code, listed_codes, table

__all__ = ["functions_page", "shown_cell"]

INTRODUCTION = """\
# Functions

Every function is called the same way from a cell of Excel or Calc, by `perpdesk call` and from Python
(`xladdin.call("PERP_BETA", ...)`), and answers the same number. Arguments in brackets may be left out. Blocks have
time down their rows, the oldest first, and one column a contract; a blank cell is a missing value and never a zero.
An error cell has its reason: `=PERP_WHY(cell)`.

The examples are those of `workbooks/Examples.xlsx`, where each is live: change an input and watch. Here short inputs
stand in the formula, long ones are named and told below it.
"""

FEW = 8
"""Cells of an input that a formula shows."""

ROWS = 8
"""Of an answer that are shown."""

COLUMNS = 8

NOTHING = 1e-9
"""Below it a figure is shown as 0: a residual differs from one processor to the next."""

SOURCES = re.compile(r"^(Sources?: .+?)(?:\n\n|\Z)", re.M | re.S)
"""The paragraph of a module's docstring that names them."""

LARGE = 1e5
"""From here on the figures after the point are left out."""


def functions_page() -> str:
    """The page, in Markdown."""
    specs = functions()
    parts = [INTRODUCTION]
    for category in dict.fromkeys(spec.category for spec in specs):
        names = [spec.name for spec in specs if spec.category == category]
        parts.append(f"* {category.removeprefix('Perp ')}: {', '.join(f'[{n}](#{n.lower()})' for n in names)}")
    by_function: dict[str, list[Example]] = {}
    for sheet in CATEGORIES:
        for example in examples(sheet):
            by_function.setdefault(example.function, []).append(example)
    category = ""
    for spec in specs:
        if spec.category != category:
            category = spec.category
            parts.append(f"\n## {category.removeprefix('Perp ')}")
        parts += ["", *_function(spec, by_function.get(spec.name, []))]
    return "\n".join(parts) + "\n"


def _function(spec: FunctionSpec, shown: list[Example]) -> Iterator[str]:
    yield f"### {spec.name}\n\n{code(spec.signature)}\n\n{spec.summary}\n"
    if spec.args:
        yield table(("argument", "is"), ((code(each.name), each.help) for each in spec.args))
    for example in shown:
        yield from _slip(example) if example.slip else _example(example)
    modules = list(dict.fromkeys(_modules(spec)))
    if modules:
        yield f"Computed in {listed_codes(module.replace('.', '/') + '.py' for module in modules)}.\n"
    yield from dict.fromkeys(source for module in modules for source in _sources(module))


def _example(example: Example) -> Iterator[str]:
    yield from _asked(example)
    rows = example.answer().rows
    lines = _aligned([[shown_cell(cell) for cell in row[:COLUMNS]] for row in rows])
    if len(lines) > ROWS:
        lines[ROWS // 2 : -ROWS // 2] = ["..."]
    size = f" ({len(rows):,} rows of {len(rows[0])})" if len(rows) > ROWS or len(rows[0]) > COLUMNS else ""
    yield f"shows{size}\n\n```text\n" + "\n".join(lines) + "\n```\n"
    for label, told in example.shows.items():
        yield f"* {code(label)}: {told.words}" if label else told.words
    yield ""
    if example.source:
        yield f"Source of the figures: {example.source}\n"


def _aligned(rows: list[list[str]]) -> list[str]:
    """Rows as lines in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _slip(example: Example) -> Iterator[str]:
    """A mistake, the error it shows and why."""
    yield f"What goes wrong: {example.slip[:1].lower()}{example.slip[1:]}.\n"
    yield from _asked(example)
    answer = example.answer()
    yield f"shows {code(shown_cell(answer.rows[0][0]))}, and `PERP_WHY` says: {answer.why}.\n"


def _asked(example: Example) -> Iterator[str]:
    """The formula, and what its names stand for."""
    given = [*zip(example.spec.args, example.arguments(), strict=False)]
    written = {argument.name: "" if each is None else _literal(each) for argument, each in given}
    shown = ", ".join(name if text is None else text for name, text in written.items())
    yield f"```text\n={example.function}({shown})\n```\n"
    named = [(argument.name, each) for argument, each in given if each is not None and written[argument.name] is None]
    for name, each in named:
        yield f"* {code(name)}: {_told(each)}"
    if named:
        yield ""


def _literal(given: Input) -> str | None:
    """An input as it can stand in a formula; None where it is long, or has blanks, which no array in a formula may."""
    if isinstance(given, Past | Asked):
        return None
    rows = given.rows
    cells = [cell for row in rows for cell in row]
    if len(cells) > FEW or any(cell is None for cell in cells):
        return None
    text = ";".join(",".join(map(_typed, row)) for row in rows)
    return text if len(cells) == 1 else f"{{{text}}}"


def _told(given: Input) -> str:
    """An input in words: the place of a history, or its rows."""
    if isinstance(given, Past):
        return f"{given.words} of `Examples.xlsx`, {code(given.cells.replace('$', ''))}"
    if isinstance(given, Asked):
        return f"a cell with {code(given.formula)}"
    rows = [", ".join("blank" if cell is None else _typed(cell) for cell in _full(row)) for row in given.rows]
    return " / ".join(map(code, rows))


def _full(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """A row without the blanks at its end that only make a block of it."""
    length = max((place for place, cell in enumerate(row, start=1) if cell is not None), default=1)
    return row[:length]


def _typed(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    return f'"{cell}"' if isinstance(cell, str) else f"{cell:.12g}"


def shown_cell(value: float | str) -> str:
    """A figure of an answer, to the digits that help to recognise it."""
    if isinstance(value, str):
        return value
    if abs(value) < NOTHING:
        return "0"
    return f"{value:,.0f}" if abs(value) >= LARGE else f"{value:.6g}"


def _sources(module: str) -> Iterator[str]:
    """What a module of core says of where its formulas come from."""
    for found in SOURCES.findall(importlib.import_module(module).__doc__ or ""):
        yield f"{' '.join(found.split())}\n"


def _modules(spec: FunctionSpec) -> Iterator[str]:
    """The modules of core that the body of a function calls into, in its own words or in those of its helpers."""
    yield from _called(spec.body.__code__, spec.body.__globals__, spec.body.__module__, set())


def _called(body: CodeType, names: dict[str, object], module: str, seen: set[str]) -> Iterator[str]:
    for name in body.co_names:
        if name.startswith("core."):
            yield name
            continue
        value = names.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith("core."):
            yield value.__name__
            continue
        home = getattr(value, "__module__", "")
        is_error = isinstance(value, type) and issubclass(value, Exception)
        if not callable(value) or is_error:
            continue
        if home.startswith("core.") and home.count(".") > 1:
            yield home
        elif home == module and name not in seen and hasattr(value, "__code__"):
            yield from _called(value.__code__, names, module, seen | {name})
