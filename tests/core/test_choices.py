"""What may be chosen is named once: whoever needs the names takes them from `choices`, and nobody hands them on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core import choices
from tests.source_tree import ROOT

NAMES = set(choices.__all__)

FILES = sorted(
    path
    for folder in ("core", "xladdin", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "choices.py"
)


def borrowed(path: Path) -> list[str]:
    """Names of choices that a file takes from elsewhere, calls otherwise, or offers as its own."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] != "choices":
            found += [each.name for each in node.names if each.name in NAMES]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in NAMES:
            found.append(node.value.id)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found += sorted(NAMES & set(ast.literal_eval(node.value)))
    return found


@pytest.mark.parametrize("folder", ["core", "xladdin", "tests"])
def test_names_of_what_may_be_chosen_come_from_where_they_stand(folder: str) -> None:
    files = [path for path in FILES if path.is_relative_to(ROOT / folder)]
    assert len(files) > 100
    wrong = {str(path.relative_to(ROOT)): names for path in files if (names := borrowed(path))}
    assert wrong == {}


def test_a_name_that_is_handed_on_is_found(tmp_path: Path) -> None:
    path = tmp_path / "methods.py"
    path.write_text(
        "from core.decide.policy.named import POLICIES\nMETHODS = SIMULATIONS\n__all__ = ['AIMS', 'estimate']\n",
        encoding="utf-8",
    )
    assert borrowed(path) == ["POLICIES", "SIMULATIONS", "AIMS"]
