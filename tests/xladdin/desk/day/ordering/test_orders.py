"""Orders on the sample desk: netted of Weights and Hedge, without dust, held to both and to what is held now."""

from __future__ import annotations

import numpy as np
import pytest

from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.second_opinion.opinion import second_opinion


def numbers(block, column):
    return np.array([0.0 if value is None else value for value in block.column(column)], dtype=np.float64)


def by_symbol(block, name, column):
    return dict(zip(block.column(name), numbers(block, column).tolist(), strict=True))


def summary(book):
    block = book.table("OrdersSummary")
    return dict(zip(block.column("Measure"), block.column("Value"), strict=True))


def verdicts(book):
    block = book.table("Checks")
    return dict(zip(block.column("Check"), block.column("Status"), strict=True))


def signed(book):
    block = book.table("Orders")
    sides = {"BUY": 1.0, "SELL": -1.0}
    return {
        symbol: sides[side] * contracts
        for symbol, side, contracts in zip(*map(block.column, ("Symbol", "Side", "Contracts")), strict=True)
    }


def the_day(book):
    jobs.rebalance(book, NOW)
    return jobs.hedge(book, NOW)


def row_of(book, symbol):
    return book.table("Universe").column("Symbol").index(symbol)


def test_after_rebalance_alone_the_list_is_what_weights_trade(book):
    jobs.rebalance(book, NOW)
    wanted = by_symbol(book.table("Weights"), "Symbol", "Contracts")
    assert signed(book) == pytest.approx({symbol: contracts for symbol, contracts in wanted.items() if contracts})
    assert summary(book)["Made of"] == "Weights alone"
    assert set(book.table("Orders").column("Reason")) == {"rebalance"}


def test_after_the_hedge_both_are_netted(book):
    the_day(book)
    weights = by_symbol(book.table("Weights"), "Symbol", "Contracts")
    hedge = by_symbol(book.table("Hedge"), "Hedge", "TradeContracts")
    for symbol, contracts in signed(book).items():
        assert contracts == pytest.approx(weights[symbol] + hedge.get(symbol, 0.0), abs=1e-9)
    orders, figures = book.table("Orders"), summary(book)
    reasons = dict(zip(orders.column("Symbol"), orders.column("Reason"), strict=True))
    assert reasons == {s: "both" if weights[s] and hedge.get(s) else "rebalance" for s in reasons}
    assert "both" in reasons.values()
    costs = numbers(book.table("Weights"), "Cost").sum() + numbers(book.table("Hedge"), "Cost").sum()
    assert figures["Fee"] + figures["Slippage"] + figures["Saved by netting"] == pytest.approx(costs, rel=1e-12)
    assert figures["Saved by netting"] > 0
    assert figures["Bought"] + figures["Sold"] == pytest.approx(numbers(orders, "Notional").sum())


def test_the_margin_after_is_that_of_what_is_then_held(book):
    the_day(book)
    orders, universe, figures = book.table("Orders"), book.table("Universe"), summary(book)
    held = by_symbol(universe, "Symbol", "Position")
    overlay = by_symbol(universe, "Symbol", "OverlayPosition")
    prices, leverage = (by_symbol(universe, "Symbol", name) for name in ("Price", "MaxLeverage"))
    traded = signed(book)
    after = {s: held[s] + overlay[s] + traded.get(s, 0.0) for s in held}
    assert figures["Initial margin after"] == pytest.approx(
        sum(abs(after[s]) * prices[s] / leverage[s] for s in after), rel=1e-12
    )
    assert figures["Initial margin before"] == pytest.approx(
        sum(abs(held[s] + overlay[s]) * prices[s] / leverage[s] for s in after), rel=1e-12
    )
    assert by_symbol(orders, "Symbol", "PositionAfter") == pytest.approx({s: after[s] for s in traded})
    assert figures["Headroom after"] == pytest.approx(10_000_000 - figures["Initial margin after"])


def test_each_limit_is_on_the_tick_within_the_slippage_that_is_counted_on(book):
    the_day(book)
    orders, universe = book.table("Orders"), book.table("Universe")
    prices, ticks, slippage = (by_symbol(universe, "Symbol", name) for name in ("Price", "Tick", "SlippageBps"))
    for symbol, side, limit in zip(*map(orders.column, ("Symbol", "Side", "LimitPrice")), strict=True):
        stated = prices[symbol] * (1 + (1 if side == "BUY" else -1) * slippage[symbol] / 10_000)
        assert abs(limit / ticks[symbol] - round(limit / ticks[symbol])) < 1e-6
        assert (limit <= stated + 1e-12) if side == "BUY" else (limit >= stated - 1e-12)
        assert abs(limit - stated) < ticks[symbol] + 1e-12


def test_what_only_closes_stands_first_and_is_reduce_only(book):
    the_day(book)
    orders = book.table("Orders")
    before, after = numbers(orders, "PositionBefore"), numbers(orders, "PositionAfter")
    closes = [(b * a >= 0 and abs(a) < abs(b)) for b, a in zip(before, after, strict=True)]
    assert orders.column("ReduceOnly") == ["Y" if only else "N" for only in closes]
    assert closes == sorted(closes, reverse=True)
    assert summary(book)["Only closing"] == sum(closes) > 0


def test_without_a_tick_the_limit_is_not_rounded_and_that_is_said(book, edit):
    edit("Universe", row_of(book, "BTCUSDT"), "Tick", None)
    report = the_day(book)
    assert any("the limit of BTCUSDT is not rounded" in warning for warning in report.warnings)
    assert summary(book)["Without a tick"] == 1
    assert verdicts(book)["Each limit is on its tick"] == "WARN"
    assert book.table("Orders").column("Note")[list(signed(book)).index("BTCUSDT")].endswith("limit not rounded")


class TestDust:
    def test_a_trade_of_the_hedge_that_is_dust_is_not_due(self, book):
        report = the_day(book)
        trades = by_symbol(book.table("Hedge"), "Hedge", "TradeNotional")
        assert trades["ETHUSDT"] == 0 != trades["BTCUSDT"]
        assert any("1 order of the hedge, 89 USDT together, left out as smaller" in said for said in report.warnings)
        assert summary(book)["Left out as dust"] == 1
        assert summary(book)["Worth of the dust"] == pytest.approx(89.18)

    def test_where_all_of_the_hedge_is_dust_nothing_is_due(self, book, edit):
        edit("SmallestOrder", 12_000_000.0)
        edit("BookBasis", "current")
        report = jobs.hedge(book, NOW)
        block = book.table("Hedge")
        assert abs(block.column("BetaAfter")[0] - block.column("TargetBeta")[0]) > 0.05
        assert set(block.column("Due")) == {"N"}
        assert not numbers(block, "TradeContracts").any()
        assert "less than a smallest order would bring it" in report.headline
        assert verdicts(book)["Beta after the hedge is within the band"] == "OK"
        assert signed(book) == {}

    def test_small_trades_of_weights_are_held_and_told(self, book, edit):
        edit("SmallestOrder", 100_000.0)
        report = jobs.rebalance(book, NOW)
        weights = book.table("Weights")
        sides = dict(zip(weights.column("Symbol"), weights.column("Side"), strict=True))
        assert sides["ADAUSDT"] == "HOLD"
        assert "ADAUSDT" not in signed(book)
        assert summary(book)["Left out as dust"] == 1
        assert any("1 order of the target, 91,180 USDT together" in said for said in report.warnings)
        sizes = numbers(book.table("Orders"), "Notional")
        assert sizes.min() >= 100_000

    def test_what_netting_leaves_is_dust_too(self, book, edit):
        edit("SmallestOrder", 50_000.0)
        edit("TargetBeta", 1.124)
        report = the_day(book)
        assert by_symbol(book.table("Weights"), "Symbol", "Contracts")["BTCUSDT"] > 19
        assert by_symbol(book.table("Hedge"), "Hedge", "TradeContracts")["BTCUSDT"] < -19
        assert "BTCUSDT" not in signed(book)
        assert any("1 order of Orders, once netted" in said for said in report.warnings)
        assert "FAIL" not in verdicts(book).values()

    def test_what_rounding_leaves_of_a_weight_without_lots_is_no_dust(self, book, edit):
        for row in range(len(book.table("Universe").rows)):
            edit("Universe", row, "Lot", None)
        report = the_day(book)
        assert numbers(book.table("Weights"), "Final").min() >= -1e-9
        assert summary(book)["Left out as dust"] == 0
        assert not any("SmallestOrder" in said for said in report.warnings)
        figures = [each for each in second_opinion(book) if each.name.startswith("Order")]
        assert [each.name for each in figures if each.verdict == "differs"] == []

    def test_nothing_is_dust_where_the_smallest_order_is_zero(self, book, edit):
        edit("SmallestOrder", 0.0)
        the_day(book)
        assert summary(book)["Left out as dust"] == 0
        assert by_symbol(book.table("Hedge"), "Hedge", "TradeNotional")["ETHUSDT"] != 0


class TestStale:
    def test_orders_that_start_from_other_positions_fail(self, book, edit):
        the_day(book)
        edit("Universe", row_of(book, "BTCUSDT"), "Position", 61.0)
        jobs.check(book, NOW)
        assert verdicts(book)["Orders start from the positions held now"] == "FAIL"

    def test_orders_of_other_inputs_warn(self, book, edit):
        the_day(book)
        edit("MarginBuffer", 0.25)
        jobs.check(book, NOW)
        assert verdicts(book)["Orders belong to today's inputs"] == "WARN"
        the_day(book)
        assert verdicts(book)["Orders belong to today's inputs"] == "OK"

    def test_a_hedge_on_an_older_target_says_so(self, book, edit):
        jobs.rebalance(book, NOW)
        edit("MarginBuffer", 0.25)
        report = jobs.hedge(book, NOW)
        assert any("trades of Weights that belong to older inputs" in said for said in report.warnings)
        assert verdicts(book)["Orders belong to today's inputs"] == "WARN"

    def test_a_rebalance_after_the_hedge_takes_the_hedge_out(self, book):
        the_day(book)
        jobs.rebalance(book, NOW)
        assert summary(book)["Made of"] == "Weights alone"
        assert not numbers(book.table("Orders"), "Hedge").any()

    @pytest.mark.parametrize(
        ("table", "column", "value", "check"),
        [
            ("Orders", "Contracts", 1.0, "Orders are the trades of Weights and Hedge"),
            ("Weights", "Contracts", 0.0, "Orders are the trades of Weights and Hedge"),
            ("OrdersSummary", "Value", 1.0, "Margin after the orders is that of the positions after"),
        ],
    )
    def test_what_was_changed_by_hand_is_found(self, book, edit, table, column, value, check):
        the_day(book)
        row = book.table(table).column("Measure").index("Initial margin after") if table == "OrdersSummary" else 0
        edit(table, row, column, value)
        jobs.check(book, NOW)
        assert verdicts(book)[check] == "FAIL"


def test_a_hedge_of_what_is_held_now_leaves_the_target_aside(book, edit):
    edit("BookBasis", "current")
    report = the_day(book)
    hedge = by_symbol(book.table("Hedge"), "Hedge", "TradeContracts")
    assert signed(book) == pytest.approx({symbol: contracts for symbol, contracts in hedge.items() if contracts})
    assert summary(book)["Made of"] == "Hedge alone"
    assert any("BookBasis is current" in said for said in report.warnings)
    assert "FAIL" not in verdicts(book).values()


def test_while_the_clock_waits_only_the_hedge_is_ordered(book, edit):
    edit("LastTrade", book.table("Prices").column("Time")[-1])
    the_day(book)
    assert summary(book)["Waiting for the clock"] > 0
    assert set(book.table("Orders").column("Reason")) == {"hedge"}


def test_an_overlay_is_netted_with_the_book(book, edit):
    edit("HedgeMode", "overlay")
    edit("Universe", row_of(book, "BTCUSDT"), "OverlayPosition", -20.0)
    the_day(book)
    before = by_symbol(book.table("Orders"), "Symbol", "PositionBefore")
    assert before["BTCUSDT"] == 40.0
    assert "FAIL" not in verdicts(book).values()


def test_a_position_that_is_no_whole_lot_is_closed_in_lots_and_the_rest_told(book, edit):
    edit("Universe", row_of(book, "ETHUSDT"), "Position", 900.00345)
    jobs.rebalance(book, NOW)
    orders = book.table("Orders")
    row = orders.column("Symbol").index("ETHUSDT")
    assert orders.column("Contracts")[row] == pytest.approx(900.003, abs=1e-12)
    assert "no whole lot" in orders.column("Note")[row]
    assert verdicts(book)["Orders are the trades of Weights and Hedge"] == "OK"


def test_funding_is_what_the_next_settlement_takes(book):
    the_day(book)
    orders, hours = book.table("Orders"), 8
    last = book.table("Prices").column("Time")[-1]
    rates = by_symbol(book.table("Estimates"), "Symbol", "FundingAnnual")
    sides = signed(book)
    for symbol, notional, funding, settles in zip(
        *map(orders.column, ("Symbol", "Notional", "Funding", "Settles")), strict=True
    ):
        assert 0 < (settles - last).total_seconds() <= hours * 3600
        assert settles.hour % hours == 0
        expected = np.sign(sides[symbol]) * notional * rates[symbol] * hours / 8760
        assert funding == pytest.approx(expected, rel=1e-9)
