"""The desk's day agrees with its second opinion; a figure that is changed by a little is found and named."""

from __future__ import annotations

import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from tests.xladdin.second_opinion.conftest import whole_day
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.second_opinion.opinion import second_opinion

RESULTS = (
    *("Estimates", "Market", "Weights", "WeightsSummary", "Frontier", "Hedge", "Stress", "StressSummary"),
    *("EstimatesLargest", "WeightsLargest", "FrontierPoints", "HedgeLargest", "HedgeSummary", "StressMap"),
    *(
        "WaterfallBars",
        "AttributionBars",
        "Ladder",
        "Waterfall",
        "Replays",
        "Safeguards",
        "Backtest",
        "BacktestAnswers",
        "BacktestFalls",
        "BacktestPath",
    ),
    *("BacktestDecisions", "Attribution", "AttributionMonths", "AttributionBetas"),
    *("RiskSummary", "RiskLosses", "TopRisks", "RiskLimits", "RiskExposure", "Risk", "TargetLosses", "HeldLosses"),
    *("CorrelationSummary", "Correlation", "PositionsSummary", "Positions", "PositionBars"),
    *("Orders", "OrdersSummary", "OrderBars"),
)


def wrong(book):
    return [figure for figure in second_opinion(book) if figure.verdict == "differs"]


def planted(day, desk_content, table, row, column, change):
    """The book of the day with one figure changed, and the address of its cell."""
    _, cells = desk_content
    book = MemoryWorkbook([day.table(name) for name in TABLES], cells)
    block = book.table(table)
    rows = [list(values) for values in block.rows]
    place = block.index(column)
    rows[row][place] = change(rows[row][place])
    book.write_table(table, rows, block.header)
    return book, book.table(table).address(row, column)


def test_the_day_of_the_sample_desk_agrees(day):
    figures = second_opinion(day)
    assert [figure for figure in figures if figure.verdict not in ("agrees", "not covered")] == []
    assert sum(figure.cells for figure in figures if figure.verdict == "agrees") > 800


def test_every_column_of_every_result_is_either_compared_or_listed_with_a_reason(day):
    named = {figure.name for figure in second_opinion(day)}
    for table in RESULTS:
        block = day.table(table)
        if "Measure" in block.header and "Value" in block.header:
            wanted = {f"{table}.{measure}" for measure in block.column("Measure")}
        else:
            wanted = {f"{table}.{column}" for column in block.header}
        assert wanted <= named
    assert all(figure.reason for figure in second_opinion(day))


def test_what_is_not_covered_is_what_cannot_be(day):
    left = {figure.name for figure in second_opinion(day) if figure.verdict == "not covered"}
    drawn = {name for name in left if name.startswith("StressSummary.")}
    assert drawn == {
        "StressSummary.Loss in a day, 95 %",
        "StressSummary.Loss in a day, 99 %",
        "StressSummary.Mean loss beyond 99 %",
        "StressSummary.Chance of liquidation",
        "StressSummary.Capital for 99 %",
    }
    assert left - drawn == {
        *("Estimates.Note", "WeightsSummary.Certificate"),
        *("Checks, all columns", "Runs, all columns", "BacktestComparison, all columns", "BacktestLimits, all columns"),
        *("Backtest.Unhedged", "Backtest.Note", "BacktestPath.Unhedged", "BacktestPath.UnhedgedDrawdown"),
        "BacktestDecisions.Model",
        *("RiskSummary.Note", "RiskLosses.Note", "Positions.Note", "Orders.Note"),
        *(f"RiskLimits.{column}" for column in ("Limit", "Contract", "Value", "InWords")),
        *(f"BacktestDecisions.{symbol}" for symbol in day.table("BacktestDecisions").header[3:]),
    }


def test_the_furthest_apart_stands_first(day):
    distances = [figure.distance for figure in second_opinion(day)]
    assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize(
    ("table", "row", "column", "change"),
    [
        ("Estimates", 1, "Beta", lambda beta: beta + 1e-6),
        ("Estimates", 2, "FundingAnnual", lambda rate: rate * (1 + 1e-6)),
        ("Estimates", 0, "VolatilityNow", lambda swing: swing * 1.001),
        ("Market", 2, "Value", lambda swing: swing * 1.001),
        ("Weights", 0, "Final", lambda weight: weight + 1e-3),
        ("Weights", 2, "TargetPosition", lambda contracts: contracts + 1),
        ("Weights", 0, "Cost", lambda cost: cost + 1),
        ("WeightsSummary", 4, "Value", lambda rate: rate + 1e-6),
        ("WeightsSummary", 9, "Value", lambda money: money + 1),
        ("Frontier", 12, "Volatility", lambda swing: swing - 1e-4),
        ("Hedge", 0, "BetaAfter", lambda beta: beta + 1e-4),
        ("EstimatesLargest", 3, "Beta", lambda beta: beta + 1e-6),
        ("WeightsLargest", 0, "Final", lambda weight: weight + 1e-6),
        ("FrontierPoints", 2, "Return", lambda gain: gain + 1e-6),
        ("FrontierPoints", 4, "Volatility", lambda swing: swing + 1e-6),
        ("FrontierPoints", 9, "Volatility", lambda swing: swing + 1e-6),
        ("HedgeLargest", 0, "Cost", lambda cost: cost + 1),
        ("HedgeSummary", 5, "Value", lambda money: money + 1),
        ("StressMap", 4, "SOLUSDT", lambda money: money + 1),
        ("StressMap", 2, "InAll", lambda money: money + 1),
        ("WaterfallBars", 1, "Base", lambda money: money + 1),
        ("AttributionBars", 1, "Loss", lambda money: money + 1),
        ("Stress", 3, "PnL", lambda money: money + 1),
        ("Stress", 1, "MarginRatio", lambda ratio: ratio + 1e-6),
        ("Stress", 0, "Verdict", lambda _: "liquidated"),
        ("StressSummary", 5, "Value", lambda money: money + 1),
        ("Ladder", 0, "LiquidationPrice", lambda price: price * 1.0001),
        ("Replays", 4, "PnL", lambda money: money + 1),
        ("Backtest", 0, "EqualWeight", lambda gain: gain - 1e-6),
        ("BacktestDecisions", 7, "Turnover", lambda traded: traded + 1e-6),
        ("BacktestPath", 200, "Policy", lambda money: money + 1),
        ("BacktestPath", 77, "EqualDrawdown", lambda fall: fall - 1e-6),
        ("BacktestFalls", 0, "Depth", lambda fall: fall + 1e-6),
        ("Attribution", 1, "PnL", lambda money: money + 1),
        ("Attribution", 2, "T", lambda t: t + 1e-4),
        ("AttributionMonths", 1, "Alpha", lambda money: money + 1),
        ("AttributionBetas", 0, "Lower", lambda beta: beta + 1e-4),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_figure_that_is_off_is_found_and_named(day, desk_content, table, row, column, change):
    book, address = planted(day, desk_content, table, row, column, change)
    named = {f"{figure.sheet}!{figure.cell}" for figure in wrong(book)}
    assert address in named


RISKS = (
    ("Risk", 1, "TargetShare", lambda share: share + 1e-6),
    ("Risk", 2, "HeldMarginal", lambda slope: slope + 1e-6),
    ("TargetLosses", 0, "VaR99Day", lambda money: money + 1),
    ("HeldLosses", 2, "NormalES95Horizon", lambda money: money + 1),
    ("RiskLosses", 3, "Target", lambda money: money + 1),
    ("RiskSummary", 4, "Held", lambda figure: figure + 1e-6),
    ("TopRisks", 1, "TargetVaR", lambda money: money + 1),
    ("RiskExposure", 5, "Target", lambda loading: loading + 1e-6),
    ("RiskLimits", 1, "Price", lambda price: 1.01 * price),
    ("Correlation", 0, "ETHUSDT", lambda figure: figure + 1e-6),
    ("CorrelationSummary", 3, "Value", lambda figure: figure + 1e-6),
    ("Positions", 1, "FundingPaid", lambda money: money + 1),
    ("Positions", 2, "OpenProfit", lambda money: money + 1),
    ("PositionsSummary", 0, "Value", lambda money: money + 1),
    ("PositionBars", 0, "AfterFunding", lambda money: money + 1),
)


ORDERS = (
    ("Orders", 0, "Contracts", lambda contracts: contracts + 1),
    ("Orders", 1, "Side", lambda _: "BUY"),
    ("Orders", 1, "LimitPrice", lambda price: price - 0.1),
    ("Orders", 1, "Reason", lambda _: "hedge"),
    ("Orders", 0, "ReduceOnly", lambda _: "N"),
    ("Orders", 2, "PositionAfter", lambda contracts: contracts - 1),
    ("Orders", 2, "Fee", lambda money: money + 1),
    ("Orders", 3, "Funding", lambda money: money + 1),
    ("Orders", 3, "MarginAfter", lambda money: money + 1),
    *(("OrdersSummary", row, "Value", lambda figure: figure + 1) for row in range(1, 18)),
    ("OrdersSummary", 0, "Value", lambda _: "Weights alone"),
    ("OrderBars", 0, "Hedge", lambda money: money + 1),
)


BACKTEST = tuple(("Backtest", row, "Policy", lambda figure: figure + 1e-6 * max(1.0, abs(figure))) for row in range(24))


@pytest.mark.parametrize("changes", [RISKS, ORDERS, BACKTEST], ids=["risk", "orders", "backtest"])
def test_every_figure_of_a_sheet_that_is_off_is_found_and_named(day, desk_content, changes):
    book, places = day, []
    for table, row, column, change in changes:
        book, address = planted(book, desk_content, table, row, column, change)
        places.append(address)
    named = {f"{figure.sheet}!{figure.cell}" for figure in wrong(book)}
    assert set(places) - named == set()


@pytest.mark.parametrize(
    "settings",
    [
        {"SmallestOrder": 100_000.0, "HedgeBand": 0.0},
        {"SmallestOrder": 0.0, "BookBasis": "current"},
        {"BetaMethod": "ewma", "FundingMethod": "forecast", "CovarianceMethod": "sample"},
        {"BetaMethod": "downside", "CovarianceMethod": "ewma", "Objective": "min_variance"},
        {"BetaMethod": "upside", "CovarianceMethod": "constant_correlation", "Objective": "utility"},
        {"BetaMethod": "shrunk", "CovarianceMethod": "semi", "Objective": "target_return"},
        {"BetaMethod": "huber", "CovarianceMethod": "factor", "Objective": "target_volatility", "VolTarget": 0.7},
        {"Objective": "semivariance", "RegimeWindow": "Y"},
        {"Objective": "cvar"},
        {"Objective": "risk_budget", "NetTarget": None},
        {"Objective": "max_sharpe", "NetTarget": None, "VolTarget": 0.2},
        {"Model": "hybrid", "VrpCoefficient": 0.5, "CovarianceMethod": "ledoit_wolf"},
        {"Model": "equal_weight", "HedgeMode": "overlay"},
        {"Model": "volatility_target", "VolTarget": 0.4},
        {"Model": "beta_neutral"},
        {"Model": "min_variance", "HedgeMode": "factor"},
        {"Model": "risk_budget", "BookBasis": "current"},
        {"TurnoverCost": 0.001, "MaxStep": 0.2, "PortfolioBeta": 1.0},
        {"Model": "equal_weight", "TradeDelay": 2.0, "DecideEvery": 1.0},
        {"CollateralInterest": 0.05},
    ],
    ids=lambda settings: "-".join(str(value) for value in settings.values()),
)
def test_desks_of_other_settings_agree(another_day, settings):
    assert wrong(another_day(**settings)) == []


def test_the_benchmark_may_be_typed_with_spaces_and_in_lower_case(another_day, day):
    figures = second_opinion(another_day(Benchmark=" btcusdt "))
    # The furthest off comes first, which among figures that agree is a matter of last bits.
    assert sorted((each.name, each.verdict) for each in figures) == sorted(
        (each.name, each.verdict) for each in second_opinion(day)
    )


def test_rows_on_limits_count(another_day):
    rows = {"max_turnover": 1.5, "funding_buffer_days": 30.0, "max_volume_share": 0.5, "net_min": 0.8}
    assert wrong(another_day(rows)) == []
    assert wrong(another_day({"uncertainty": 0.1}, Objective="robust")) == []
    assert wrong(another_day({"cvar_max": 0.02}, Objective="min_variance", NetTarget=None)) == []


def test_a_beta_that_is_not_stated_leaves_out_what_stands_on_it_and_says_so(another_day):
    figures = second_opinion(another_day(BetaMethod="kalman"))
    assert [figure for figure in figures if figure.verdict == "differs"] == []
    reasons = {figure.name: figure.reason for figure in figures if figure.verdict == "not covered"}
    left_out = ("Frontier, all columns", "Hedge, all columns", "Stress, all columns")
    for name in ("Estimates.Beta", "Weights.Final", *left_out):
        assert "kalman" in reasons[name]


def test_a_desk_before_its_day_has_nothing_to_verify(desk_content):
    assert second_opinion(MemoryWorkbook(*desk_content)) == []


def test_a_contract_that_was_listed_later_agrees(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Prices")
    rows = [list(values) for values in block.rows]
    for row in rows[:-500]:
        row[block.index("BNBUSDT")] = None
    book.write_table("Prices", rows, block.header)
    assert wrong(whole_day(book)) == []


@pytest.mark.parametrize("method", ["shrunk_correlation", "constant_correlation", "ledoit_wolf", "sample"])
def test_a_contract_that_never_moves_agrees(desk_content, method):
    book = MemoryWorkbook(*desk_content)
    for table, value in (("Prices", 1.0), ("Funding", None)):
        block = book.table(table)
        rows = [list(values) for values in block.rows]
        for row in rows:
            row[block.index("BNBUSDT")] = value
        book.write_table(table, rows, block.header)
    book.write_value("CovarianceMethod", method)
    assert wrong(whole_day(book)) == []


def test_a_contract_that_is_held_and_not_included_agrees(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Universe")
    rows = [list(values) for values in block.rows]
    rows[2][block.index("Include")] = "N"
    assert rows[2][block.index("Position")]
    book.write_table("Universe", rows)
    assert wrong(whole_day(book)) == []


def test_factors_on_a_calendar_of_their_own_agree(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Factors")
    book.write_table("Factors", block.rows[::24], block.header)
    book.write_value("HedgeMode", "factor")
    assert wrong(whole_day(book)) == []


@pytest.mark.parametrize("bars", [slice(1500, None), slice(None, -400)], ids=["without its first", "without its last"])
def test_a_backtest_of_bars_that_are_no_longer_there_is_not_covered(day, desk_content, bars):
    _, cells = desk_content
    book = MemoryWorkbook([day.table(name) for name in TABLES], cells)
    for name in ("Prices", "Funding"):
        block = book.table(name)
        book.write_table(name, block.rows[bars], block.header)
    reasons = {figure.name: figure.reason for figure in second_opinion(book) if figure.verdict == "not covered"}
    assert "Prices has no bar at 20" in reasons["BacktestPath, all columns"]


def test_the_frontier_of_a_book_many_times_its_equity_ends_in_no_error(desk_content):
    """What a trade from such a book costs makes returns of thousands, at some of which a search stops short."""
    book = MemoryWorkbook(*desk_content)
    book.write_value("Equity", 10_000.0)
    block = book.table("Universe")
    typed = {"Position": 10_000.0, "MinWeight": -1.0, "MaxWeight": 2.0}
    rows = [[typed.get(name, cell) for name, cell in zip(block.header, row, strict=True)] for row in block.rows]
    book.write_table("Universe", rows)
    jobs.rebalance(book, NOW)
    assert len(book.table("Frontier").rows) > 20
    found = second_opinion(book)
    assert [figure.name for figure in found if figure.verdict == "differs"] == []


def test_a_benchmark_that_stands_still_since_ends_in_no_error(day, desk_content):
    """The backtest on the sheet goes by other closes; its lines of quarters have no slope."""
    _, cells = desk_content
    book = MemoryWorkbook([day.table(name) for name in TABLES], cells)
    block = book.table("Prices")
    still = [[row[0], block.rows[-1][1], *row[2:]] for row in block.rows]
    assert block.header[1] == "BTCUSDT"
    book.write_table("Prices", still, block.header)
    found = {figure.name: figure for figure in second_opinion(book)}
    assert found["AttributionBetas.Beta"].verdict == "differs"


def test_a_backtest_beside_a_benchmark_that_stands_still_agrees(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Prices")
    book.write_table("Prices", [[row[0], block.rows[-1][1], *row[2:]] for row in block.rows], block.header)
    jobs.backtest(book, NOW)
    figures = dict(zip(book.table("Backtest").column("Measure"), book.table("Backtest").column("Policy"), strict=True))
    assert figures["Beta"] is None
    assert wrong(book) == []


def excluded(book: MemoryWorkbook, row: int) -> None:
    block = book.table("Universe")
    place = block.index("Include")
    rows = [[*each[:place], "N", *each[place + 1 :]] if at == row else each for at, each in enumerate(block.rows)]
    book.write_table("Universe", rows)


def renamed(book: MemoryWorkbook, row: int) -> None:
    """On Universe and on the history."""
    block = book.table("Universe")
    old = block.rows[row][0]
    book.write_table("Universe", [["NEWUSDT", *each[1:]] if at == row else each for at, each in enumerate(block.rows)])
    for name in ("Prices", "Funding"):
        block = book.table(name)
        book.write_table(name, block.rows, ["NEWUSDT" if each == old else each for each in block.header])


def removed(book: MemoryWorkbook, row: int) -> None:
    block = book.table("Universe")
    book.write_table("Universe", [each for at, each in enumerate(block.rows) if at != row])


def unlisted(book: MemoryWorkbook, row: int) -> None:
    """All but its last 20 closes are gone."""
    block, symbol = book.table("Prices"), book.table("Universe").rows[row][0]
    place, last = block.index(str(symbol)), len(block.rows) - 20
    book.write_table(
        "Prices",
        [[*each[:place], None, *each[place + 1 :]] if at < last else each for at, each in enumerate(block.rows)],
        block.header,
    )


@pytest.mark.parametrize("row", [2, 7], ids=["held", "not held"])
@pytest.mark.parametrize("change", [excluded, renamed, removed, unlisted])
def test_results_of_contracts_that_are_no_longer_there_differ_and_end_in_no_error(day, desk_content, change, row):
    _, cells = desk_content
    book = MemoryWorkbook([day.table(name) for name in TABLES], cells)
    change(book, row)
    found = second_opinion(book)
    differing = {figure.name for figure in found if figure.verdict == "differs"}
    assert differing & {"Weights, rows", "Weights.Baseline", "Weights.Symbol"}, differing
    if change is removed:
        assert "Weights names" in {figure.name: figure.reason for figure in found}["Orders, all columns"]


def test_a_covariance_that_is_not_stated_leaves_out_what_stands_on_it_and_says_so(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Prices")
    rows = [list(values) for values in block.rows]
    for row in rows[:-34]:
        row[block.index("BNBUSDT")] = None
    book.write_table("Prices", rows, block.header)
    figures = second_opinion(whole_day(book))
    assert [figure for figure in figures if figure.verdict == "differs"] == []
    reasons = {figure.name: figure.reason for figure in figures if figure.verdict == "not covered"}
    for name in ("Weights.Final", "Frontier, all columns", "Stress.DailyVolatility"):
        assert "components" in reasons[name]


def test_a_contract_that_cannot_be_estimated_agrees(desk_content):
    book = MemoryWorkbook(*desk_content)
    block = book.table("Prices")
    rows = [list(values) for values in block.rows]
    for row in rows[:-12]:
        row[block.index("LINKUSDT")] = None
    book.write_table("Prices", rows, block.header)
    universe = book.table("Universe")
    contracts = [list(values) for values in universe.rows]
    for contract in contracts:
        if contract[0] == "LINKUSDT":
            contract[universe.index("Position")] = 0.0
    book.write_table("Universe", contracts)
    assert wrong(whole_day(book)) == []
