"""The books of a backtest side by side on the sheet: each figure, what is left over the other, and of the choice."""

from __future__ import annotations

import pytest

from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.backtest_comparison import compare_run
from xladdin.desk.day.backtesting import run_backtest
from xladdin.desk.read.desk import read_desk

MEASURES = ("Sharpe ratio", "Maximum drawdown", "Annual return", "Turnover")


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_the_sheet_has_the_comparison_and_the_figures_are_those_of_the_backtest(book):
    run = run_backtest(read_desk(book))
    found = compare_run(run)
    jobs.backtest(book, NOW)
    comparison, figures = book.table("BacktestComparison"), book.table("Backtest")
    own = dict(zip(figures.column("Measure"), figures.column("Policy"), strict=True))
    other = dict(zip(figures.column("Measure"), figures.column("EqualWeight"), strict=True))
    rows = {row[1]: row for row in comparison.rows if row[0] == "EqualWeight"}
    for name in MEASURES[:3]:
        assert rows[name][2] == pytest.approx(own[name] - other[name], rel=1e-9, abs=1e-12)
        assert rows[name][3] < rows[name][4]
        assert rows[name][5] in ("not distinguishable", "higher", "lower", "shallower", "deeper")
    assert rows["Sharpe over it"][2] == pytest.approx(found.over["EqualWeight"])
    last = comparison.rows[-1]
    assert last[:3] == ("Each other", "Overfitting", pytest.approx(found.overfitting.probability))
    assert last[5] == "chance that the best one is so by luck"


def test_a_run_too_short_to_compare_says_so(edit, book):
    rows = len(book.table("Prices").rows)
    edit("Window", float(rows - 12))
    report = jobs.backtest(book, NOW)
    assert book.table("BacktestComparison").rows == ()
    assert any("books are not compared: first has too few complete rows" in said for said in report.warnings)
