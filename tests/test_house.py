"""Rules of the house that neither the linter nor the type checker keeps."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.source_tree import ROOT, SOURCES, label, parsed

LONGEST_FILE = 400
FULLEST_ROOM = 15

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOP_FOLDERS = ("core", "xladdin", "tests", "docs", "install", "workbooks")


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_a_file_is_one_concept_and_not_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("room", sorted({path.parent for path in SOURCES}), ids=label)
def test_a_room_is_not_overfull(room: Path) -> None:
    assert len(list(room.glob("*.py"))) <= FULLEST_ROOM, "a folder within the folder would tell its parts apart"


@pytest.mark.parametrize("path", [path for path in SOURCES if "hosts/command_line" not in label(path)], ids=label)
def test_only_the_command_line_prints(path: Path) -> None:
    printing = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_error_is_swallowed_unseen(path: Path) -> None:
    handlers = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ExceptHandler)]
    bare = [handler.lineno for handler in handlers if handler.type is None]
    silent = [
        handler.lineno
        for handler in handlers
        if ast.unparse(handler.type or ast.Constant(None)) in ("Exception", "BaseException")
        and all(isinstance(statement, ast.Pass) for statement in handler.body)
    ]
    assert (bare, silent) == ([], [])


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=label)
def test_no_test_is_skipped_because_a_package_is_missing(path: Path) -> None:
    """What tests import is declared and locked, so that it is there; one that is not must be seen."""
    skips = [node.lineno for node in ast.walk(parsed(path)) if getattr(node, "attr", "") == "importorskip"]
    assert skips == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_a_place_that_a_document_names_is_there(document: Path) -> None:
    """`core/market`, `desk/jobs`, `tests/test_floors.py`: from the top, or from the top of xladdin."""
    words = re.findall(r"[`(]([\w.]+/[\w./-]+?)[`)#]", document.read_text(encoding="utf-8"))
    rooms = {path.name for path in (ROOT / "xladdin").iterdir() if path.is_dir()}
    places = [word for word in words if word.split("/")[0] in (*TOP_FOLDERS, *rooms)]
    starts = (ROOT, ROOT / "xladdin", document.parent)
    found = [any((start / (place + end)).exists() for start in starts for end in ("", ".py")) for place in places]
    assert [place for place, there in zip(places, found, strict=True) if not there] == []


DATACLASSES_OF_THE_LIBRARY = {"xladdin/feeds/store/key.py": "is ordered", "core/records.py": "makes ours of them"}
"""Files that take `dataclass` from the standard library, beside `second_opinion`, which sees nothing of `core`."""


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_records_are_those_of_core(path: Path) -> None:
    """Each that the standard library makes costs every start most of a millisecond (`core/records.py`)."""
    taken = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and any(name.name == "dataclass" for name in node.names)
    ]
    allowed = label(path) in DATACLASSES_OF_THE_LIBRARY or label(path).startswith("xladdin/second_opinion")
    assert bool(taken) <= allowed, taken
