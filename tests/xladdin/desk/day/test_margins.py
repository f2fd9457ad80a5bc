"""Isolated margin, stops and correlations to one on the desk, against revaluation by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.errors import BookError
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day import stressing
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.problems import BookProblemsError, read_whole_desk
from xladdin.second_opinion.opinion import second_opinion

BTC, ETH, SOL = 0, 1, 2
COVID = "2020-03-12 Covid crash"


@pytest.fixture(autouse=True)
def few_days(monkeypatch):
    monkeypatch.setattr(stressing, "SIMULATED_DAYS", 300)


@pytest.fixture
def held(edit):
    """The sample desk that looks at what it holds, with more typed into Universe: 60 BTC, 900 ETH, 12,000 SOL."""

    def typed(*cells, equity=1_500_000.0, **settings):
        book = edit("BookBasis", "current")
        for name, value in {"Equity": equity, **settings}.items():
            edit(name, value)
        for row, column, value in cells:
            edit("Universe", row, column, value)
        return book

    return typed


def stressed(book):
    report = jobs.stress(book, NOW)
    return report


def of(book, table, row, column):
    """A figure by the name of its row."""
    block = book.table(table)
    return block.column(column)[block.column(block.header[0]).index(row)]


def differing(book):
    return [
        (each.name, each.cell, each.desk, each.second) for each in second_opinion(book) if each.verdict == "differs"
    ]


ISOLATED_SOL = ((SOL, "MarginMode", "isolated"), (SOL, "Collateral", 120_000.0))


class TestIsolated:
    def test_its_own_equity_is_what_is_posted_and_its_open_profit(self, held):
        book = held(*ISOLATED_SOL)
        stressed(book)
        # 12,000 SOL entered at 138.40, now 146.50, maintenance 1 %.
        own = 120_000 + 12_000 * (146.5 - 138.4)
        assert of(book, "Safeguards", "SOLUSDT", "OwnEquity") == pytest.approx(own)
        assert of(book, "Safeguards", "SOLUSDT", "OwnMarginRatio") == pytest.approx(0.01 * 12_000 * 146.5 / own)
        assert of(book, "Safeguards", "SOLUSDT", "OwnHeadroom") == pytest.approx(own - 12_000 * 146.5 / 25)
        bankrupt, liquidated = 146.5 - own / 12_000, (12_000 * 146.5 - own) / (12_000 * 0.99)
        assert of(book, "Safeguards", "SOLUSDT", "BankruptcyPrice") == pytest.approx(bankrupt)
        assert of(book, "Safeguards", "SOLUSDT", "LiquidationPrice") == pytest.approx(liquidated)
        assert of(book, "Ladder", "SOLUSDT", "LiquidationPrice") == pytest.approx(liquidated)

    def test_it_falls_alone_and_costs_its_collateral_and_no_more(self, held):
        book = held(*ISOLATED_SOL, equity=30_000_000.0)
        stressed(book)
        own = 120_000 + 12_000 * (146.5 - 138.4)
        assert of(book, "Stress", COVID, "Order") == "SOLUSDT"
        others = -0.488 * 60 * 62_750 - 0.509 * 900 * 3_430
        assert of(book, "Stress", COVID, "EquityClosed") == pytest.approx(30e6 + others - own)

    def test_in_cross_margin_the_account_bears_it(self, held):
        book = held(equity=30_000_000.0)
        stressed(book)
        assert of(book, "Stress", COVID, "Order") is None
        assert of(book, "Stress", COVID, "EquityClosed") == of(book, "Stress", COVID, "EquityAfter")

    def test_the_capital_that_survives_counts_each_account(self, held):
        book = held(*ISOLATED_SOL, (ETH, "Position", 0.0))
        moves = {"BTC falls": (-0.3, 0.0), "SOL falls": (0.0, -0.5)}
        header = (*TABLES["Scenarios"].header, "BTCUSDT", "SOLUSDT")
        blanks = [None] * (len(header) - 4)
        book.write_table("Scenarios", [[name, 0.0, *blanks, *pair] for name, pair in moves.items()], header)
        stressed(book)
        shared = 60 * 62_750 * (0.3 + 0.7 * 0.005)
        alone = 12_000 * 146.5 * (0.5 + 0.5 * 0.01)
        own_now, shared_now = 12_000 * 146.5 * 0.01, 60 * 62_750 * 0.005
        assert of(book, "Stress", "BTC falls", "CapitalNeeded") == pytest.approx(shared + own_now)
        assert of(book, "Stress", "SOL falls", "CapitalNeeded") == pytest.approx(shared_now + alone)
        assert of(book, "StressSummary", "Capital needed", "Value") == pytest.approx(shared + alone)

    def test_one_that_is_to_be_opened_takes_its_initial_margin(self, book, edit):
        edit("Universe", 7, "MarginMode", "isolated")
        jobs.rebalance(book, NOW)
        report = stressed(book)
        held = of(book, "Weights", "LINKUSDT", "TargetPosition")
        if held:
            assert of(book, "Safeguards", "LINKUSDT", "OwnEquity") == pytest.approx(held * 14.3 / 20)
            assert any("LINKUSDT is to be opened in isolated margin" in said for said in report.warnings)

    def test_all_equity_behind_one_contract_is_cross_margin(self, held):
        alone = [(row, "Position", 0.0) for row in (ETH, SOL)]
        figures = {}
        equity, posted = 400_000.0, 400_000.0 - 60 * (62_750.0 - 61_200.0)
        for mode in ("cross", "isolated"):
            collateral = posted if mode == "isolated" else None
            book = held(*alone, (BTC, "MarginMode", mode), (BTC, "Collateral", collateral), equity=equity)
            stressed(book)
            figures[mode] = {
                table: book.table(table).rows for table in ("Stress", "StressSummary", "Ladder", "Replays", "Waterfall")
            }
        lost = book.table("Stress").index("EquityClosed")
        for one, other in zip(figures["cross"].pop("Stress"), figures["isolated"].pop("Stress"), strict=True):
            for place, (a, b) in enumerate(zip(one, other, strict=True)):
                if place != lost or not one[book.table("Stress").index("Liquidated")]:
                    assert a == (pytest.approx(b, rel=1e-9, abs=1e-6) if isinstance(a, float) else b)
        for table, rows in figures["cross"].items():
            for one, other in zip(rows, figures["isolated"][table], strict=True):
                for a, b in zip(one, other, strict=True):
                    assert a == (pytest.approx(b, rel=1e-9) if isinstance(a, float) else b)

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            (((SOL, "Collateral", 5.0),), r"Universe!\w+: SOLUSDT has Collateral of its own and MarginMode cross"),
            (
                ((SOL, "MarginMode", "isolated"),),
                r"Universe!\w+ is blank and SOLUSDT is held in isolated margin;",
            ),
            (((SOL, "MarginMode", "isolate"),), r"holds 'isolate'; MarginMode is one of: cross, isolated"),
            (((SOL, "MarginMode", 3.0),), r"MarginMode must be a word"),
            (((SOL, "Collateral", "120k"),), r"holds '120k' where Collateral must be a number"),
            (((SOL, "Collateral", -1.0),), r"holds -1; Collateral must be at least 0.01"),
            (((SOL, "Collateral", 0.0),), r"holds 0; Collateral must be at least 0.01"),
            (((SOL, "Stop", 0.0),), r"holds 0; Stop must lie between 0.0001 and 0.9999"),
            (((SOL, "Stop", 1.0),), r"holds 1; Stop must lie between"),
            (((SOL, "Stop", -0.1),), r"holds -0.1; Stop must lie between"),
            (((SOL, "Stop", 5.0),), r"holds 5; Stop must lie between"),
            (((SOL, "Stop", "5%"),), r"the text '5%' where Stop must be a number; type it again"),
            (((SOL, "Stop", "#N/A"),), r"Stop must be a number"),
        ],
    )
    def test_what_cannot_be_is_told_with_its_cell(self, held, cells, message):
        with pytest.raises(BookError, match=message):
            read_desk(held(*cells))

    def test_check_tells_all_of_them_at_once(self, held):
        book = held((SOL, "Collateral", 5.0), (BTC, "MarginMode", "isolated"))
        with pytest.raises(BookProblemsError) as raised:
            read_whole_desk(book)
        assert [each.split(":")[0].split(" ")[0] for each in raised.value.problems] == ["Universe!U7", "Universe!U9"]

    @pytest.mark.parametrize("blank", [None, "", " "])
    def test_a_blank_mode_is_cross(self, held, blank):
        assert not read_desk(held((SOL, "MarginMode", blank))).universe.isolated.any()

    def test_collateral_that_is_used_up_is_told(self, held):
        book = held((SOL, "MarginMode", "isolated"), (SOL, "Collateral", 1_000.0), (SOL, "EntryPrice", 160.0))
        with pytest.raises(BookError, match=r"Collateral 1,000 of SOLUSDT is used up by its open loss of 162,000"):
            stressed(book)

    def test_more_than_there_is_cannot_be_posted(self, held):
        book = held((SOL, "MarginMode", "isolated"), (SOL, "Collateral", 1_600_000.0))
        with pytest.raises(BookError, match=r"adds up to 1,697,200, more than the Equity of 1,500,000"):
            stressed(book)

    def test_a_contract_that_is_not_held_needs_no_collateral(self, held):
        book = held((5, "MarginMode", "isolated"))
        stressed(book)
        assert "ADAUSDT" not in book.table("Safeguards").column("Symbol")


class TestStops:
    def test_a_scenario_that_jumps_over_a_stop_fills_it_where_it_lands(self, held):
        book = held((BTC, "Stop", 0.05), equity=30_000_000.0)
        stressed(book)
        # Entered at 61,200: the stop stands at 58,140, and the price falls to 62,750 x 0.512.
        assert of(book, "Stress", COVID, "Stops") == "BTCUSDT"
        assert of(book, "Stress", COVID, "BeyondStops") == pytest.approx(60 * (58_140 - 62_750 * 0.512))
        whole = -0.488 * 60 * 62_750 - 0.509 * 900 * 3_430
        sol = of(book, "Stress", COVID, "PnL") - whole
        saved = whole + sol + 60 * (58_140 - 62_750 * 0.512)
        assert of(book, "Stress", COVID, "EquityAtStops") == pytest.approx(30e6 + saved)
        assert of(book, "Stress", COVID, "TotalPnL") == pytest.approx(whole + sol), "a stop that is jumped helps nobody"
        assert of(book, "Stress", "Market -5 % in one hour", "Stops") is None
        assert of(book, "Stress", "Market -5 % in one hour", "BeyondStops") == 0.0

    def test_without_stops_nothing_is_said_of_them(self, held):
        book = held()
        stressed(book)
        block = book.table("Stress")
        assert (set(block.column("Stops")), set(block.column("BeyondStops"))) == ({None}, {0.0})
        assert set(block.column("EquityAtStops")) == {None}

    def test_the_stop_of_a_short_is_above_its_entry_and_on_the_tick(self, held):
        book = held((BTC, "Position", -60.0), (BTC, "Stop", 0.0333), equity=30_000_000.0)
        stressed(book)
        stop = of(book, "Safeguards", "BTCUSDT", "StopPrice")
        assert stop == pytest.approx(np.floor(61_200 * 1.0333 * 10) / 10)
        loss = -60 * (stop - 62_750)
        assert of(book, "Safeguards", "BTCUSDT", "LossAtStop") == pytest.approx(loss)

    def test_simulated_days_are_closed_at_their_stops(self, held):
        losses = []
        for stop in (None, 0.1, 0.03):
            book = held(*((row, "Stop", stop) for row in (BTC, ETH, SOL)), *self.entered_now)
            stressed(book)
            losses.append(of(book, "StressSummary", "Mean loss beyond 99 %", "Value"))
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] <= 0.031 * (60 * 62_750 + 900 * 3_430 + 12_000 * 146.5)

    entered_now = ((BTC, "EntryPrice", 62_750.0), (ETH, "EntryPrice", 3_430.0), (SOL, "EntryPrice", 146.5))

    def test_what_comes_first_is_said_and_checked(self, held):
        book = held((BTC, "Stop", 0.05), (ETH, "Stop", 0.9), equity=1_500_000.0)
        report = stressed(book)
        assert of(book, "Safeguards", "BTCUSDT", "ComesFirst") == "stop"
        assert of(book, "Safeguards", "ETHUSDT", "ComesFirst") == "exchange"
        assert of(book, "Safeguards", "SOLUSDT", "ComesFirst") is None
        assert of(book, "Checks", "Each stop comes before liquidation", "Status") == "WARN"
        assert "ETHUSDT" in of(book, "Checks", "Each stop comes before liquidation", "Remedy")
        assert "Each stop comes before liquidation" in report.verdict

    def test_a_stop_that_is_passed_already_is_said_and_filled_at_once(self, held):
        book = held((BTC, "EntryPrice", 70_000.0), (BTC, "Stop", 0.05), equity=30_000_000.0)
        report = stressed(book)
        assert any("the price of BTCUSDT is beyond its Stop already" in said for said in report.warnings)
        assert of(book, "Safeguards", "BTCUSDT", "StopDistance") == 0.0
        assert of(book, "Checks", "No stop is passed already", "Status") == "WARN"
        assert of(book, "Stress", COVID, "BeyondStops") == pytest.approx(0.488 * 60 * 62_750)

    @pytest.mark.parametrize("entry", [None, 0.0])
    def test_without_an_entry_the_price_now_counts_and_is_said(self, held, entry):
        book = held((BTC, "EntryPrice", entry), (BTC, "Stop", 0.05), equity=30_000_000.0)
        report = stressed(book)
        assert any("no entry is stated of BTCUSDT, so its Stop counts from the price now" in s for s in report.warnings)
        assert of(book, "Safeguards", "BTCUSDT", "StopPrice") == pytest.approx(62_750 * 0.95, abs=0.1)

    def test_half_of_the_way_to_liquidation(self, held):
        book = held()
        stressed(book)
        liquidation = of(book, "Safeguards", "BTCUSDT", "LiquidationPrice")
        half = (62_750 + liquidation) / 2
        assert half <= of(book, "Safeguards", "BTCUSDT", "EarlyStop") < half + 0.1


class TestCorrelation:
    def test_at_one_each_contract_moves_by_its_own_volatility(self, held):
        book = held(equity=30_000_000.0)
        jobs.rebalance(book, NOW)
        stressed(book)
        swings = dict(
            zip(book.table("Estimates").column("Symbol"), book.table("Estimates").column("Volatility"), strict=True)
        )
        market = swings["BTCUSDT"]
        values = {"BTCUSDT": 60 * 62_750, "ETHUSDT": 900 * 3_430, "SOLUSDT": 12_000 * 146.5}
        expected = -0.1 * sum(value * swings[symbol] / market for symbol, value in values.items())
        assert of(book, "Stress", "Market -10 %, all correlations one", "PnL") == pytest.approx(expected)

    def test_a_book_that_beta_hedges_is_not_hedged_when_correlations_go_to_one(self, held):
        book = held(equity=30_000_000.0)
        block = book.table("Scenarios")
        place = block.index("CorrelationToOne")
        losses = []
        for level in (0.0, 0.5, 1.0):
            rows = [[*row[:place], level, *row[place + 1 :]] for row in block.rows]
            book.write_table("Scenarios", rows, block.header)
            stressed(book)
            losses.append(of(book, "Stress", "Market -10 % in one hour", "PnL"))
        assert losses[1] == pytest.approx((losses[0] + losses[2]) / 2)
        assert losses[2] < losses[0]

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (1.5, "holds 1.5; CorrelationToOne must lie between 0 and 1"),
            (-0.1, "must lie"),
            ("all", "must be a number"),
        ],
    )
    def test_what_it_cannot_be_leaves_the_scenario_out_which_is_said(self, held, value, message):
        book = held(equity=30_000_000.0)
        block = book.table("Scenarios")
        rows = [list(row) for row in block.rows]
        rows[0][block.index("CorrelationToOne")] = value
        book.write_table("Scenarios", rows, block.header)
        report = stressed(book)
        assert any(message in said and "left out" in said for said in report.warnings)


class TestBetaShift:
    def test_a_breath_more_liquidates_and_a_breath_less_does_not(self, held):
        name = "Market -5 % in one hour"
        book = held(*ISOLATED_SOL)
        stressed(book)
        shift = of(book, "Stress", name, "CriticalBetaShift")
        block = book.table("Scenarios")
        row = block.column("Name").index(name)
        verdicts = []
        for breath in (-1e-6, 1e-6):
            rows = [list(cells) for cells in block.rows]
            rows[row][block.index("BetaShift")] = shift + breath
            book.write_table("Scenarios", rows, block.header)
            stressed(book)
            verdicts.append(of(book, "Stress", name, "Verdict"))
        assert verdicts == ["survives", "liquidated"]


class TestReplays:
    def test_funding_and_the_lowest_point_are_those_of_a_walk_by_hand(self, held):
        book = held((ETH, "Position", -900.0))
        stressed(book)
        block, prices, funding = (book.table(name) for name in ("Replays", "Prices", "Funding"))
        values = {"BTCUSDT": 60 * 62_750.0, "ETHUSDT": -900 * 3_430.0, "SOLUSDT": 12_000 * 146.5}
        for row in block.rows[:3]:
            worst = dict(zip(block.header, row, strict=True))
            closes = [cells for cells in prices.rows if worst["Start"] <= cells[0] <= worst["End"]]
            settled = {cells[0]: cells for cells in funding.rows}
            equity = lowest = 1_500_000.0
            paid = 0.0
            for before, close in pairwise(closes):
                for symbol, value in values.items():
                    place, rate = prices.index(symbol), settled.get(close[0], {})
                    ratio = close[place] / closes[0][place]
                    equity += value * (ratio - before[place] / closes[0][place])
                    paid += value * ratio * ((rate[funding.index(symbol)] if rate else None) or 0.0)
                lowest = min(lowest, equity - paid)
            assert worst["Funding"] == pytest.approx(-paid, abs=0.01)
            assert worst["LowestEquity"] == pytest.approx(lowest, abs=0.01)


class TestSimulation:
    @pytest.mark.parametrize("method", ["bootstrap", "student_copula", "filtered"])
    def test_each_method_gives_its_own_days_and_repeats_them(self, held, method):
        found = []
        for _ in range(2):
            book = held(SimulationMethod=method)
            stressed(book)
            found.append(book.table("StressSummary").column("Value")[-5:])
        assert found[0] == found[1]
        assert all(value > 0 for value in found[0][:3])

    def test_the_methods_differ(self, held):
        figures = set()
        for method in ("bootstrap", "student_copula", "filtered"):
            book = held(SimulationMethod=method)
            stressed(book)
            figures.add(of(book, "StressSummary", "Loss in a day, 99 %", "Value"))
        assert len(figures) == 3

    def test_a_window_that_is_too_short_for_one_is_told_with_its_setting(self, held):
        book = held(SimulationMethod="student_copula", Window=60.0)
        with pytest.raises(BookError, match=r"SimulationMethod student_copula cannot draw from this window .* 100 are"):
            stressed(book)

    def test_a_word_that_is_none_is_refused(self, held):
        with pytest.raises(BookError, match="SimulationMethod is one of: bootstrap, student_copula, filtered"):
            read_desk(held(SimulationMethod="gaussian"))


def test_the_second_opinion_agrees_on_isolated_stops_and_correlations(held):
    book = held(*ISOLATED_SOL, (BTC, "Stop", 0.05), (ETH, "Stop", 0.12), (ETH, "Position", -900.0))
    stressed(book)
    assert differing(book) == []


def test_the_second_opinion_agrees_on_inverse_contracts_tiers_and_an_overlay(held):
    book = held(
        *((BTC, name, value) for name, value in (("Contract", "inverse"), ("Position", 4e6), ("Stop", 0.1))),
        *((SOL, name, value) for name, value in (("OverlayPosition", -3_000.0), ("OverlayEntry", 150.0))),
        *ISOLATED_SOL,
        equity=3_000_000.0,
    )
    tiers = [("SOLUSDT", 0.0, 5e5, 0.01, None, 25.0), ("SOLUSDT", 5e5, None, 0.03, None, 10.0)]
    book.write_table("Tiers", tiers)
    stressed(book)
    assert differing(book) == []


def test_a_stop_is_no_input_of_rebalance_and_one_of_stress(held, edit):
    before = read_desk(held())
    after = read_desk(edit("Universe", BTC, "Stop", 0.05))
    assert after.fingerprint("rebalance") == before.fingerprint("rebalance")
    assert after.fingerprint("stress") != before.fingerprint("stress")


class TestRiskPerTrade:
    def test_a_weight_is_held_to_what_its_stop_may_lose(self, held):
        book = held((BTC, "Stop", 0.05), (SOL, "Stop", 0.1), equity=10_000_000.0, RiskPerTrade=0.01)
        jobs.rebalance(book, NOW)
        weights = dict(zip(book.table("Weights").column("Symbol"), book.table("Weights").column("Final"), strict=True))
        assert weights["BTCUSDT"] == pytest.approx(0.2)
        assert weights["SOLUSDT"] == pytest.approx(0.1)
        assert differing(book) == []

    def test_it_goes_before_what_limits_say_and_blanks_there_stay_long_only(self, held):
        book = held((SOL, "Stop", 0.1), equity=10_000_000.0, RiskPerTrade=0.01)
        header = book.table("Limits").header
        own = [0.4 if symbol != "SOLUSDT" else None for symbol in header[2:]]
        book.write_table("Limits", [["max_weight", None, *own]], header)
        jobs.rebalance(book, NOW)
        weights = dict(zip(book.table("Weights").column("Symbol"), book.table("Weights").column("Final"), strict=True))
        assert 0 <= weights["SOLUSDT"] <= 0.1 + 1e-12
        assert differing(book) == []

    def test_a_least_weight_that_is_too_much_is_told(self, held):
        book = held((BTC, "Stop", 0.05), (BTC, "MinWeight", 0.3), equity=10_000_000.0, RiskPerTrade=0.01)
        with pytest.raises(
            BookError, match=r"MinWeight holds BTCUSDT at 30.00% or further, and RiskPerTrade 1.00% with"
        ):
            jobs.rebalance(book, NOW)

    def test_what_is_held_and_not_traded_is_left_alone(self, held):
        book = held((BTC, "Stop", 0.05), (BTC, "Include", "N"), equity=10_000_000.0, RiskPerTrade=0.01)
        jobs.rebalance(book, NOW)
        assert of(book, "Weights", "BTCUSDT", "Contracts") == 0.0

    def test_stops_are_an_input_of_rebalance_then(self, held, edit):
        before = read_desk(held(RiskPerTrade=0.01))
        after = read_desk(edit("Universe", BTC, "Stop", 0.05))
        for job in ("rebalance", "backtest"):
            assert after.fingerprint(job) != before.fingerprint(job)
