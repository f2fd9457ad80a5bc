"""openpyxl's tokenizer of formulas without the rest of openpyxl: loading that takes longer than reading a desk."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["Token", "Tokenizer"]


def _tokenizer() -> ModuleType:
    """Its module, from its file alone, which needs nothing of its package.

    Where the package is loaded already, or has its files elsewhere, the module as anybody imports it.
    """
    package = None if "openpyxl" in sys.modules else importlib.util.find_spec("openpyxl")
    if package is not None and package.submodule_search_locations:
        file = Path(package.submodule_search_locations[0], "formula", "tokenizer.py")
        spec = importlib.util.spec_from_file_location(f"{__name__}.alone", file) if file.is_file() else None
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return importlib.import_module("openpyxl.formula.tokenizer")


if TYPE_CHECKING:
    from openpyxl.formula.tokenizer import Token, Tokenizer
else:
    _MODULE = _tokenizer()
    Token, Tokenizer = _MODULE.Token, _MODULE.Tokenizer
