"""Each module says in `__all__` what is public, and what is public is explained. (Ruff keeps `__all__` sorted.)"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from tests.source_tree import SOURCES, label, module_name

MODULES = [path for path in SOURCES if path.name != "__main__.py" and not path.name.startswith("_")]


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
