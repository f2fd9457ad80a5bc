"""Instruments under stress: options in full against Black-76 by hand, spot's cash, a peg that is lost."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist

import pytest

from core.errors import BookError
from tests.xladdin.desk.conftest import NOW
from tests.xladdin.desk.day.instruments.conftest import PERP, PUT, SPOT, USDC, of
from xladdin.desk import jobs
from xladdin.desk.day.refresh.contracts import included_symbols
from xladdin.desk.read.desk import read_desk

COVID, FALL, SPIKE = "2020-03-12 Covid crash", "Market -10 % in one hour", "Funding spike: 3 x 0.30 % in a day"
BTC = 62_750.0


def put(price, hours=0.0, multiple=1.0):
    """The put of the desk by hand: strike 60,000, 30 days after the last close, 55 %, at a rate of 5 %."""
    years, volatility = (30 * 24 - hours) / 8760, 0.55 * multiple
    spread = volatility * sqrt(years)
    d1 = log(price / 60_000) / spread + spread / 2
    cdf = NormalDist().cdf
    return exp(-0.05 * years) * (60_000 * cdf(spread - d1) - price * cdf(-d1))


def stressed(book):
    return jobs.stress(book, NOW)


def test_an_option_is_valued_in_full_at_the_shocked_price_and_volatility(desk_with):
    book = desk_with({**PUT, "Position": 10.0})
    stressed(book)
    # The crash: -48.8 % in 26 hours, volatility 9.9 times; and -10 % in an hour, volatility twice.
    for name, fall, hours, multiple in ((COVID, -0.488, 26, 9.9), (FALL, -0.10, 1, 2.0)):
        made = 10 * (put(BTC * (1 + fall), hours, multiple) - put(BTC))
        assert of(book, "StressMap", name, "BTC put") == pytest.approx(made, rel=1e-9)


def test_what_is_held_counts_in_profit_and_equity_and_its_cash_backs_no_contract(desk_with):
    book = desk_with()
    stressed(book)
    alone = {name: of(book, "Stress", FALL, name) for name in ("PnL", "EquityAfter", "MarginRatio", "CapitalNeeded")}
    book = desk_with({**SPOT, "Position": 40.0})
    stressed(book)
    value = 40 * BTC
    assert of(book, "Stress", FALL, "PnL") == pytest.approx(alone["PnL"] - 0.1 * value)
    assert of(book, "Stress", FALL, "EquityAfter") == pytest.approx(alone["EquityAfter"] - 0.1 * value)
    assert of(book, "Stress", FALL, "CapitalNeeded") == pytest.approx(alone["CapitalNeeded"] + value)
    behind = alone["EquityAfter"]
    assert of(book, "Stress", FALL, "MarginRatio") == pytest.approx(alone["MarginRatio"] * behind / (behind - value))


def test_spot_that_hedges_a_short_does_not_keep_it_from_liquidation(desk_with, edit):
    edit("Universe", 0, "Position", -60.0)
    edit("Universe", 1, "Position", None)
    edit("Universe", 2, "Position", None)
    edit("Scenarios", 0, "MarketShock", 0.6)
    book = desk_with({**SPOT, "Position": 60.0}, Equity=60 * BTC * 1.3)
    stressed(book)
    assert of(book, "Stress", FALL, "TotalPnL") == pytest.approx(0.0, abs=1e-6)
    assert of(book, "Stress", FALL, "Verdict") == "liquidated"


def test_a_stablecoin_loses_its_peg_where_the_scenario_says_so(desk_with, edit):
    book = desk_with({**USDC, "Position": 200_000.0})
    edit("Scenarios", 0, "PegShock", -0.12)
    stressed(book)
    assert of(book, "StressMap", FALL, "USDC") == pytest.approx(-24_000.0)
    assert of(book, "StressMap", COVID, "USDC") == 0.0


def test_only_a_perpetual_pays_funding(desk_with):
    book = desk_with({**SPOT, "Position": 1.0}, {**PERP, "Position": 2.0}, {**USDC, "Position": 10.0})
    stressed(book)
    assert of(book, "StressMap", SPIKE, "BTC spot") == 0.0
    assert of(book, "StressMap", SPIKE, "BTC perp elsewhere") == pytest.approx(-2 * BTC * 0.009)


def test_a_perpetual_elsewhere_that_loses_its_margin_is_told(desk_with):
    report = stressed(desk_with({**PERP, "Position": 2.0}))
    assert any(
        "BTC perp elsewhere loses more in a scenario than its initial margin" in each for each in report.warnings
    )


def test_the_trades_of_the_hedge_are_stressed_with_a_target(desk_with, edit):
    book = desk_with(PUT, HedgeHorizonDays=1.0)
    for row in range(2):
        edit("Universe", row, "TakerFeeBps", 900.0)
    edit("BookBasis", "target")
    jobs.rebalance(book, NOW)
    jobs.hedge(book, NOW)
    bought = of(book, "HedgeChoice", "BTC put", "Trade")
    assert bought > 0
    paid_for = "Equity pays for the instruments and the margin of the hedged book"
    assert of(book, "Checks", paid_for, "Status") == "OK"
    assert of(book, "Checks", paid_for, "Value") > bought * put(BTC)
    stressed(book)
    made = bought * (put(BTC * 0.9, 1, 2.0) - put(BTC))
    assert of(book, "StressMap", FALL, "BTC put") == pytest.approx(made, rel=1e-9)
    assert of(book, "HedgeChoice", "BTC put", "WorstPnL") == pytest.approx(
        of(book, "StressMap", of(book, "HedgeChoice", "BTC put", "WorstScenario"), "BTC put")
    )


def test_more_than_the_equity_is_refused(desk_with):
    book = desk_with({**SPOT, "Position": 500.0})
    with pytest.raises(BookError, match=r"sheet 'Hedges': what is held there ties up 31,375,000, and the Equity"):
        stressed(book)


def test_the_map_and_the_waterfall_add_up(desk_with):
    book = desk_with({**SPOT, "Position": 3.0}, {**PUT, "Position": 5.0}, {**PERP, "Position": -2.0})
    stressed(book)
    block = book.table("StressMap")
    for row in block.rows:
        parts = row[block.index("Others") + 1 :]
        assert sum(parts) + (row[block.index("Others")] or 0.0) == pytest.approx(row[block.index("InAll")], abs=1e-6)
    waterfall = book.table("Waterfall")
    assert sum(waterfall.column("PnL")[:-1]) == pytest.approx(waterfall.column("PnL")[-1])
    assert {"BTC spot", "BTC put", "BTC perp elsewhere"} <= set(waterfall.column("Step"))


def test_an_underlying_that_is_only_named_on_hedges_comes_into_play(desk_with, edit):
    edit("Universe", 7, "Include", "N")
    book = desk_with({**SPOT, "Instrument": "LINK spot", "Underlying": "LINKUSDT", "Position": 1_000.0})
    assert "LINKUSDT" in read_desk(book).universe.symbols
    assert "LINKUSDT" in included_symbols(book), "a refresh reads its prices too"
    stressed(book)
    assert of(book, "StressMap", FALL, "LINK spot") < 0
