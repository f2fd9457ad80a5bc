"""What the buttons of the ribbon ask, through xlwings' own CallUDF."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from lxml import etree

from core.errors import BookError
from xladdin import catalog
from xladdin.hosts.guide.browser import FUNCTIONS
from xladdin.reasons import reasons
from xladdin.version import __version__

BUTTONS = "xladdin.hosts.excel.buttons"


@pytest.fixture
def ask(windows_xlwings: SimpleNamespace):
    server = windows_xlwings.com_server.XLPython()
    return lambda function, *arguments: server.CallUDF(BUTTONS, function, arguments)


@pytest.fixture
def macros(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The jobs, in place of those that need an Excel."""
    found = ModuleType("xladdin.hosts.excel.macros")
    monkeypatch.setitem(sys.modules, found.__name__, found)
    return found


def test_a_job_runs_on_the_workbook_that_excel_hands_over(
    ask, macros: ModuleType, windows_xlwings: SimpleNamespace
) -> None:
    handed = windows_xlwings.udfs.Dispatch(SimpleNamespace(Name="desk.xlsx"))
    macros.run = lambda name, book: f"{name} on {book.name}: done"
    assert ask("job", "rebalance", handed) == "rebalance on desk.xlsx: done"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (BookError("Settings!B3 is blank; enter the equity"), "Settings!B3 is blank; enter the equity"),
        (KeyError("x"), "job failed inside PerpDesk (KeyError: 'x'); please report it"),
    ],
)
def test_a_refusal_is_a_sentence(ask, macros: ModuleType, error: Exception, message: str) -> None:
    def run(name: str, book: object) -> str:
        raise error

    macros.run = run
    assert ask("job", "hedge", SimpleNamespace()) == message


def test_the_reason_of_a_cell_is_told(ask) -> None:
    reasons.record("beta is missing", "[Book1]Sheet1!$A$1")
    assert ask("why", "[Book1]Sheet1!$A$1") == "beta is missing"


def test_the_doctor_says_that_all_is_well_or_what_to_mend(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from xladdin import doctor

    well = doctor.Finding("Python", "3.11", True)
    monkeypatch.setattr(doctor, "examine", lambda: [well])
    assert ask("doctor") == "All is well.\nPython: 3.11"
    monkeypatch.setattr(doctor, "examine", lambda: [well, doctor.Finding("daqp", "missing", False, "install it")])
    assert ask("doctor") == "daqp: missing. install it"


def test_an_example_desk_is_made_once(ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xladdin.desk.template import shipped

    made: list[Path] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(shipped, "new_desk", lambda path: (made.append(path), path.touch()))
    assert ask("example_desk") == ask("example_desk") == str(made[0])
    assert len(made) == 1
    assert made[0].suffix == ".xlsx"


@pytest.mark.skipif(os.name == "nt", reason="Windows has a folder for each user's files that can be made again")
def test_what_another_user_of_the_machine_has_put_there_is_not_opened(
    ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xladdin.desk.template import shipped

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(shipped, "new_desk", lambda path: path.touch())
    mine = Path(ask("example_desk")).parent
    assert mine.stat().st_mode & 0o077 == 0, "nobody else may write there"
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    mine.rename(mine.with_name(f"PerpDesk-{__version__}-{other}"))
    theirs, apart = {path.name for path in tmp_path.iterdir()}, Path(ask("example_desk")).parent
    assert apart.name not in theirs
    assert apart.stat().st_mode & 0o077 == 0


def test_the_examples_are_made_once_and_lead_to_the_guide_beside_them(
    ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xladdin.examples.sheets import build

    made: list[str] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(build, "build_examples", lambda path, guide: (made.append(guide), path.touch()))
    path = Path(ask("examples"))
    assert ask("examples") == str(path)
    assert path.name == build.EXAMPLES_FILE
    assert made == [f"guide/{FUNCTIONS}"]
    assert (path.parent / "guide" / "functions.html").is_file()


def test_help_opens_the_guide_with_every_function_and_argument(
    ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first = Path(ask("help_page"))
    assert "The guide" in first.read_text(encoding="utf-8")
    tree = etree.fromstring((first.parent / "functions.html").read_bytes(), etree.HTMLParser(encoding="utf-8"))
    for spec in catalog.functions():
        (heading,) = tree.xpath(f"//h3[@id='{spec.name.lower()}']")
        assert heading.getnext().findtext("code") == spec.signature
        assert heading.getnext().getnext().text == spec.summary
