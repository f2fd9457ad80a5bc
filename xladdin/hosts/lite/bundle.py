"""What of PerpDesk travels inside the workbook: the modules that functions and scripts of xlwings Lite use.

They are a zip that Python imports from, packed as a whole: modules that resemble each other take a third of the room
that they take one by one. What core says of itself is left out, line for line, so that every line keeps its number.
"""

from __future__ import annotations

import ast
import bz2
import functools
import io
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ...examples.collected import CATEGORIES
from ...functions import FILES

__all__ = ["bundle", "modules", "zip_of"]

PROJECT = Path(__file__).resolve().parents[3]

ROOTS = (
    "xladdin/hosts/lite/functions.py",
    "xladdin/hosts/lite/scripts.py",
    *(f"xladdin/functions/{name}.py" for name in FILES),
    *(f"xladdin/examples/declared/{name}.py" for name in CATEGORIES.values()),
)
"""What `main.py` imports, and what is imported by a name that is put together."""

LEFT_OUT = (
    "xladdin/books/calc",
    "xladdin/books/calc_book.py",
    "xladdin/books/file_book.py",
    "xladdin/desk/report",
    "xladdin/desk/template/build.py",
    "xladdin/desk/template/workbook.py",
    "xladdin/desk/write/verification.py",
    "xladdin/examples/sheets",
    "xladdin/hosts/calc",
    "xladdin/hosts/command_line",
    "xladdin/hosts/excel",
    "xladdin/second_opinion",
    "xladdin/sweep",
)
"""The other doors, what draws workbooks and what needs processes or workbook files; no browser runs it."""

READ_BY_PEOPLE = ("xladdin/functions", "xladdin/hosts/lite/scripts.py")
"""Whose docstrings are shown in Excel."""

NO_TIME = (1980, 1, 1, 0, 0, 0)


def bundle() -> bytes:
    """The modules as a zip, packed; the same bytes each time."""
    return bz2.compress(zip_of(modules()), 9)


@functools.cache
def modules() -> dict[str, str]:
    """The source of each module that travels, by its path: what functions and scripts import, at once or later."""
    found: dict[str, str] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name in found or name.startswith(LEFT_OUT) or not (PROJECT / name).is_file():
            continue
        source = (PROJECT / name).read_text(encoding="utf-8")
        found[name] = source if name.startswith(READ_BY_PEOPLE) else _unexplained(source)
        folders = name.split("/")[:-1]
        waiting += ["/".join([*folders[: depth + 1], "__init__.py"]) for depth in range(len(folders))]
        waiting += _imported(ast.parse(source), folders)
    return dict(sorted(found.items()))


def zip_of(sources: dict[str, str]) -> bytes:
    """The modules as a zip without compression, as which Python imports them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sources.items():
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), source)
    return packed.getvalue()


def _imported(tree: ast.AST, folders: list[str]) -> Iterator[str]:
    """The files that may hold what a module of a folder imports from the project."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            above = folders[: len(folders) - node.level + 1] if node.level else []
            module = [*above, *(node.module.split(".") if node.module else ())]
            for target in (module, *([*module, each.name] for each in node.names)):
                yield "/".join(target) + ".py"
                yield "/".join([*target, "__init__.py"])


def _unexplained(source: str) -> str:
    """The module without docstrings and comments; every line keeps its number."""
    lines = source.split("\n")
    for docstring in _docstrings(ast.parse(source)):
        assert docstring.end_lineno is not None
        lines[docstring.lineno - 1] = lines[docstring.lineno - 1][: docstring.col_offset] + '""'
        lines[docstring.lineno : docstring.end_lineno] = [""] * (docstring.end_lineno - docstring.lineno)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _docstrings(tree: ast.AST) -> Iterator[ast.Expr]:
    """Every text that stands alone as a statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node
