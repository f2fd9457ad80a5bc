"""Backtest with stops and isolated margin: they act in the past as they do in a walk."""

from __future__ import annotations

import numpy as np
import pytest

from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.backtesting import past_terms, walk_policy
from xladdin.desk.read.desk import read_desk
from xladdin.second_opinion.opinion import second_opinion


def with_stops(book, edit, share):
    for row in range(len(book.table("Universe").rows)):
        edit("Universe", row, "Stop", share)


def test_a_position_is_left_at_the_first_close_beyond_its_stop(book, edit):
    edit("Model", "equal_weight")
    edit("DecideEvery", 10_000.0)
    with_stops(book, edit, 0.02)
    found = walk_policy(read_desk(book))
    ledger, history = found.ledger, found.run.history
    first = found.run.ledger.decisions[0]
    stopped = {column: row for row, column in ledger.stopped}
    held = np.flatnonzero(ledger.quantities[first])
    assert stopped
    for column in held.tolist():
        below = history.prices[first + 1 :, column] <= 0.98 * history.prices[first, column]
        assert stopped.get(column) == (first + 1 + int(np.argmax(below)) if below.any() else None)


def test_what_was_left_at_stops_is_said_and_the_parts_still_make_the_whole(book, edit):
    jobs.backtest(book, NOW)
    before = book.table("BacktestPath").column("Policy")[-1]
    with_stops(book, edit, 0.01)
    report = jobs.backtest(book, NOW)
    assert any("positions were left at their stops, first" in said for said in report.warnings)
    assert book.table("BacktestPath").column("Policy")[-1] != before
    checks = dict(zip(book.table("Checks").column("Check"), book.table("Checks").column("Status"), strict=True))
    assert checks["Every bar of the backtest is its parts"] == "OK"
    assert checks["Parts of the backtest sum to its result"] == "OK"
    left = {each.name: each.reason for each in second_opinion(book) if each.verdict == "not covered"}
    assert "left at its stop" in left["Backtest, all columns"]


def test_an_isolated_position_stands_on_the_share_that_is_posted_for_it(book, edit):
    row = book.table("Universe").column("Symbol").index("BTCUSDT")
    worth = book.table("Universe").column("Position")[row] * book.table("Universe").column("Price")[row]
    edit("Universe", row, "MarginMode", "isolated")
    edit("Universe", row, "Collateral", worth / 50)
    desk = read_desk(book)
    place = desk.universe.symbols.index("BTCUSDT")
    shares = past_terms(desk).of_each("isolated", len(desk.universe.symbols))
    assert shares[place] == pytest.approx(0.02)
    assert np.isnan(np.delete(shares, place)).all()
    found = walk_policy(desk)
    assert place in {column for _, column in found.ledger.liquidated}, "2 % of its notional do not last"
    report = jobs.backtest(book, NOW)
    assert any("were liquidated, first BTCUSDT" in said for said in report.warnings)


def test_what_is_isolated_and_not_held_is_walked_in_cross_margin_and_told(book, edit):
    row = book.table("Universe").column("Symbol").index("XRPUSDT")
    edit("Universe", row, "MarginMode", "isolated")
    report = jobs.backtest(book, NOW)
    assert any("isolated margin of XRPUSDT, for which nothing is posted" in said for said in report.warnings)


def test_stops_and_posted_shares_make_a_backtest_another(book, edit):
    def told():
        desk = read_desk(book)
        return desk.fingerprint("backtest"), desk.fingerprint("train"), desk.fingerprint("rebalance")

    bare = told()
    edit("Universe", 0, "Stop", 0.05)
    stopped = told()
    assert stopped[0] != bare[0]
    assert stopped[1:] == bare[1:]
    edit("Universe", 0, "Stop", None)
    assert told() == bare
