"""Model reinforced on the desk: trained on its own history, followed behind its guard, judged on later rows alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from core.errors import BookError
from core.learn.allocation.tilt import RULE_SHAPE, TiltRule
from tests.trained_policy import KEPT, REFUSED
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.past.training import Trained, learning_environment, train_policy
from xladdin.desk.policy_text import written_policy
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings

WINDOW, EVERY = 100.0, 5.0
UNTIL = datetime(2025, 2, 20)
THETA = np.random.default_rng(3).normal(size=RULE_SHAPE)


def shorten(book) -> None:
    book.write_value("Window", WINDOW)
    book.write_value("DecideEvery", EVERY)


@pytest.fixture(scope="module")
def trained(desk_content) -> Trained:
    from tests.memory_workbook import MemoryWorkbook

    book = MemoryWorkbook(*desk_content)
    shorten(book)
    with heard_warnings():
        return train_policy(read_desk(book), until=UNTIL)


@pytest.fixture
def follow(book, trained):
    """Puts the policy on the desk, with a rule and a judgement that are made up."""

    def put(judgement=KEPT, **origin):
        rule = TiltRule(THETA, trained.policy.rule.scales)
        policy = replace(trained.policy, judgement=judgement, rule=rule)
        policy = replace(policy, provenance=replace(policy.provenance, **origin))
        shorten(book)
        book.write_value("Model", "reinforced")
        book.write_value("PolicyFile", "policy.json")
        book.write_beside("policy.json", written_policy(policy))
        book.commit()
        return book

    return put


def numbers(book, column):
    return np.array(book.table("Weights").column(column), dtype=np.float64)


def last_run(book, column):
    return book.table("Runs").column(column)[-1]


def test_a_training_says_from_what_and_how(trained) -> None:
    origin, judged = trained.policy.provenance, trained.policy.judgement
    assert (str(origin.first), str(origin.last)) == ("2025-01-01T00:00:00", "2025-02-20T00:00:00")
    assert (origin.base["window"], origin.base["decide_every"], origin.seed) == ("100", "5", 7)
    assert "looked at every 20 rounds" in origin.stopped_by
    assert trained.verdict == f"not kept, so the base answers: {judged.why}"
    assert trained.times[-1] < np.datetime64(UNTIL)
    assert trained.training.tilted.shape == (len(trained.times), 8)


def test_the_same_desk_trains_the_same_policy(book, trained) -> None:
    shorten(book)
    with heard_warnings():
        again = train_policy(read_desk(book), until=UNTIL)
    assert written_policy(again.policy) == written_policy(trained.policy)


def test_later_rows_change_nothing_of_it(edit, trained) -> None:
    edit("Window", WINDOW)
    edit("DecideEvery", EVERY)
    for column in ("BTCUSDT", "SOLUSDT"):
        edit("Prices", -30, column, 123.0)
    with heard_warnings():
        again = train_policy(read_desk(edit("Window", WINDOW)), until=UNTIL)
    assert written_policy(again.policy) == written_policy(trained.policy)


def test_rebalance_holds_the_base_tilted_within_its_cap_and_limits(follow) -> None:
    book = follow()
    report = jobs.rebalance(book, NOW)
    baseline, final = numbers(book, "Baseline"), numbers(book, "Final")
    shift = final - baseline
    assert report.passed, report.verdict
    assert last_run(book, "Model") == "reinforced"
    assert 0 < np.maximum(shift, 0).sum() <= 0.2 * np.abs(baseline).sum() + 1e-9
    assert final.sum() == pytest.approx(baseline.sum())
    assert "policy_file=policy.json" in last_run(book, "Parameters")


def test_the_base_answers_with_the_reason_where_the_guard_says_no(follow) -> None:
    book = follow(REFUSED)
    report = jobs.rebalance(book, NOW)
    assert last_run(book, "Model") == "mean-variance, max_sharpe (fallback)"
    assert any("reinforced has no answer (its guard keeps the base: on 100 days" in said for said in report.warnings)
    np.testing.assert_allclose(numbers(book, "Final"), numbers(book, "Baseline"), atol=1e-12)
    book.write_value("Model", "classical")
    weights = numbers(book, "Final")
    jobs.rebalance(book, NOW)
    np.testing.assert_allclose(numbers(book, "Final"), weights, atol=1e-12)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda book: book.write_value("PolicyFile", None), "PolicyFile on Settings is blank"),
        (lambda book: book.write_value("PolicyFile", "other.json"), "names 'other.json', which is no file beside"),
        (lambda book: book.write_beside("policy.json", b"{}"), "policy.json is no trained policy of PerpDesk"),
        (lambda book: book.write_value("BetaMethod", "ewma"), "its base had beta_method ols and Settings have ewma"),
    ],
    ids=["blank", "lost", "foreign", "another base"],
)
def test_a_file_that_cannot_be_followed_is_told_and_the_base_answers(follow, spoil, why) -> None:
    book = follow()
    spoil(book)
    book.commit()
    report = jobs.rebalance(book, NOW)
    assert any(why in said for said in report.warnings), report.warnings
    assert last_run(book, "Model") == "mean-variance, max_sharpe (fallback)"
    assert report.passed or "A model chose the weights" in report.verdict


def test_one_of_other_contracts_is_none_for_these(follow) -> None:
    report = jobs.rebalance(follow(symbols=("BTCUSDT", "ETHUSDT")), NOW)
    assert any("it was trained on BTCUSDT, ETHUSDT and the book has" in said for said in report.warnings)


def test_a_history_that_is_not_the_one_it_was_trained_on_is_said(follow) -> None:
    report = jobs.rebalance(follow(data_hash="fedcba9876543210"), NOW)
    assert any("trained on other prices or funding of 2025-01-01 to 2025-02-20" in said for said in report.warnings)
    report = jobs.rebalance(follow(first=np.datetime64("2024-12-01T00:00:00")), NOW)
    assert any("which Prices holds no longer" in said for said in report.warnings)
    assert not any("trained on" in said for said in jobs.rebalance(follow(), NOW).warnings)


def test_the_inputs_of_a_run_are_others_where_the_policy_is_another(follow) -> None:
    hashes = []
    for judgement in (KEPT, REFUSED, KEPT):
        book = follow(judgement)
        jobs.rebalance(book, NOW)
        hashes.append(last_run(book, "InputsHash"))
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_backtest_judges_it_on_later_rows_alone(follow) -> None:
    book = follow()
    report = jobs.backtest(book, NOW)
    assert report.passed, report.verdict
    assert any(
        "the policy was trained on rows up to 2025-02-20 00:00, so it is judged from 2025-02-20 01:00 on" in said
        for said in report.warnings
    )
    assert min(book.table("BacktestDecisions").column("Time")) >= datetime(2025, 2, 20, 1)
    assert book.table("BacktestAnswers").column("Model")[0] == "reinforced"


def test_rows_that_it_was_trained_on_are_refused(follow) -> None:
    with pytest.raises(BookError, match="no policy is judged on what it has learned from; refresh with later bars"):
        jobs.backtest(follow(last=np.datetime64("2025-04-01T00:00:00")), NOW)


def test_a_policy_that_is_not_followed_leaves_the_backtest_its_rows(follow) -> None:
    book = follow(REFUSED)
    report = jobs.backtest(book, NOW)
    assert not any("so it is judged from" in said for said in report.warnings)
    assert any("had no answer in" in said and "its guard keeps the base" in said for said in report.warnings)


def test_the_kill_switch_acts_on_the_desk_by_what_was_lost_since_training(follow, monkeypatch) -> None:
    """A policy that buys what falls: its tilt loses to the base, and Rebalance hands over to the base."""
    from xladdin.desk.day.past import excess

    book = follow()
    with heard_warnings():
        found = excess.excess_so_far(read_desk(book))
    assert found is not None
    assert np.isfinite(found).all()
    monkeypatch.setattr("core.decide.policy.around.guarded.LOSS_OF_CAP", -10.0)
    report = jobs.rebalance(book, NOW)
    assert any("reinforced has no answer (its kill switch acts" in said for said in report.warnings)


def test_what_it_made_so_far_is_what_a_backtest_has_noted(follow) -> None:
    from xladdin.desk.day.backtesting import run_backtest
    from xladdin.desk.day.past.excess import excess_so_far

    with heard_warnings():
        desk = read_desk(follow())
        run = run_backtest(desk)
        papers = run.policy.run.decisions.papers
        assert excess_so_far(desk) == pytest.approx(papers.excess(len(desk.history.times) - 1), abs=1e-12)


def test_without_a_decision_behind_it_the_kill_switch_is_said_not_to_act(follow) -> None:
    report = jobs.rebalance(follow(last=np.datetime64("2025-04-01T00:00:00")), NOW)
    assert any("its kill switch cannot act" in said for said in report.warnings)


def test_a_history_too_short_to_train_on_is_refused(book) -> None:
    with heard_warnings():
        desk = read_desk(book)
    with pytest.raises(BookError, match="sheet 'Prices': the history is too short to train on"):
        train_policy(desk)
    with pytest.raises(BookError, match="does not fill the window; train up to a later close"):
        train_policy(desk, until=datetime(2025, 1, 5))


def test_the_desk_is_an_environment_for_an_algorithm_of_ones_own(book) -> None:
    with heard_warnings():
        env = learning_environment(read_desk(book), length=30)
    state, _ = env.reset(seed=1)
    assert env.observation_space.contains(state)
    assert np.isfinite(env.step(env.action_space.sample())[1])
