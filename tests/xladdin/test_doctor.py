"""The doctor: what is amiss is named, with its remedy."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys

import pytest

import core
from xladdin import doctor
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


def test_an_old_or_a_32_bit_python_is_told_which_one_is_needed(monkeypatch):
    remedy = "install a 64-bit Python 3.11 or newer"
    with monkeypatch.context() as old:
        old.setattr(sys, "version_info", (3, 10, 4, "final", 0))
        found = finding("Python")
    assert (found.well, found.remedy) == (False, remedy)
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    found = finding("Python")
    assert (found.well, found.remedy) == (False, remedy)
    assert "32 bits" in found.found


def test_packages_are_those_that_the_installed_distribution_asks_for(monkeypatch):
    asked = ["numpy>=2.0", "no-such-package>=1", 'xlwings==1; sys_platform == "win32"', 'pytest; extra == "dev"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: asked)
    assert finding("numpy") == Finding("numpy", importlib.metadata.version("numpy"), True)
    assert finding("no-such-package") == Finding(
        "no-such-package", "missing", False, "run the installer again, or `python3 install/bootstrap.py demo`"
    )
    assert {"xlwings", "pytest"} & {each.subject for each in examine()} == set()


@pytest.fixture
def from_its_folder(monkeypatch, tmp_path):
    """PerpDesk was never installed as a package; the lock is a small one."""

    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(importlib.metadata, "requires", absent)
    monkeypatch.setattr(doctor, "LOCK", lock)
    return lock


@pytest.mark.parametrize(
    ("pins", "found", "well"),
    [
        (["numpy=={numpy}", "pywin32==312 ; sys_platform == 'win32'"], "2, as tested", True),
        (["numpy==0.1 ; python_version < '3'", "numpy=={numpy} ; python_version > '3'"], "1, as tested", True),
        (["numpy==0.1"], "numpy {numpy} (tested with 0.1)", True),
        (["no-such-package==1.0"], "no-such-package missing (tested with 1.0)", False),
    ],
)
def test_in_its_folder_the_packages_are_held_against_the_lock(from_its_folder, pins, found, well):
    numpy = importlib.metadata.version("numpy")
    from_its_folder.write_text("# a comment\n" + "\n".join(pins).format(numpy=numpy), encoding="utf-8")
    assert (finding("Packages").found, finding("Packages").well) == (found.format(numpy=numpy), well)


@pytest.mark.parametrize("place", [None, "/usr/bin/soffice"])
def test_calc_is_optional(monkeypatch, place):
    monkeypatch.setattr(shutil, "which", lambda name: place)
    found = finding("LibreOffice Calc")
    assert found.well
    assert found.found == (place or "not found (only needed to use PerpDesk in Calc)")


def test_ccxt_is_optional(monkeypatch):
    monkeypatch.setattr("xladdin.doctor._version", lambda name: "")
    found = finding("Live data")
    assert found.well
    assert 'pip install "perpdesk[feeds]"' in found.found
    monkeypatch.setattr("xladdin.doctor._version", lambda name: "9.9" if name == "ccxt" else "")
    assert finding("Live data").found == "ccxt 9.9"
