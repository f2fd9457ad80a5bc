"""Who may import whom. Data takes one way through the house, and imports only ever look down.

In core: errors, records, units, tolerances, checks, choices < numeric < market < estimate < learn < decide < verify.
In xladdin: the catalogue and its helpers < functions; books and feeds < desk < the roof (hosts).
Inside a folder its rooms stand on floors of their own.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import ROOT, SOURCES, imports, label, module_name, parsed

GROUND_FLOOR = ("errors", "arrays", "records", "units", "tolerances", "checks", "choices")
CORE_FLOORS = (GROUND_FLOOR, ("numeric",), ("market",), ("estimate",), ("learn",), ("decide",), ("verify",))
CORE_HEIGHT = {name: height for height, names in enumerate(CORE_FLOORS) for name in names}

GROUND = {"catalog", "cells", "kinds", "plausible", "reasons", "results", "see_also", "symbols", "version"}
PACKAGE = "__init__"
DESK_SEES = GROUND | {PACKAGE, "functions", "books", "feeds", "second_opinion", "desk"}
XLADDIN_MAY_IMPORT = {
    **dict.fromkeys(GROUND, GROUND),
    PACKAGE: GROUND | {"functions"},
    "functions": GROUND | {"functions"},
    "books": GROUND | {"books"},
    "feeds": GROUND | {"books", "feeds"},
    "second_opinion": {"books", "second_opinion"},
    "desk": DESK_SEES,
    "sweep": DESK_SEES | {"sweep"},
    "examples": DESK_SEES | {"examples"},
    "doctor": DESK_SEES | {"doctor"},
    "hosts": DESK_SEES | {"sweep", "examples", "doctor", "hosts"},
}

Floors = tuple[tuple[str, ...], ...]

ROOM_FLOORS = {
    "core/numeric": (("quadratic",), ("critical_line",)),
    "core/estimate": (("beta",), ("covariance",), ("volatility",), ("premium", "funding")),
    "core/decide": (("limits", "hedge", "size"), ("portfolio",), ("policy",)),
    "core/decide/portfolio": (("objectives",), ("optimize", "shadow_prices"), ("frontier",)),
    "core/decide/policy": (("learned",), ("around",), ("learned_on_paper",), ("learned_premia",), ("named",)),
    "core/verify": (("path", "performance", "risk"), ("stress", "simulate", "walk"), ("backtest",)),
    "xladdin/feeds": (
        ("tables", "store"),
        ("names", "funding", "venue"),
        ("layouts", "quote_volume"),
        ("series", "folder"),
        ("small_tables", "volumes", "account"),
        ("files", "exchange", "export"),
    ),
    "xladdin/books": (
        ("xlsx",),
        ("live", "remarks", "target"),
        ("beside", "calc"),
        ("calc_book", "file_book", "live_book"),
    ),
    "xladdin/books/xlsx": (
        ("archive", "rows"),
        ("formulas", "package"),
        ("shared", "table"),
        ("sheet",),
        ("series", "workbook"),
        ("captions", "followers"),
        ("caches",),
        ("proof",),
        ("patch",),
    ),
    "xladdin/second_opinion": (
        ("inferred",),
        ("decided",),
        ("stressed", "walked"),
        ("risked",),
        ("held",),
        ("opinion",),
    ),
    "xladdin/examples": (("declared",), ("sheets",)),
    "xladdin/hosts/command_line": (
        ("told",),
        ("pages",),
        ("typed",),
        ("runs", "installation", "completion"),
        ("commands",),
        ("cli",),
    ),
    "xladdin/desk": (
        ("layout",),
        ("read",),
        ("day",),
        ("write",),
        ("jobs",),
        ("account_jobs", "watch", "template", "report", "going_on"),
    ),
}
"""Rooms of a folder from the ground up; files that are not named stand on its ground. Rooms of one floor are apart."""

LIGHT = {"numpy"}
"""Packages from outside that core may import as a module loads: they are on the way to the first answer."""

IMPURE = {
    *(
        "datetime",
        "io",
        "logging",
        "os",
        "pathlib",
        "random",
        "shutil",
        "socket",
        "subprocess",
        "tempfile",
        "threading",
    ),
    *("time", "urllib", "http", "requests", "pandas", "openpyxl", "rich"),
}
"""What core imports nowhere: files, network, clock, hidden randomness, tables with labels."""

HEAVY = {
    "clarabel",
    "cvxpy",
    "lxml",
    "numba",
    "openpyxl",
    "pandas",
    "piqp",
    "rich",
    "scipy",
    "sklearn",
}


def _part(target: tuple[str, ...]) -> str:
    """The part of its package that a target belongs to: market, books ... or the package itself."""
    name = target[1] if len(target) > 1 else PACKAGE
    inside = ROOT / target[0] / name
    return name if inside.is_dir() or inside.with_suffix(".py").is_file() else PACKAGE


def _own_part(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1]


CORE = [path for path in SOURCES if label(path).startswith("core/")]
XLADDIN = [path for path in SOURCES if label(path).startswith("xladdin/")]
FUNCTIONS = [path for path in XLADDIN if _own_part(path) == "functions"]


@pytest.mark.parametrize("path", CORE, ids=label)
def test_core_imports_itself_relatively_and_nothing_of_xladdin(path: Path) -> None:
    wrong = [each for each in imports(path) if each.target[0] in ("core", "xladdin") and not each.relative]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in CORE if _own_part(path) != PACKAGE], ids=label)
def test_core_imports_look_down(path: Path) -> None:
    height = CORE_HEIGHT[_own_part(path)]
    wrong = [
        each for each in imports(path) if each.relative and CORE_HEIGHT.get(_part(each.target), sys.maxsize) > height
    ]
    assert wrong == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_rooms_look_down(path: Path) -> None:
    wrong = [
        each
        for folder, floors in ROOM_FLOORS.items()
        for each in imports(path)
        if _runs_up(path.relative_to(ROOT).with_suffix("").parts, each.target, tuple(folder.split("/")), floors)
    ]
    assert wrong == []


def _runs_up(source: tuple[str, ...], target: tuple[str, ...], folder: tuple[str, ...], floors: Floors) -> bool:
    depth = len(folder)
    if source[:depth] != folder or target[:depth] != folder or len(target) <= depth:
        return False
    heights = {room: height for height, rooms in enumerate(floors, start=1) for room in rooms}
    own, other = source[depth], target[depth]
    return own != other and heights.get(other, 0) >= max(heights.get(own, 0), 1)


def test_no_two_modules_need_each_other() -> None:
    """No way along imports leads back to where it began, those of functions and of the type checker included."""
    modules = {module_name(path) for path in SOURCES}
    needs = {module_name(path): {_module(each.target, modules) for each in imports(path)} for path in SOURCES}
    assert _circle(needs) == []


def _module(target: tuple[str, ...], modules: set[str]) -> str:
    """The module of ours that an import opens: `a.b` and its name `c` open `a.b.c` where that is a module."""
    ways = (".".join(target[:length]) for length in range(len(target), 0, -1))
    return next((name for name in ways if name in modules), "")


def _circle(needs: dict[str, set[str]]) -> list[str]:
    """What is left once every module has gone that needs nothing of what is left: circles, and what needs one."""
    left = dict(needs)
    while free := [name for name, others in left.items() if not (others - {name}) & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_the_search_for_circles_sees_one() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == ["a", "b", "c"]
    assert _circle({"a": {"b", "c"}, "b": {"c"}, "c": {""}}) == []
    assert _module(("core", "market", "panel", "Panel"), {"core", "core.market", "core.market.panel"}) == (
        "core.market.panel"
    )


def test_every_room_stands_on_a_floor_and_says_what_it_is_for() -> None:
    rooms = {label(path.parent) for path in SOURCES if path.parent != ROOT and len(path.relative_to(ROOT).parts) > 2}
    for folder, floors in ROOM_FLOORS.items():
        inside = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and (path / "__init__.py").is_file()}
        assert inside <= {room for floor in floors for room in floor}, f"say in ROOM_FLOORS where in {folder} it stands"
    assert [room for room in rooms if not ast.get_docstring(parsed(ROOT / room / "__init__.py"))] == []


@pytest.mark.parametrize("path", CORE, ids=label)
def test_core_loads_only_light_packages(path: Path) -> None:
    loaded = {each.target[0] for each in imports(path) if not each.relative and not each.deferred}
    assert loaded - LIGHT - sys.stdlib_module_names == set()


@pytest.mark.parametrize("path", CORE, ids=label)
def test_core_touches_no_files_network_clock_or_tables(path: Path) -> None:
    assert {each.target[0] for each in imports(path)} & IMPURE == set()
    calls = {node.func.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and hasattr(node.func, "id")}
    assert calls & {"open", "input", "print"} == set()


@pytest.mark.parametrize("path", XLADDIN, ids=label)
def test_xladdin_imports_look_down(path: Path) -> None:
    part = _own_part(path)
    assert part in XLADDIN_MAY_IMPORT, f"say in XLADDIN_MAY_IMPORT what xladdin/{part} may import"
    wrong = [
        each
        for each in imports(path)
        if each.target[0] == "xladdin" and _part(each.target) not in XLADDIN_MAY_IMPORT[part]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FUNCTIONS, ids=label)
def test_functions_are_thin(path: Path) -> None:
    """They declare, convert and call core: no package from outside is needed for that."""
    outside = {each.target[0] for each in imports(path)} - {"core", "xladdin"} - sys.stdlib_module_names
    assert outside == set()


@pytest.mark.parametrize(
    "first_answer",
    [
        "from core.decide.portfolio.optimize import optimize; optimize([0.1, 0.2], [[0.04, 0.01], [0.01, 0.09]])",
        "import xladdin; answer = xladdin.call('PERP_OPTIMIZE', ((0.1, 0.2),), ((0.04, 0.01), (0.01, 0.09)));"
        "assert abs(sum(answer[0]) - 1) < 1e-9, answer",
    ],
    ids=["core", "cell"],
)
def test_first_optimum_of_a_fresh_process_loads_nothing_heavy(first_answer: str) -> None:
    script = f"{first_answer}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    process = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert set(process.stdout.split()) & HEAVY == set()


@pytest.mark.parametrize("folder", ROOM_FLOORS)
def test_the_floors_are_those_that_contributing_tells(folder: str) -> None:
    floors = " < ".join(", ".join(f"`{room}`" for room in floor) for floor in ROOM_FLOORS[folder])
    row = f"| `{folder}` | {floors} |"
    assert row in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines(), f"CONTRIBUTING.md needs: {row}"
