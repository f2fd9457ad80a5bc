"""Size, band, clock, stop and fallback by the cells of Settings: what Rebalance and Hedge make and say of each."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.estimates import estimate
from xladdin.desk.day.policy.clock import desk_clock
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings
from xladdin.second_opinion.opinion import second_opinion


def numbers(book, column, table="Weights"):
    return np.array(book.table(table).column(column), dtype=np.float64)


def last_run(book, column):
    return book.table("Runs").column(column)[-1]


def market(book, measure):
    block = book.table("Market")
    return dict(zip(block.column("Measure"), block.column("Value"), strict=True))[measure]


def rebalanced(book, **settings):
    """The weights, and the report, with these settings; the second opinion agrees with all of it."""
    for name, value in settings.items():
        book.write_value(name, value)
    report = jobs.rebalance(book, NOW)
    assert report.passed, report.verdict
    differing = [figure for figure in second_opinion(book) if figure.verdict == "differs"]
    assert differing == []
    return numbers(book, "Final"), report


@pytest.fixture
def plain(book):
    """Equal weights of the sample desk."""
    return rebalanced(book, Model="equal_weight")[0]


def swing(book, weights):
    with heard_warnings():
        risk = estimate(read_desk(book)).covariance
    return float(np.sqrt(weights @ risk @ weights))


class TestSize:
    def test_a_volatility_target_holds_the_book_larger_too_where_both_ways_are_asked_for(self, book, plain):
        now = swing(book, plain)
        down, _ = rebalanced(book, VolTarget=1.2 * now)
        assert down == pytest.approx(plain)
        both, report = rebalanced(book, VolMode="both")
        assert both == pytest.approx(1.2 * plain)
        assert "held at 120% for the volatility target" in last_run(book, "Model")
        assert "held at 120%" in report.headline
        names = book.table("Checks").column("Check")
        assert "The book has the size that Settings ask for" in names
        capped, _ = rebalanced(book, VolTarget=30 * now if 30 * now <= 10 else 10.0)
        assert np.abs(capped).sum() <= 2.0 + 1e-9  # the gross limit
        assert (capped <= numbers(book, "MaxWeight", "Universe")[: capped.size] + 1e-9).all()

    def test_a_drawdown_buffer_deploys_what_is_above_the_floor(self, book, plain):
        found, _ = rebalanced(book, MaxDrawdown=0.2, PeakEquity=11_111_111.0)
        floor = 0.8 * 11_111_111
        assert found == pytest.approx(plain * (1e7 - floor) / (0.2 * 1e7), rel=1e-12)
        nothing, report = rebalanced(book, PeakEquity=13e6, LastTrade=market(book, "Next due"))
        assert not nothing.any()  # at the floor it does not wait for the clock
        assert "WAIT" not in book.table("Weights").column("Side")
        assert report.passed

    def test_a_peak_that_is_blank_is_said_to_be_equity_now(self, book, plain):
        found, report = rebalanced(book, MaxDrawdown=0.2, MonthStop=0.05)
        assert found == pytest.approx(plain)
        said = " ".join(report.warnings)
        assert "Settings PeakEquity is blank: equity now was taken for the peak" in said
        assert "Settings MonthHighEquity is blank" in said
        _, report = rebalanced(book, PeakEquity=1e7, MonthHighEquity=9e6)
        assert not any("is blank" in each for each in report.warnings)

    def test_the_months_stop_closes_all_whatever_the_clock_says(self, book, plain):
        found, _ = rebalanced(book, MonthStop=0.05, MonthHighEquity=10_600_000.0, LastTrade=market(book, "Next due"))
        assert not found.any()
        assert "held at 0% for the month's stop" in last_run(book, "Model")
        assert set(book.table("Weights").column("Side")) <= {"SELL", "HOLD"}

    @pytest.mark.parametrize(("by", "most", "purpose"), [("volatility", 1.2, "calm"), ("premium", 1.0, "premium")])
    def test_weights_lean(self, book, plain, by, most, purpose):
        found, _ = rebalanced(book, LeverageTilt=by, TiltMost=most)
        assert (found <= most * plain + 1e-12).all()
        assert np.abs(found - plain).max() > 0.01
        assert f"for the tilt to {purpose}" in last_run(book, "Model")


class TestBand:
    @pytest.mark.parametrize("aim", ["edge", "target"])
    def test_inside_it_nothing_is_ordered_and_outside_it_goes_where_it_aims(self, book, plain, aim):
        held = numbers(book, "Current")
        found, _ = rebalanced(book, NoTradeBand=0.06, BandAim=aim)
        inside = np.abs(plain - held) <= 0.06
        assert 0 < inside.sum() < inside.size
        assert found[inside] == pytest.approx(held[inside])
        assert not numbers(book, "Contracts")[inside].any()
        reached = plain + np.copysign(0.06, held - plain) if aim == "edge" else plain
        assert found[~inside] == pytest.approx(reached[~inside])


class TestClock:
    def last_close(self, book):
        return book.table("Prices").column("Time")[-1]

    def test_until_it_is_due_the_target_is_shown_and_nothing_is_ordered(self, book, plain):
        last = self.last_close(book) - timedelta(hours=10)
        found, report = rebalanced(book, LastTrade=last)
        assert found == pytest.approx(plain)
        assert not numbers(book, "Contracts").any()
        assert numbers(book, "TargetPosition") == pytest.approx(numbers(book, "Position", "Universe")[: found.size])
        assert set(book.table("Weights").column("Side")) == {"WAIT"}
        assert (market(book, "Trades due"), market(book, "Rebalance every")) == ("N", 24)
        assert market(book, "Next due") == last + timedelta(hours=24)
        assert market(book, "Last trade") == last
        assert any("every 24 h; last traded 10 h ago" in said for said in report.warnings)
        assert "its trades wait for the clock" in report.headline
        assert "Trades wait for the clock" in book.table("Checks").column("Check")

    def test_it_is_due_when_the_hours_have_passed_or_nobody_knows(self, book, plain):
        for last in (self.last_close(book) - timedelta(hours=24), None):
            rebalanced(book, LastTrade=last)
            assert market(book, "Trades due") == "Y"
            assert numbers(book, "Contracts").any()

    def test_who_will_trades_anyway(self, book, plain):
        rebalanced(book, LastTrade=self.last_close(book), TradeAnyway="Y")
        assert numbers(book, "Contracts").any()
        assert market(book, "Trades due") == "N"

    def test_a_last_trade_that_is_no_time_names_its_cell(self, book):
        book.write_value("LastTrade", "yesterday")
        with pytest.raises(Exception, match="LastTrade must be a time, UTC"):
            jobs.rebalance(book, NOW)


class TestUnanswered:
    @pytest.mark.parametrize(
        ("rule", "model"),
        [
            ("cash", "cash (fallback)"),
            ("min_variance", "mean-variance, min_variance (fallback)"),
            ("hold", "current weights (fallback)"),
        ],
    )
    def test_who_answers_where_no_premium_is_worth_a_position(self, book, rule, model):
        book.write_value("MarketReturn", -0.5)
        book.write_value("WhenUnanswered", rule)
        jobs.rebalance(book, NOW)
        assert last_run(book, "Model") == model
        assert [figure for figure in second_opinion(book) if figure.verdict == "differs"] == []
        if rule == "cash":
            assert not numbers(book, "Final").any()


class TestHedge:
    @pytest.mark.parametrize(("aim", "goal"), [("target", 0.3), ("edge", 0.4)])
    def test_a_hedge_goes_where_it_aims(self, book, aim, goal):
        for name, value in {"HedgeAim": aim, "HedgeBand": 0.1}.items():
            book.write_value(name, value)
        jobs.rebalance(book, NOW)
        assert jobs.hedge(book, NOW).passed
        assert numbers(book, "BetaAfter", "Hedge")[0] == pytest.approx(goal, abs=2e-3)  # whole lots
        assert numbers(book, "TargetBeta", "Hedge")[0] == 0.3
        assert [figure for figure in second_opinion(book) if figure.verdict == "differs"] == []


def test_a_backtest_acts_on_the_same_cells(book):
    """With a band, a clock and a stop of its own past; what only speaks of today changes nothing."""
    book.write_value("Model", "equal_weight")
    jobs.backtest(book, NOW)
    plain = dict(zip(book.table("Backtest").column("Measure"), numbers(book, "Policy", "Backtest"), strict=True))
    for name, value in {"Clock": "every", "ClockHours": 72.0, "NoTradeBand": 0.01, "VolTarget": 0.2}.items():
        book.write_value(name, value)
    jobs.backtest(book, NOW)
    acted = dict(zip(book.table("Backtest").column("Measure"), numbers(book, "Policy", "Backtest"), strict=True))
    assert acted["Turnover"] < 0.7 * plain["Turnover"]
    assert acted["Volatility"] < plain["Volatility"]
    before = book.table("Backtest").rows
    book.write_value("PeakEquity", 2e7)
    book.write_value("LastTrade", NOW)
    jobs.backtest(book, NOW)
    assert book.table("Backtest").rows == before
    assert TABLES["Backtest"].measures


def test_a_backtest_hedges_with_the_contract_that_rebalance_hedges_with(book):
    """Though a contract before it is no part of the book."""
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    symbols = [row["Symbol"] for row in rows]
    for row in rows[: symbols.index("BTCUSDT")] + [each for each in rows if each["Symbol"] == symbols[-1]]:
        row |= {"Include": "N", "Position": 0.0, "Hedge": "Y"}
    order = [symbols[-1], *symbols[:-1]]
    book.write_table("Universe", [list(rows[symbols.index(symbol)].values()) for symbol in order])
    book.write_value("Model", "beta_neutral")
    jobs.backtest(book, NOW)
    table = book.table("BacktestDecisions")
    assert set(table.column("Model")) == {"beta neutral"}
    assert numbers(book, "BTCUSDT", "BacktestDecisions").max() < 0


@pytest.mark.parametrize("clock", ["every", "drift", "calm"])
def test_a_book_is_never_traded_more_often_than_there_are_bars(clock):
    asked = SimpleNamespace(clock=clock, clock_hours=9.0, bar_hours=24.0)
    for now in (0.2, 0.5, 1.0, 2.0, 5.0):
        assert desk_clock(asked).interval_at(now, 1.0) >= 24.0
    hourly = SimpleNamespace(clock="every", clock_hours=9.0, bar_hours=1.0)
    assert desk_clock(hourly).interval_at(1.0, 1.0) == 9.0
