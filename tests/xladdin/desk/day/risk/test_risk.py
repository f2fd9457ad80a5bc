"""The sheets Risk, Correlation and Positions of the sample desk: what a head of risk reads there, worked out again."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import CELLS, NOW
from xladdin import call
from xladdin.desk import jobs
from xladdin.desk.layout.risk_tables import LOSSES, MOST_CORRELATED, MOST_LIMITS
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings
from xladdin.second_opinion.opinion import second_opinion


def numbers(book, table, column):
    return np.array(book.table(table).column(column), dtype=np.float64)


def measures(book, table, column="Value"):
    block = book.table(table)
    return dict(zip(block.column("Measure"), block.column(column), strict=True))


def rebalanced(book, **settings):
    for name, value in settings.items():
        book.write_value(name, value)
    return jobs.rebalance(book, NOW)


def differing(book):
    """What the second opinion says otherwise of the sheets that this is about."""
    sheets = ("Risk", "Correlation", "Positions")
    return [figure for figure in second_opinion(book) if figure.verdict == "differs" and figure.sheet in sheets]


@pytest.fixture(scope="module")
def ran(desk_content):
    book = MemoryWorkbook(*desk_content)
    rebalanced(book)
    book.commit()
    return book


@pytest.fixture
def day(ran):
    """The sample desk after Rebalance, to look at or to change."""
    return MemoryWorkbook([ran.table(name) for name in TABLES], [ran.value(name) for name in CELLS])


def cells_of(book):
    """Weights and returns of the contracts on Risk as an analyst would select them, and the equity."""
    with heard_warnings():
        desk = read_desk(book)
    symbols = book.table("Risk").column("Symbol")[:-1]
    panel = desk.panel.select(symbols)
    rows = [[None if np.isnan(value) else value for value in row] for row in panel.returns().tolist()]
    return tuple(map(tuple, rows)), desk.settings


@pytest.mark.parametrize(("table", "column"), [("HeldLosses", "Held"), ("TargetLosses", "Target")])
def test_every_loss_is_what_the_function_says_in_a_cell(day, table, column):
    returns, settings = cells_of(day)
    weights = (tuple(numbers(day, "Risk", column)[:-1]),)
    horizons = {"Day": 24.0, "Horizon": settings.risk_horizon_hours}
    for loss in LOSSES:
        rows = call("PERP_VAR", weights, returns, loss.level, loss.method, horizons[loss.span])
        shown = numbers(day, table, loss.column)
        assert shown == pytest.approx([settings.equity * row[3] for row in rows[1:]], rel=1e-9, abs=1e-3)
        assert shown[:-1].sum() == pytest.approx(shown[-1])


def test_shares_are_what_the_function_says_of_the_weights_on_the_sheet(day):
    from core.decide.portfolio.risk_contribution import risk_contribution
    from xladdin.desk.day.estimates import estimate

    with heard_warnings():
        desk = read_desk(day)
        risk = estimate(desk).covariance
    places = [desk.universe.symbols.index(symbol) for symbol in day.table("Risk").column("Symbol")[:-1]]
    for column in ("Held", "Target"):
        weights = numbers(day, "Risk", column)[:-1]
        shares = numbers(day, "Risk", f"{column}Share")
        assert shares[:-1] == pytest.approx(risk_contribution(weights, risk[np.ix_(places, places)]), abs=1e-12)
        assert shares[-1] == pytest.approx(1)


def test_the_target_on_risk_is_the_book_of_weights(day):
    summary = measures(day, "WeightsSummary")
    risk = measures(day, "RiskSummary", "Target")
    assert (risk["Volatility"], risk["Beta"]) == pytest.approx((summary["Volatility"], summary["Beta"]))
    assert risk["Gross exposure"] == pytest.approx(summary["Gross exposure"])
    exposure = dict(
        zip(day.table("RiskExposure").column("Exposure"), numbers(day, "RiskExposure", "Target"), strict=True)
    )
    assert exposure["Net"] == pytest.approx(summary["Net exposure"])
    assert exposure["Beta to BTCUSDT"] == pytest.approx(summary["Beta"])


def test_more_gross_brings_what_its_price_says(book):
    rebalanced(book, Objective="utility", RiskAversion=0.2, GrossMax=1.2, NetTarget=None, TurnoverCost=0.0)
    block = book.table("RiskLimits")
    gross = dict(zip(block.header, block.rows[block.column("Limit").index("Settings GrossMax")], strict=True))
    said = re.fullmatch(
        r"One point more of gross exposure would be worth ([\d.]+) % a year to the objective", gross["InWords"]
    )
    assert said is not None
    assert float(said[1]) / 100 == pytest.approx(gross["Price"], rel=0.06)
    before = worth_of_baseline(book)
    rebalanced(book, GrossMax=1.21)
    assert worth_of_baseline(book) - before == pytest.approx(gross["Price"], rel=0.02)


def worth_of_baseline(book):
    """Utility of the weights before lots."""
    from xladdin.desk.day.estimates import estimate

    with heard_warnings():
        desk = read_desk(book)
        found = estimate(desk)
    weights = numbers(book, "Weights", "Baseline")
    symbols = book.table("Weights").column("Symbol")
    places = [desk.universe.symbols.index(symbol) for symbol in symbols]
    excess = found.expected_returns[places] - desk.settings.risk_free
    risk = found.covariance[np.ix_(places, places)]
    return float(weights @ excess - desk.settings.risk_aversion / 2 * weights @ risk @ weights)


@pytest.mark.parametrize("model", ["equal_weight", "volatility_target"])
def test_a_model_that_seeks_no_optimum_says_so(book, model):
    rebalanced(book, Model=model, VolTarget=0.3)
    (row,) = book.table("RiskLimits").rows
    assert "seeks no optimum, so its limits have no price" in row[4]


def test_an_objective_without_a_price_says_why(book):
    report = rebalanced(book, Objective="cvar")
    (row,) = book.table("RiskLimits").rows
    assert "trades no return against risk" in row[4]
    assert report.passed


def test_many_limits_are_folded_into_a_count(book, edit):
    rebalanced(book, Objective="min_variance", MaxStep=0.01)
    limits = book.table("RiskLimits")
    assert len(limits.rows) <= MOST_LIMITS + 1


def test_an_overlay_counts_in_both_books_and_shows_its_own_profit(book, edit):
    edit("Universe", 0, "OverlayPosition", -20.0)
    edit("Universe", 0, "OverlayEntry", 64_000.0)
    rebalanced(book)
    rows = {(row[0], row[1]): row for row in book.table("Positions").rows}
    block = book.table("Positions")
    profit = rows["BTCUSDT", "overlay"][block.index("OpenProfit")]
    assert profit == pytest.approx(-20.0 * (62_750.0 - 64_000.0))
    assert differing(book) == []
    held = dict(zip(book.table("Risk").column("Symbol"), numbers(book, "Risk", "Held"), strict=True))
    assert held["BTCUSDT"] == pytest.approx((60.0 - 20.0) * 62_750.0 / 10e6)


def test_positions_by_hand(day):
    block = day.table("Positions")
    rows = {row[0]: dict(zip(block.header, row, strict=True)) for row in block.rows}
    assert rows["BTCUSDT"]["OpenProfit"] == pytest.approx(60 * (62_750 - 61_200))
    assert rows["ETHUSDT"]["Return"] == pytest.approx(3_430 / 3_515 - 1)
    prices, funding = day.table("Prices"), day.table("Funding")
    opened = datetime(2025, 3, 10, 9)
    paid = sum(
        60.0 * close * (rate or 0.0)
        for time, close, rate in zip(
            prices.column("Time"), prices.column("BTCUSDT"), funding.column("BTCUSDT"), strict=True
        )
        if time > opened and close is not None
    )
    assert rows["BTCUSDT"]["FundingPaid"] == pytest.approx(paid)
    assert rows["SOLUSDT"]["FundingPaid"] is None
    assert "EntryTime is blank" in rows["SOLUSDT"]["Note"]
    assert measures(day, "PositionsSummary")["Open profit"] == pytest.approx(93_000 - 76_500 + 97_200)


def test_a_leveraged_position_shows_where_it_ends_on_its_tick(book, edit):
    edit("Universe", 0, "Position", 400.0)
    book.write_value("Equity", 6_000_000.0)
    rebalanced(book)
    block = book.table("Positions")
    btc = dict(zip(block.header, block.rows[0], strict=True))
    price = btc["LiquidationPrice"]
    assert 0 < price < 62_750
    assert round(price / 0.1) * 0.1 == pytest.approx(price, abs=1e-6)
    assert btc["ToLiquidation"] == pytest.approx(price / 62_750 - 1)
    assert measures(book, "PositionsSummary")["Nearest is"] == "BTCUSDT"
    assert differing(book) == []


def test_an_entry_after_the_last_bar_is_said(book, edit):
    edit("Universe", 0, "EntryTime", datetime(2030, 1, 1))
    report = rebalanced(book)
    assert any("EntryTime of BTCUSDT is after the last bar" in warning for warning in report.warnings)


def test_a_desk_that_holds_nothing_has_no_positions_and_a_target_with_risk(book, edit):
    for row in range(3):
        edit("Universe", row, "Position", None)
    rebalanced(book)
    assert not book.table("Positions").rows
    assert differing(book) == []
    assert measures(book, "RiskSummary", "Held")["Volatility"] == 0.0
    assert measures(book, "RiskLosses", "Held")["Loss in a day, 95 %"] is None
    assert measures(book, "RiskLosses", "Target")["Loss in a day, 95 %"] > 0


def test_a_desk_that_holds_and_wants_nothing_has_no_risk(book, edit):
    for row in range(3):
        edit("Universe", row, "Position", None)
    report = rebalanced(book, PortfolioBeta=3.0)
    assert "current weights" in report.headline
    assert measures(book, "RiskSummary", "Target")["Positions"] == 0.0
    assert measures(book, "RiskLosses", "Target")["Loss in a day, 95 %"] is None
    assert not book.table("TopRisks").rows
    assert differing(book) == []


def test_a_horizon_longer_than_the_window_leaves_blanks_not_errors(book):
    report = rebalanced(book, RiskHorizonHours=8000.0)
    assert measures(book, "RiskLosses", "Target")["Loss over the horizon, 95 %"] is None
    assert measures(book, "RiskLosses", "Target")["Loss in a day, 95 %"] > 0
    assert report.passed


def test_the_correlations_are_those_of_the_covariance(day):
    block = day.table("Correlation")
    symbols = block.header[3:]
    assert block.column("Symbol") == list(symbols)
    matrix = np.array([numbers(day, "Correlation", symbol) for symbol in symbols])
    assert (np.diag(matrix) == 1).all()
    assert matrix == pytest.approx(matrix.T)
    assert len(symbols) <= MOST_CORRELATED
    summary = measures(day, "CorrelationSummary")
    off = matrix[np.triu_indices(len(symbols), 1)]
    assert summary["Correlation of the closest"] == pytest.approx(off.max())
    assert summary["Mean correlation"] == pytest.approx(off.mean())


def typed(book, column, value):
    """A cell of ETH on Universe."""
    block = book.table("Universe")
    rows = [list(row) for row in block.rows]
    rows[1][block.index(column)] = value
    book.write_table("Universe", rows)
    book.commit()


class TestChecks:
    def verdicts(self, book):
        block = book.table("Checks")
        return dict(zip(block.column("Check"), block.column("Status"), strict=True))

    def test_all_are_well_after_rebalance(self, day):
        found = self.verdicts(day)
        assert found["Parts of each risk sum to it"] == "OK"
        assert found["Risk shows the positions held now"] == "OK"
        assert found["Open profits are those of today's entries"] == "OK"

    def test_a_part_that_was_changed_is_found(self, day):
        block = day.table("TargetLosses")
        rows = [list(row) for row in block.rows]
        rows[0][3] += 1_000.0
        day.write_table("TargetLosses", rows)
        day.commit()
        jobs.check(day, NOW)
        assert self.verdicts(day)["Parts of each risk sum to it"] == "FAIL"

    def test_another_position_or_entry_than_risk_speaks_of_is_found(self, day):
        typed(day, "EntryPrice", 3_000.0)
        jobs.check(day, NOW)
        found = self.verdicts(day)
        assert found["Open profits are those of today's entries"] == "WARN"
        assert found["Weights belong to today's inputs"] == "OK"
        typed(day, "Position", 100.0)
        jobs.check(day, NOW)
        assert self.verdicts(day)["Risk shows the positions held now"] == "WARN"

    @pytest.mark.parametrize(("column", "value"), [("Stop", 0.1), ("OverlayPosition", -2.0), ("Tiers", None)])
    def test_another_end_than_positions_speaks_of_is_found(self, book, column, value):
        rebalanced(book, Equity=2_500_000.0)
        assert self.verdicts(book)["Positions end where they do today"] == "OK"
        if column == "Tiers":
            book.write_table("Tiers", [["ETHUSDT", 0.0, None, 0.2, None, 2.0]])
        else:
            typed(book, column, value)
        jobs.check(book, NOW)
        found = self.verdicts(book)
        assert found["Positions end where they do today"] == "WARN"
        assert found["Weights belong to today's inputs"] == "OK"

    def test_too_few_horizons_warn(self, book):
        rebalanced(book, RiskHorizonHours=400.0)
        assert self.verdicts(book)["The risk horizon fits the window often"] == "WARN"


def test_an_inverse_contract_by_hand(book, edit):
    """120,000 dollars of an inverse ETH from 3,000 to 3,430: 120,000 (1/3,000 - 1/3,430) coins at 3,430 each."""
    edit("Universe", 1, "Contract", "inverse")
    edit("Universe", 1, "Position", 120_000.0)
    edit("Universe", 1, "EntryPrice", 3_000.0)
    edit("Universe", 1, "EntryTime", datetime(2025, 3, 30, 1))
    rebalanced(book)
    block = book.table("Positions")
    eth = dict(zip(block.header, block.rows[block.column("Symbol").index("ETHUSDT")], strict=True))
    assert eth["Notional"] == 120_000.0
    assert eth["OpenProfit"] == pytest.approx(120_000 * (1 / 3_000 - 1 / 3_430) * 3_430)
    assert eth["Return"] == pytest.approx(3_430 / 3_000 - 1)
    funding = book.table("Funding")
    since = [
        rate or 0.0
        for time, rate in zip(funding.column("Time"), funding.column("ETHUSDT"), strict=True)
        if time > datetime(2025, 3, 30, 1)
    ]
    assert eth["FundingPaid"] == pytest.approx(120_000 * sum(since))
    assert differing(book) == []
