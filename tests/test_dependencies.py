"""What pyproject.toml declares is what the code imports, and the other way round; each exception has its reason."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.source_tree import IN_OFFICE, PACKAGES, ROOT, SOURCES, imports

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ON_WINDOWS = {ROOT / "tests" / "wine" / name for name in ("check_installation.py", "check_server.py", "client.py")}
"""Run by Windows' Python, with the packages that .ci/wine gives it."""

IN_PYTHON = tuple(sorted(set(SOURCES) - set(IN_OFFICE)))
TESTS = tuple(sorted(set((ROOT / "tests").rglob("*.py")) - ON_WINDOWS - {ROOT / "tests" / "calc_driver.py"}))

DISTRIBUTION_OF = {"markdown_it": "markdown-it-py", "pypfopt": "pyportfolioopt", "sklearn": "scikit-learn"}
"""Imported under one name, published under another."""

TOOLS = {
    "hatchling": "run to build the wheel",
    "lxml-stubs": "read by mypy",
    "mypy": "run by `check`",
    "pandas-stubs": "read by mypy",
    "pytest-cov": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "run by `check`",
    "types-openpyxl": "read by mypy",
}
"""Declared for development although no test imports it."""

PEERS = {"bottleneck", "cvxportfolio", "numbagg", "vectorbt"}
"""Compared with by the benchmarks where somebody has installed them; nothing stands on their answers."""


def declared(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported(files: tuple[Path, ...]) -> set[str]:
    """The packages from outside that files import, anywhere in them, by the names under which they are published."""
    names = {each.target[0] for path in files for each in imports(path) if not each.relative}
    outside = names - {*PACKAGES, "tests"} - sys.stdlib_module_names
    return {DISTRIBUTION_OF.get(name, canonicalize_name(name)) for name in outside}


RUNTIME = declared(PROJECT["dependencies"])
OPTIONAL = {name: declared(lines) for name, lines in EXTRAS.items() if name != "dev"}
DEVELOPMENT = declared(EXTRAS["dev"])


def test_what_the_packages_import_is_declared() -> None:
    assert imported(IN_PYTHON) - RUNTIME - set().union(*OPTIONAL.values()) == set()


def test_what_is_declared_at_run_time_is_imported() -> None:
    assert RUNTIME - imported(IN_PYTHON) == set()


def test_every_extra_serves_a_part_that_exists() -> None:
    assert {name: unused for name, extra in OPTIONAL.items() if (unused := extra - imported(IN_PYTHON))} == {}


def test_what_the_tests_import_is_declared() -> None:
    assert imported(TESTS) - RUNTIME - DEVELOPMENT - set().union(*OPTIONAL.values()) == PEERS


def test_what_is_declared_for_development_is_imported_or_a_tool() -> None:
    assert DEVELOPMENT - imported(TESTS) == set(TOOLS)


def test_nothing_is_declared_twice() -> None:
    """One name may stand twice for different systems."""
    lines = [Requirement(line) for group in (PROJECT["dependencies"], *EXTRAS.values()) for line in group]
    declared_for = [(canonicalize_name(line.name), str(line.marker)) for line in lines]
    assert len(set(declared_for)) == len(declared_for)
