"""Train: a policy in a file beside the desk, and the sheet Learning, whatever the verdict is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import ArgumentError, BookError
from core.learn.allocation.state import FIGURES
from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.policy_text import policy_of
from xladdin.desk.read.desk import read_desk

UNTIL = "2025-02-20T00:00"


def shortened(desk_content) -> MemoryWorkbook:
    book = MemoryWorkbook(*desk_content)
    book.write_value("Window", 100.0)
    book.write_value("DecideEvery", 5.0)
    return book


@pytest.fixture(scope="module")
def trained(desk_content) -> tuple[MemoryWorkbook, jobs.Report, list[tuple[str, int, int]]]:
    book, told = shortened(desk_content), []
    report = jobs.train(book, NOW, trials=4, until=UNTIL, moved=lambda *how_far: told.append(how_far))
    return book, report, told


def numbers(book, table, column):
    return np.array(book.table(table).column(column), dtype=np.float64)


def test_the_policy_is_a_file_that_settings_name_and_runs_record(trained):
    book, report, _ = trained
    name = book.value("PolicyFile").value
    policy = policy_of(book.beside(name), name)
    assert policy.provenance.trials == 4
    assert policy.provenance.last <= np.datetime64(UNTIL)
    run = dict(zip(book.table("Runs").header, book.table("Runs").rows[-1], strict=True))
    assert run["Job"] == "train"
    assert name in run["Parameters"]
    assert policy.judgement.why in report.headline


def test_the_sheet_has_the_verdict_in_words_and_in_figures(trained):
    book, _, _ = trained
    name = book.value("PolicyFile").value
    judged = policy_of(book.beside(name), name).judgement
    learning = book.table("Learning")
    first = dict(zip(learning.header, learning.rows[0], strict=True))
    assert judged.why in first["Verdict"]
    assert first["Followed"] == ("Y" if judged.kept else "N")
    assert (first["Excess"], first["NeededT"]) == pytest.approx((judged.excess, judged.least_t))
    assert first["T"] == (None if math.isnan(judged.t) else pytest.approx(judged.t))
    assert first["NeededT"] > 2  # four trainings ask for more
    assert [row[0] for row in learning.rows[1:]] == ["premium, ridge", "beta, boosting"]


def test_weights_rule_and_path_are_those_of_the_training(trained):
    book, _, _ = trained
    np.testing.assert_allclose(
        numbers(book, "LearningWeights", "Tilt"),
        numbers(book, "LearningWeights", "Tilted") - numbers(book, "LearningWeights", "Base"),
        atol=1e-15,
    )
    assert len(book.table("LearningRule").rows) == len(FIGURES)
    path = numbers(book, "LearningPath", "Excess")
    assert path[0] == 0
    days = numbers(book, "Learning", "Judged")[0]
    assert path.size > days / 5


def test_importance_and_dependence_are_shown_by_target(trained):
    book, _, _ = trained
    importance = book.table("LearningImportance")
    assert set(importance.column("Target")) == {"premium", "beta"}
    brings = [row[2] for row in importance.rows if row[0] == "premium"]
    assert brings == sorted(brings, reverse=True)
    dependence = book.table("LearningDependence")
    assert len({(row[0], row[2], row[4]) for row in dependence.rows}) == len(dependence.rows)


def test_it_tells_how_far_it_is(trained):
    _, _, told = trained
    doing = list(dict.fromkeys(what for what, _, _ in told))
    assert doing == [
        *("the base through the history", "the search for a tilt"),
        *("the study of premium", "the study of beta"),
    ]


def test_a_person_who_stops_it_leaves_the_desk_as_it_was(desk_content):
    book = shortened(desk_content)

    def stop(doing, done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.train(book, NOW, until=UNTIL, moved=stop)
    assert not book.table("Learning").rows
    assert book.value("PolicyFile").value is None


def test_check_says_when_the_inputs_have_changed_since(trained):
    book, _, _ = trained
    checks = {row[0]: row[1] for row in book.table("Checks").rows}
    assert checks["Learning belongs to today's inputs"] == "OK"
    book.write_value("Model", "reinforced")
    jobs.check(book, NOW)
    checks = {row[0]: row[1] for row in book.table("Checks").rows}
    assert checks["Learning belongs to today's inputs"] == "OK", "the file that came of it is no change of its inputs"
    book.write_value("Model", "classical")
    before = book.value("RiskAversion").value
    book.write_value("RiskAversion", 7.0)
    jobs.check(book, NOW)
    assert {row[0]: row[1] for row in book.table("Checks").rows}["Learning belongs to today's inputs"] == "WARN"
    book.write_value("RiskAversion", before)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"algorithm": "ppo"}, ArgumentError, "algorithm 'ppo' is not known"),
        ({"trials": 0}, ArgumentError, "trials is 0"),
        ({"until": "2025-01-01"}, BookError, "train up to a later close|does not fill the window|too short"),
    ],
)
def test_what_cannot_be_trained_is_refused(desk_content, asked, error, words):
    book = shortened(desk_content)
    with pytest.raises(error, match=words):
        jobs.train(book, NOW, **{"until": UNTIL} | asked)
    assert not book.table("Learning").rows
    assert read_desk(book).settings.policy_file is None
