"""One number everywhere: each figure of the desk is the same through each door; `pytest -s` prints doors by figures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calc_office import Document, Office
from tests.one_number import doors
from tests.one_number.figures import RESULTS, how_far, table_of_doors
from tests.one_number.through_excel import through_excel
from tests.source_tree import ROOT
from tests.xladdin.hosts.excel.conftest import as_on_windows

NEAR = 1e-9
"""In another process loops are compiled after a while: a search for a likelihood then ends one rounding elsewhere."""

FURTHEST = {f"Verification[{column}]" for column in ("Desk", "SecondOpinion", "Difference", "Tolerance")}
"""Of the cell that is furthest from its second opinion: which one that is, a last bit decides."""

MONITORED = 1e-12

WITHOUT_FIGURES = {
    *("HedgeFactors", "BacktestLiquidations", "SweepSummary", "Sweep", "SweepMap", "Learning", "LearningWeights"),
    *("LearningRule", "LearningImportance", "LearningDependence", "LearningPath", "HedgeChoice", "HedgeOptions"),
}
"""Tables of results that the jobs of the sample desk leave without a number."""


@pytest.mark.calc
def test_every_figure_is_the_same_through_every_door(calc_office: Office, tmp_path: Path) -> None:
    def copy(door: str) -> Path:
        (tmp_path / door).mkdir()
        return Path(shutil.copy(ROOT / "workbooks" / "PerpDesk.xlsx", tmp_path / door / "desk.xlsx"))

    found = {
        "file": doors.file_job(copy("file")),
        "Python": doors.python(copy("python")),
        "command line": doors.command_line(copy("line")),
        "live workbook": doors.live_workbook(copy("live")),
    }
    found["Calc document"], document = doors.calc_document(calc_office, copy("calc"))
    print(f"\n{table_of_doors(found)}")
    figures = found["file"]
    tables = {name.split("[")[0].split(":")[0] for name in figures}
    assert tables == {table.name for table in RESULTS} - WITHOUT_FIGURES
    for door, others in found.items():
        assert others.keys() == figures.keys(), door
        if door != "Calc document":
            assert others == figures, door
    calc = found["Calc document"]
    far = {name: how_far(values, calc[name]) for name, values in figures.items() if name not in FURTHEST}
    assert {name: apart for name, apart in far.items() if apart > NEAR} == {}
    watched = list(monitored(document))
    print(f"\n{'Monitor':40}{'Excel path':>24}{'Calc cell':>24}{'run':>24}")
    print("\n".join(f"{label:40}{excel!s:>24}{calc!s:>24}{run!s:>24}" for label, excel, calc, run in watched))
    assert len(watched) >= 12
    for label, excel, calc, run in watched:
        assert calc == pytest.approx(excel, MONITORED, MONITORED), label
        assert run in ("", pytest.approx(excel, 1e-6, 1e-9)), label
    document.close()


def monitored(document: Document) -> Iterator[tuple[str, Any, Any, Any]]:
    """What each formula of Monitor watches, and its figure: by Excel's server, in the Calc cell, of the run."""
    document.recalculate()
    values, formulas = document.everything()["Monitor"]
    with as_on_windows() as windows:
        server = windows.com_server.XLPython()

        def ask(name: str, *cells: object) -> object:
            where = "[desk.xlsx]Monitor!A1"
            return server.CallUDF("xladdin.hosts.excel.udfs", "answer", (where, name, *cells))

        for shown, texts in zip(values, formulas, strict=True):
            for column, text in enumerate(texts):
                if text.startswith("{") and "PERP_" in text:
                    yield (
                        f"{shown[2]} {shown[3]}",
                        through_excel(document, "Monitor", text, ask),
                        shown[column],
                        shown[column + 1],
                    )


def test_a_figure_that_differs_or_lacks_shows() -> None:
    """The test of the doors can only fail if this one passes."""
    one = {"Weights[Final]": (0.5, 0.25), "Hedge[Beta]": (1.0,)}
    assert table_of_doors({"file": one, "Calc": {"Weights[Final]": (0.5, 0.25000025)}}).splitlines()[1:] == [
        f"{'Weights[Final]':44}{2:7}{'is':>14}{'1e-06':>14}",
        f"{'Hedge[Beta]':44}{1:7}{'is':>14}{'inf':>14}",
    ]
    assert how_far((1.0, 0.0), (1.0, 1e-14)) == 0
    assert how_far((1.0,), (-1.0,)) == 2
