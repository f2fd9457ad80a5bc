"""The calls that fill the cache meet every compiled loop of the core, without a word."""

from __future__ import annotations

import ast
import importlib
import warnings

import numba
import pytest

from core.numeric.compiled import compiled
from tests.source_tree import SOURCES, label, module_name, parsed
from xladdin.hosts import compiled_loops
from xladdin.reasons import reasons


def loops_of_core() -> set[str]:
    """Names of the functions that stand in `compiled(...)` anywhere in core."""
    return {
        getattr(importlib.import_module(module_name(path)), node.args[0].id).__name__.lstrip("_")
        for path in SOURCES
        if label(path).startswith("core/") and path.name != "compiled.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "compiled"
    }


def test_every_loop_is_met_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    met: set[str] = set()
    real = numba.njit

    def watched(*plain, **options):
        if plain:  # numba compiles parts of itself as it goes
            return real(*plain, **options)

        def compile_loop(loop):
            met.add(loop.__name__.lstrip("_"))
            return real(**options)(loop)

        return compile_loop

    monkeypatch.setattr(numba, "njit", watched)
    compiled.cache_clear()
    reasons.record("untouched", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled_loops.main()
    assert loops_of_core() - met == set(), "give `compiled_loops` a call that meets them"
    assert reasons.why() == "untouched"
