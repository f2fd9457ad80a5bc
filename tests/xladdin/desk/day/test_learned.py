"""Model learned on the desk: Rebalance and Backtest ask the core's policy, with all rows of Prices up to then."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.named import Choices, policy_named
from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding
from core.errors import MissingDataError, NotInstalledError
from core.learn.training import AsOf, training_of
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.backtesting import run_backtest
from xladdin.desk.day.estimates import estimate
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings

DAYS, WINDOW = 270, 60
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def planted(size):
    """Prices and rates a day; whoever is charged more than the others loses so much a day."""
    rng = np.random.default_rng(3)
    index = rng.standard_t(5, DAYS) * 0.02 + 0.002
    returns = np.outer(index, [0.9, 1.0, 1.3]) + rng.normal(0, 0.02, (DAYS, 3))
    funding = np.repeat(rng.normal(2e-4, 3e-4, (DAYS // 10 + 1, 3)), 10, axis=0)[:DAYS]
    returns[1:] -= size * np.sign(funding[:-1] - funding[:-1].mean(axis=1, keepdims=True))
    return 100 * np.cumprod(1 + np.clip(returns, -0.4, None), axis=0), funding


@pytest.fixture
def daily(book):
    """The desk on three contracts and daily bars, in cash, by utility, which always has an answer."""

    def fill(size):
        prices, funding = planted(size)
        times = [datetime(2023, 1, 1) + timedelta(days=day) for day in range(DAYS)]
        for name, block in (("Prices", prices), ("Funding", funding)):
            rows = [[time, *row] for time, row in zip(times, block.tolist(), strict=True)]
            book.write_table(name, rows, ("Time", *SYMBOLS))
        universe = book.table("Universe")
        rows = [list(row) for row in universe.rows if row[0] in SYMBOLS]
        for row, price in zip(rows, prices[-1].tolist(), strict=True):
            for column, value in (("Price", price), ("Position", 0.0), ("ImpliedVol", None), ("View", None)):
                row[universe.index(column)] = value
            row[universe.index("Include")], row[universe.index("Contract")] = "Y", "linear"
            row[universe.index("MinWeight")], row[universe.index("MaxWeight")] = 0.0, 0.6
        book.write_table("Universe", rows)
        for name, value in (
            *(("Model", "learned"), ("Objective", "utility"), ("BarHours", 24.0), ("Window", float(WINDOW))),
            *(("DecideEvery", 1.0), ("MarketReturn", 0.1)),
        ):
            book.write_value(name, value)
        return book

    return fill


def test_rebalance_follows_what_was_planted_and_is_the_policy_of_the_core(daily):
    book = daily(0.01)
    report = jobs.rebalance(book, NOW)
    run = dict(zip(book.table("Runs").header, book.table("Runs").rows[-1], strict=True))
    assert run["Model"] == "learned, utility"
    assert report.passed, report.verdict

    funding = planted(0.01)[1]
    with heard_warnings():
        desk = read_desk(book)
        asked = estimate(desk).outlook
    returns = np.vstack([np.full((1, 3), np.nan), desk.history.returns()])
    training = training_of(returns, returns[:, 0], funding, 365)
    paid = np.asarray(asked.past.funding)
    past = Past(returns[-WINDOW:], returns[-WINDOW:, 0], paid, risk_free=0.05, market_return=0.1)
    learned = AsOf(lambda: training, DAYS - 1, np.arange(3))
    outlook = Outlook(past, Methods("ols", desk.settings.covariance_method), learned=learned)
    universe = desk.universe
    limits = Limits(
        gross_max=2,
        min_weight=0,
        max_weight=0.6,
        turnover_cost=universe.cost_rates,
        risk_free=0.05,
        initial_margin_rates=universe.initial_margin_rates,
        margin_buffer=0.3,
        risk_aversion=desk.settings.risk_aversion,
    )
    policy = policy_named("learned", Choices(objective="utility"))
    with heard_warnings():
        target = policy(outlook, Holding(np.zeros(3), desk.settings.equity, limits))
    assert target.model == "learned, utility"
    final = np.array(book.table("Weights").column("Final"), dtype=np.float64)
    np.testing.assert_allclose(final, target.weights, atol=1e-9)


def test_where_nothing_is_to_be_learned_the_optimum_answers_with_the_reason(daily):
    book = daily(0.0)
    report = jobs.rebalance(book, NOW)
    assert book.table("Runs").column("Model")[-1] == "mean-variance, utility (fallback)"
    said = next(each for each in report.warnings if each.startswith("learned, utility has no answer"))
    assert "its guard keeps the base: on" in said
    learned = book.table("Weights").column("Final")
    book.write_value("Model", "classical")
    jobs.rebalance(book, NOW)
    assert learned == book.table("Weights").column("Final")


def test_a_backtest_asks_it_at_each_close_with_the_rows_up_to_then(daily):
    book = daily(0.01)
    with heard_warnings():
        run = run_backtest(read_desk(book))
        desk = read_desk(book)
    assert run.answers["learned, utility"] >= 60, "from the first verdict in its favour on"
    row = run.decided[-40][0]
    for name in ("Prices", "Funding"):
        block = book.table(name)
        later = [[cells[0], *(value * 3 for value in cells[1:])] for cells in block.rows[row + 1 :]]
        book.write_table(name, [*block.rows[: row + 1], *later], block.header)
    with heard_warnings():
        changed = run_backtest(read_desk(book))
    known = slice(row + 1)
    np.testing.assert_array_equal(changed.policy.ledger.equity[known], run.policy.ledger.equity[known])
    np.testing.assert_array_equal(changed.policy.ledger.weights[known], run.policy.ledger.weights[known])
    assert (changed.policy.ledger.weights[row + 20] != run.policy.ledger.weights[row + 20]).any()
    assert desk.fingerprint("backtest") != read_desk(book).fingerprint("backtest")


def test_rows_before_the_window_count_among_the_inputs_of_rebalance_where_it_learns(daily):
    book = daily(0.0)
    before = read_desk(book).fingerprint("rebalance")
    block = book.table("Prices")
    rows = [list(row) for row in block.rows]
    rows[5][1] *= 1.01
    book.write_table("Prices", rows, block.header)
    assert read_desk(book).fingerprint("rebalance") != before
    book.write_value("Model", "classical")
    alone = read_desk(book).fingerprint("rebalance")
    book.write_table("Prices", block.rows, block.header)
    assert read_desk(book).fingerprint("rebalance") == alone


def test_without_scikit_learn_the_desk_falls_back_where_settings_allow_it(daily, monkeypatch):
    book = daily(0.0)
    book.write_value("BetaMethod", "learned")
    book.write_value("Learner", "boosting")
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    said = jobs.rebalance(book, NOW).warnings
    assert any(each.startswith("betas could not be learned (270 rows of history are known") for each in said)
    assert any(each.startswith("learned, utility has no answer") and "perpdesk[learn]" in each for each in said)
    book.write_value("FallbackAllowed", "N")
    with pytest.raises(MissingDataError, match="270 rows of history are known and 600 are needed"):
        jobs.rebalance(book, NOW)
    book.write_value("BetaMethod", "ols")
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[learn\]"'):
        jobs.rebalance(book, NOW)


def test_learned_betas_stand_on_estimates(daily):
    book = daily(0.0)
    block = book.table("Prices")
    twice = [row[1:] for row in (*block.rows, *block.rows, *block.rows)]
    times = [datetime(2022, 1, 1) + timedelta(days=day) for day in range(len(twice))]
    book.write_table("Prices", [[time, *row] for time, row in zip(times, twice, strict=True)], block.header)
    book.write_table("Funding", [[time, 0.0, 0.0, 0.0] for time in times], block.header)
    book.write_value("BetaMethod", "learned")
    with heard_warnings():
        desk = read_desk(book)
        found = estimate(desk)
    betas = found.outlook.learned.training.betas(len(desk.history.times) - 1)
    np.testing.assert_array_equal(found.betas, betas)
    assert found.betas[0] == pytest.approx(1.0, abs=1e-9)
