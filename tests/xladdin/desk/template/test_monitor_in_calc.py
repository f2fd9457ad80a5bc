"""LibreOffice computes the Monitor of the desk that ships: every live figure is that of the run."""

from __future__ import annotations

import pytest

from tests.calc_office import Office
from tests.source_tree import ROOT
from xladdin.desk.layout.sheets import BODY_ROW
from xladdin.desk.template.monitor import FIGURES

LIVE, RUN, STATUS = 4, 5, 7


@pytest.mark.calc
def test_every_live_figure_is_that_of_the_run(calc_office: Office) -> None:
    document = calc_office.open(ROOT / "workbooks" / "PerpDesk.xlsx")
    document.recalculate()
    rows = document.everything()["Monitor"][0][BODY_ROW - 1 : BODY_ROW - 1 + len(FIGURES)]
    document.close()
    assert [row[STATUS] for row in rows] == ["ok"] * len(FIGURES)
    assert [row[LIVE] for row in rows] == pytest.approx([row[RUN] for row in rows], rel=1e-12)
