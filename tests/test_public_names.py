"""Each module says in `__all__` what is public, and what is public is explained. (Ruff keeps `__all__` sorted.)"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.source_tree import IN_OFFICE, SOURCES, label, module_name

MODULES = [
    path for path in SOURCES if path.name != "__main__.py" and not path.name.startswith("_") and path not in IN_OFFICE
]

FEW_ARGUMENTS = 6
"""As many a reader keeps in mind; of more, each has its own line. (Those of a sheet function carry their help.)"""


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_public_names_exist_once_and_are_explained(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    names = getattr(module, "__all__", None)
    assert names is not None, f"{label(path)} needs __all__"
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(module, name)] == []
    public = {name: getattr(module, name) for name in names}
    unexplained = [
        name
        for name, value in public.items()
        if (inspect.isclass(value) or inspect.isroutine(value)) and not inspect.getdoc(value)
    ]
    assert unexplained == []


def test_a_function_of_many_arguments_lists_each() -> None:
    unlisted = {name for name, function in _core_functions() if _unlisted(function)}
    assert unlisted == set(), "say in lines of 'name: meaning, shape, unit' what each argument is"


def _core_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of core, and the public methods of its public classes."""
    for path in MODULES:
        if not label(path).startswith("core/"):
            continue
        module = importlib.import_module(module_name(path))
        for name in module.__all__:
            value = getattr(module, name)
            members = vars(value) if inspect.isclass(value) else {}
            named = [(name, value), *((f"{name}.{each}", member) for each, member in members.items() if each[0] != "_")]
            for full_name, member in named:
                function = member.__func__ if isinstance(member, classmethod) else member
                if inspect.isfunction(function):
                    yield f"{module.__name__}.{full_name}", function


def _unlisted(function: Callable[..., Any]) -> list[str]:
    """The arguments of a function of many that have no line in its docstring."""
    names = [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]
    if len(names) <= FEW_ARGUMENTS:
        return []
    listed = re.findall(r"^ +(\w+): \S", inspect.getdoc(function) or "", flags=re.MULTILINE)
    return [name for name in names if name not in listed]


def test_the_finder_sees_an_argument_without_a_line() -> None:
    """The test of long signatures can only fail if this one passes."""

    def listed(a: int, b: int, c: int, d: int, e: int, f: int, g: int) -> None:
        """Nothing.

        Args:
            a: one.
            b: `(N,)` two.
            c: three.
            d: four.
            e: five.
            f: six, and g: seven.
        """

    assert _unlisted(listed) == ["g"]
    assert any(name == "core.market.panel.Panel.last" for name, _ in _core_functions())
