"""Verify: the second opinion as a job of the desk, its sheet, and what becomes of it when figures change."""

from __future__ import annotations

import pytest

from core.errors import BookError
from tests.xladdin.desk.conftest import NOW, on_a_file
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.write.display import shown_rows


def verified(book):
    for job in (jobs.rebalance, jobs.hedge, jobs.stress):
        job(book, NOW)
    return jobs.verify(book, NOW)


@on_a_file
def test_the_day_is_verified_and_the_sheet_says_so(book, tmp_path):
    report = verified(book)
    assert report.passed
    assert "none differs" in report.headline
    block = book.table("Verification")
    assert set(block.column("Verdict")) == {"agrees", "not covered"}
    assert all(block.column("Reason"))
    assert book.table("Runs").column("Job")[-1] == "verify"
    assert shown_rows(block, TABLES["Verification"])
    assert book.commit(tmp_path / "verified.xlsx").is_file()


def test_a_figure_that_was_changed_fails_and_is_named_with_both_values(book):
    verified(book)
    stress = book.table("Stress")
    rows = [list(row) for row in stress.rows]
    rows[2][stress.index("PnL")] += 5.0
    book.write_table("Stress", rows)
    report = jobs.verify(book, NOW)
    assert not report.passed
    assert stress.address(2, "PnL") in report.headline
    block = book.table("Verification")
    first = dict(zip(block.header, block.rows[0], strict=True))
    assert (first["Figure"], first["Verdict"]) == ("Stress.PnL", "differs")
    assert abs(first["Desk"] - first["SecondOpinion"] - 5.0) < 1e-6
    assert abs(first["Difference"] - 5.0) < 1e-6


def test_an_opinion_does_not_stay_beside_newer_figures(book):
    verified(book)
    jobs.stress(book, NOW)
    assert book.table("Verification").rows == ()


def test_a_desk_before_its_day_says_that_nothing_is_there(book):
    report = jobs.verify(book, NOW)
    assert report.passed
    assert report.headline.startswith("0 cells")


def test_inputs_that_no_job_can_read_are_refused_in_the_same_words(book):
    verified(book)
    universe = book.table("Universe")
    book.write_table("Universe", [[None] * len(universe.header)])
    for job in (jobs.rebalance, jobs.verify):
        with pytest.raises(BookError, match="table 'Universe' on sheet 'Universe' has no contract"):
            job(book, NOW)
