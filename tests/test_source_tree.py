"""The finder of imports, on which the tests of floors, dependencies and doors stand: they can fail only if it sees."""

from __future__ import annotations

import ast

from tests.source_tree import ROOT, imports_of, module_name


def test_the_import_finder_sees_every_form() -> None:
    source = (
        "import numpy as np\n"
        "from ..market import panel\n"
        "from . import optimize\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import pandas\n"
        "class A:\n    import scipy.linalg\n"
        "def f():\n    from cvxpy import Variable\n"
    )
    found = list(imports_of(ast.parse(source), ("core", "decide")))
    assert [(".".join(each.target), each.relative, each.deferred) for each in found] == [
        ("numpy", False, False),
        ("core.market.panel", True, False),
        ("core.decide.optimize", True, False),
        ("typing.TYPE_CHECKING", False, False),
        ("pandas", False, True),
        ("scipy.linalg", False, False),
        ("cvxpy.Variable", False, True),
    ]
    assert module_name(ROOT / "core" / "market" / "__init__.py") == "core.market"
