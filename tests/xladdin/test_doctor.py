"""The doctor: what is amiss is named, with its remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sys

import pytest

import core
from xladdin.doctor import Finding, examine


def finding(subject: str) -> Finding:
    (found,) = [each for each in examine() if each.subject == subject]
    return found


def test_all_is_well_where_the_tests_run():
    assert [each for each in examine() if not each.well] == []


def test_another_core_is_named_with_its_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(core, "__file__", str(tmp_path / "core" / "__init__.py"))
    found = finding("PerpDesk's core")
    assert not found.well
    assert found.remedy == f"another package named core is in the way: {tmp_path / 'core'}"


def test_an_old_python_is_told_which_one_is_needed(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    found = finding("Python")
    assert (found.well, found.remedy) == (False, "install Python 3.11 or newer")


def test_packages_are_those_that_the_installed_distribution_asks_for(monkeypatch):
    asked = ["numpy>=2.0", "no-such-package>=1", 'xlwings==1; sys_platform == "win32"', 'pytest; extra == "dev"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: asked)
    assert finding("numpy") == Finding("numpy", importlib.metadata.version("numpy"), True)
    assert finding("no-such-package") == Finding(
        "no-such-package", "missing", False, "run `python3 install/bootstrap.py demo` again"
    )
    assert {"xlwings", "pytest"} & {each.subject for each in examine()} == set()


def test_a_folder_that_was_never_installed_is_well(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", absent)
    assert finding("Installation") == Finding("Installation", "run from its folder", True)


@pytest.mark.parametrize("place", [None, "/usr/bin/soffice"])
def test_calc_is_optional(monkeypatch, place):
    monkeypatch.setattr(shutil, "which", lambda name: place)
    found = finding("LibreOffice Calc")
    assert found.well
    assert found.found == (place or "not found (only needed to use PerpDesk in Calc)")


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
@pytest.mark.parametrize("there", [True, False])
def test_where_there_is_excel_xlwings_must_be_there(monkeypatch, system, there):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if there else None)
    found = finding("xlwings for Excel")
    assert (found.well, found.found) == (there, "installed" if there else "missing")


def test_where_there_is_none_xlwings_is_not_missed(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert finding("Excel").well
