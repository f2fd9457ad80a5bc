"""The project's own source files, for the tests that keep the house in order."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "xladdin")

SOURCES = tuple(sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")))

IN_OFFICE = tuple(ROOT / "xladdin/hosts/calc/extension" / name for name in ("blanks.py", "component.py", "document.py"))
"""What only LibreOffice's own Python can import, which alone has `uno`; the tests marked `calc` run it."""


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def label(path: Path) -> str:
    """How a file is called in a test's name: core/market/returns.py."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """The dotted name of a file: core.market.returns, or core.market for its __init__."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True)
class Import:
    """One imported name, dotted and absolute, and how it stands in the file."""

    target: tuple[str, ...]
    line: int
    relative: bool
    deferred: bool
    """Inside a function, or for the type checker only: not run as the module loads."""


@functools.cache
def imports(path: Path) -> tuple[Import, ...]:
    """Everything that a file imports."""
    return tuple(imports_of(parsed(path), path.parent.relative_to(ROOT).parts))


def imports_of(node: ast.AST, package: tuple[str, ...], deferred: bool = False) -> Iterator[Import]:
    """Everything imported under a node of the syntax tree of a file in `package`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(tuple(alias.name.split(".")), child.lineno, False, deferred)
        elif isinstance(child, ast.ImportFrom):
            above = package[: len(package) - child.level + 1] if child.level else ()
            for alias in child.names:
                target = (*above, *(child.module.split(".") if child.module else ()), alias.name)
                yield Import(target, child.lineno, child.level > 0, deferred)
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from imports_of(child, package, deferred or later or for_types)
