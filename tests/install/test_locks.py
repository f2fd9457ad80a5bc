"""The locks hold what pyproject.toml asks for, in exact versions, for every system that PerpDesk runs on."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.source_tree import ROOT

RUNTIME = ROOT / "install" / "requirements.lock"
DEVELOPMENT = ROOT / "install" / "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SYSTEMS = {
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
}
PYTHONS = ("3.11", "3.12", "3.13")
PLACES = [
    pytest.param(
        {
            **marks,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        },
        id=f"{system}-{python}",
    )
    for system, marks in SYSTEMS.items()
    for python in PYTHONS
]


def pins(lock: Path) -> list[Requirement]:
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def versions(lock: Path, place: dict[str, str]) -> dict[str, str]:
    """What the lock installs at one place: a name and one version each."""
    found = defaultdict(list)
    for pin in pins(lock):
        if pin.marker is None or pin.marker.evaluate(place):
            found[canonicalize_name(pin.name)].append(str(pin.specifier).removeprefix("=="))
    assert {name: several for name, several in found.items() if len(several) > 1} == {}
    return {name: version for name, (version,) in found.items()}


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=lambda lock: lock.name)
def test_a_lock_is_exact_and_names_no_index(lock: Path) -> None:
    assert [str(pin) for pin in pins(lock) if [each.operator for each in pin.specifier] != ["=="]] == []
    assert [str(pin) for pin in pins(lock) if pin.url] == []
    assert "://" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("lock", "asked"),
    [
        (RUNTIME, PROJECT["dependencies"]),
        (DEVELOPMENT, sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])),
    ],
    ids=["runtime", "development"],
)
def test_a_lock_meets_what_the_project_asks_for(lock: Path, asked: list[str], place: dict[str, str]) -> None:
    held = versions(lock, place)
    wanted = [Requirement(line) for line in asked]
    unmet = [
        str(each)
        for each in wanted
        if (each.marker is None or each.marker.evaluate(place))
        and not each.specifier.contains(held.get(canonicalize_name(each.name), "0"))
    ]
    assert unmet == [], "pyproject.toml has changed; run: python install/lock.py"


@pytest.mark.parametrize("place", PLACES)
def test_the_development_lock_adds_to_the_runtime_lock_and_changes_nothing(place: dict[str, str]) -> None:
    assert versions(RUNTIME, place).items() <= versions(DEVELOPMENT, place).items()


def test_excel_comes_only_where_there_is_excel() -> None:
    excel = {place.id for place in PLACES if "xlwings" in versions(RUNTIME, place.values[0])}
    assert excel == {f"{system}-{python}" for system in ("Windows", "macOS") for python in PYTHONS}
