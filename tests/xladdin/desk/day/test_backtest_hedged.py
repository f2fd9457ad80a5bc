"""A backtest with HedgeInPast decides what Rebalance and then Hedge answer, and sees nothing that comes later."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from core.errors import BookError
from core.estimate.beta.factors import factor_betas
from xladdin.desk import jobs
from xladdin.desk.day.backtest_attribution import attribute_run
from xladdin.desk.day.backtest_limits import limits_held
from xladdin.desk.day.backtesting import run_backtest
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings

NOW = datetime(2024, 7, 1, 12)


def walked(book):
    with heard_warnings() as said:
        run = run_backtest(read_desk(book))
    return run, said


def fill(book, **columns):
    """The same value in every row of Universe, or one a row."""
    block = book.table("Universe")
    rows = [list(row) for row in block.rows]
    for name, values in columns.items():
        for place, row in enumerate(rows):
            row[block.index(name)] = values[place] if isinstance(values, list) else values
    book.write_table("Universe", rows)


def marked(book, hedges, only_hedges=()):
    """Mark hedges, and leave some of them out of the book."""
    symbols = book.table("Universe").column("Symbol")
    fill(
        book,
        Hedge=["Y" if symbol in hedges else "N" for symbol in symbols],
        Include=["N" if symbol in only_hedges else "Y" for symbol in symbols],
        MaxWeight=0.3,
    )


def with_factor(book, start=0):
    """One further factor on the bars of Prices from a row on, of which the contracts have some."""
    block = book.table("Prices")
    prices = np.array([row[1:] for row in block.rows], dtype=np.float64)
    moves = np.vstack([np.zeros(prices.shape[1]), prices[1:] / prices[:-1] - 1])
    own = moves[:, 3] - moves[:, 0] + np.random.default_rng(2).normal(0, 0.002, len(moves))
    rows = [[row[0], float(move)] for row, move in zip(block.rows, own, strict=True)]
    book.write_table("Factors", rows[start:], (TABLES["Factors"].header[0], "EQUITIES"))


@pytest.fixture
def desk(book, edit):
    """A desk without what only today knows, in contracts that can be split, which is hedged to a beta of 0.1."""
    fill(book, ImpliedVol=None, View=None, Position=0.0, OverlayPosition=0.0, Lot=0.0)
    for name, value in (("HedgeInPast", "Y"), ("DecideEvery", 96.0), ("TargetBeta", 0.1), ("TradeAnyway", "Y")):
        edit(name, value)
    return book


def held_before(run, row):
    """Weights before the trade at a row, (N,)."""
    ledger = run.policy.ledger
    equity = ledger.equity[row] + (ledger.fees + ledger.slippage)[row].sum()
    return ledger.quantities[row - 1] * ledger.marks[row] / equity


def answered_now(book, held, prices, overlay):
    """Weights after Rebalance and then Hedge, of a desk that holds `held`, and of it `overlay` in OverlayPosition."""
    equity = book.value("Equity").value
    fill(
        book,
        Price=prices.tolist(),
        Position=((held - overlay) * equity / prices).tolist(),
        OverlayPosition=(overlay * equity / prices).tolist(),
    )
    jobs.rebalance(book, NOW)
    jobs.hedge(book, NOW)
    symbols = book.table("Universe").column("Symbol")
    coins = dict.fromkeys(symbols, 0.0)
    for table, name, column in (("Weights", "Symbol", "TargetPosition"), ("Hedge", "Hedge", "TradeContracts")):
        block = book.table(table)
        for symbol, traded in zip(block.column(name), block.column(column), strict=True):
            coins[symbol] += traded
    return np.array([coins[symbol] for symbol in symbols]) * prices / equity + overlay


@pytest.mark.parametrize("mode", ["direct", "factor", "overlay"])
@pytest.mark.parametrize(
    ("hedges", "only_hedges"),
    [(["BTCUSDT", "ETHUSDT"], []), (["BTCUSDT"], ["BTCUSDT"]), (["BTCUSDT", "BNBUSDT"], ["BTCUSDT", "BNBUSDT"])],
)
@pytest.mark.parametrize("aim", ["target", "edge"])
def test_the_last_decision_is_what_rebalance_and_then_hedge_answer(desk, edit, mode, hedges, only_hedges, aim):
    edit("HedgeMode", mode)
    edit("HedgeAim", aim)
    edit("HedgeBand", 0.001)
    marked(desk, hedges, only_hedges)
    with_factor(desk)
    run, _ = walked(desk)
    row, decided = run.decided[-1]
    assert row == len(run.times) - 1
    held, prices = held_before(run, row), run.policy.ledger.marks[row]
    symbols = run.desk.universe.symbols
    shares = dict(run.hedging[:-1])[run.decided[-2][0]]
    beside = [mode == "overlay" and symbol in hedges for symbol in symbols]
    overlay = np.where([symbol in only_hedges for symbol in symbols], held, np.where(beside, shares * held, 0.0))
    answer = answered_now(desk, held, prices, overlay)
    assert desk.table("Hedge").column("TradeNotional") != [0.0] * len(hedges)
    np.testing.assert_allclose(np.where(np.isnan(decided), held, decided), answer, atol=1e-8)


def test_whole_lots_leave_it_within_a_lot_of_the_jobs(desk):
    marked(desk, ["BTCUSDT"], ["BTCUSDT"])
    fill(desk, Lot=[0.001, 0.01, 0.1, 0.01, 1.0, 1.0, 1.0, 0.1])
    run, _ = walked(desk)
    row, decided = run.decided[-1]
    held, prices = held_before(run, row), run.policy.ledger.marks[row]
    answer = answered_now(desk, held, prices, np.where(run.desk.universe.included, 0.0, held))
    lot = run.desk.universe.lots * prices / run.desk.settings.equity
    decided = np.where(np.isnan(decided), held, decided)
    assert (np.abs(decided - answer)[1:] <= 0.5 * lot[1:] + 1e-9).all()
    assert abs(decided - answer)[0] <= 0.5 * lot.sum() * 2


def test_nothing_after_a_row_changes_what_was_before_it(desk, edit):
    edit("HedgeMode", "factor")
    with_factor(desk)
    run, _ = walked(desk)
    cut = 1500
    for name in ("Prices", "Factors"):
        block = desk.table(name)
        rows = [list(row) for row in block.rows]
        for number, row in enumerate(rows[cut:]):
            row[1:] = [None if cell is None else cell * (1.5 + 0.1 * (number % 7)) for cell in row[1:]]
        desk.write_table(name, rows, block.header)
    other, _ = walked(desk)
    np.testing.assert_array_equal(run.policy.ledger.quantities[:cut], other.policy.ledger.quantities[:cut])
    np.testing.assert_array_equal(run.policy.ledger.equity[:cut], other.policy.ledger.equity[:cut])
    assert not np.array_equal(run.policy.ledger.equity, other.policy.ledger.equity)


def test_a_desk_without_hedge_contracts_is_refused(desk):
    marked(desk, [])
    with pytest.raises(BookError, match="HedgeInPast is Y and no contract on Universe is marked Hedge"):
        walked(desk)


def test_factors_without_a_return_are_refused(desk, edit):
    edit("HedgeMode", "factor")
    desk.write_table("Factors", [], TABLES["Factors"].header)
    with pytest.raises(BookError, match="sheet 'Factors' has no return in the history"):
        walked(desk)


def test_without_it_nothing_is_hedged_and_that_is_said(desk, edit):
    edit("HedgeInPast", "N")
    run, said = walked(desk)
    assert any("BTCUSDT, ETHUSDT, marked Hedge, hedged nothing; set HedgeInPast to Y" in sentence for sentence in said)
    assert run.unhedged is None
    assert not run.hedging
    marked_none = run.policy.ledger.equity
    fill(desk, Hedge="N")
    again, said = walked(desk)
    np.testing.assert_array_equal(again.policy.ledger.equity, marked_none)
    assert not any("HedgeInPast" in sentence for sentence in said)


def test_a_contract_that_only_hedges_has_no_weight_in_the_book_and_all_of_it_is_the_hedge(desk, edit):
    edit("HedgeBand", 0.0)
    marked(desk, ["BTCUSDT"], ["BTCUSDT"])
    run, _ = walked(desk)
    assert not run.unhedged.ledger.quantities[:, 0].any()
    ledger = run.policy.ledger
    assert (ledger.quantities[run.first :, 0] < 0).all()
    np.testing.assert_array_equal(ledger.quantities[-2, 1:] > 0, run.unhedged.ledger.quantities[-2, 1:] > 0)
    assert abs(run.policy.figures.beta - 0.1) < 0.05 < run.unhedged.figures.beta
    found = attribute_run(run)
    parts = dict(zip(found.parts.parts, found.parts.money.sum(axis=0), strict=True))
    assert parts["hedge BTCUSDT"] == pytest.approx(ledger.pnl[:, 0].sum(), rel=1e-12)
    assert parts["funding of hedges"] == pytest.approx(ledger.funding[:, 0].sum(), rel=1e-12)
    assert found.parts.largest_difference < 1e-12
    assert not [each for each in limits_held(run) if "weight" in each.name]


def test_of_a_contract_that_is_held_and_hedges_the_share_that_hedges_is_told_apart(desk):
    run, _ = walked(desk)
    ledger, found = run.policy.ledger, attribute_run(run)
    row, shares = run.hedging[3]
    hedges = shares != 0
    assert hedges.any()
    after = next(later for later, _ in run.hedging[4:])
    bars = slice(row + 1, after + 1)
    column = found.parts.parts.index(f"hedge {run.desk.universe.symbols[int(hedges.argmax())]}")
    np.testing.assert_allclose(
        found.parts.money[bars, column], shares[hedges][0] * ledger.pnl[bars, int(hedges.argmax())], rtol=1e-12
    )
    assert found.parts.largest_difference < 1e-12


def test_two_factors_are_brought_to_their_targets(desk, edit):
    edit("HedgeMode", "factor")
    edit("GrossMax", 5.0)
    edit("HedgeBand", 0.0)
    marked(desk, ["BTCUSDT", "BNBUSDT"], ["BTCUSDT", "BNBUSDT"])
    with_factor(desk)
    run, _ = walked(desk)
    row, decided = run.decided[-1]
    decided = np.where(np.isnan(decided), held_before(run, row), decided)
    window = slice(row - 720, row)
    panel = run.desk.history
    market = panel.returns()[window, panel.symbols.index("BTCUSDT")]
    further = np.array([cells[1] for cells in desk.table("Factors").rows])[row - 719 : row + 1]
    with heard_warnings():
        loadings = factor_betas(panel.returns()[window, : len(decided)], np.column_stack([market, further])).beta
    np.testing.assert_allclose(loadings @ decided, [0.1, 0.0], atol=1e-9)
    assert abs(loadings @ (decided * run.desk.universe.included))[1] > 0.01


def test_while_the_book_waits_the_hedge_is_looked_at_and_does_not_set_back_its_clock(desk, edit):
    for name, value in (("Clock", "every"), ("ClockHours", 240.0), ("DecideEvery", 24.0), ("HedgeBand", 0.01)):
        edit(name, value)
    marked(desk, ["BTCUSDT"], ["BTCUSDT"])
    run, _ = walked(desk)
    traded = np.diff(run.policy.ledger.quantities, axis=0) != 0
    book, hedge = traded[:, 1:].any(axis=1), traded[:, 0]
    assert np.flatnonzero(book).tolist() == list(range(run.first - 1, 2160, 240))
    assert (hedge & ~book).sum() > 5


def test_where_no_hedge_can_be_traded_the_book_stands_without_one_and_that_is_said(desk):
    marked(desk, ["BNBUSDT"], ["BNBUSDT"])
    block = desk.table("Prices")
    rows, place = [list(row) for row in block.rows], block.index("BNBUSDT")
    for row in rows[:1400]:
        row[place] = None
    desk.write_table("Prices", rows, block.header)
    run, said = walked(desk)
    column = run.desk.universe.symbols.index("BNBUSDT")
    assert not run.policy.ledger.quantities[:1430, column].any()
    assert run.policy.ledger.quantities[1600, column] != 0
    assert any("no contract marked Hedge had a price and enough returns" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("cells", "contract", "hedges", "only_hedges"),
    [
        ({"HedgeMode": "direct"}, "inverse", ["BTCUSDT"], ["BTCUSDT"]),
        ({"HedgeMode": "overlay", "TradeDelay": 2.0}, "inverse", ["BTCUSDT"], []),
        ({"Model": "beta_neutral"}, "linear", ["BTCUSDT", "ETHUSDT"], ["ETHUSDT"]),
        ({"MonthStop": 0.02, "MaxDrawdown": 0.1, "TargetBeta": 0.0}, "linear", ["BTCUSDT"], ["BTCUSDT"]),
        ({"RegimeWindow": "Y", "HedgeMode": "factor"}, "linear", ["BTCUSDT", "ETHUSDT"], ["BTCUSDT"]),
        ({"TargetBeta": -8.0}, "linear", ["BTCUSDT"], ["BTCUSDT"]),
    ],
)
def test_a_strange_desk_keeps_its_books_and_no_second_opinion_differs(desk, edit, cells, contract, hedges, only_hedges):
    for name, value in cells.items():
        edit(name, value)
    marked(desk, hedges, only_hedges)
    fill(desk, Contract=[contract, *["linear"] * 7])
    run, _ = walked(desk)
    assert run.policy.ledger.largest_difference < 1e-12
    assert attribute_run(run).parts.largest_difference < 1e-12
    jobs.backtest(desk, NOW)
    assert jobs.verify(desk, NOW).passed


def test_a_real_book_of_alts_hedged_daily_loses_less_than_half_of_what_it_lost_alone_in_may_2022(
    book, edit, shared_data, tmp_path
):
    """Six altcoins at equal weights, bars of eight hours, hedged to no beta with BTC and ETH, which are not in it."""
    closes = pd.read_csv(shared_data / "perp_8h_binance_8coins.csv.gz", parse_dates=["timestamp"])
    rates = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    closes["time"] = closes["timestamp"] + pd.Timedelta(hours=8)  # a row is stamped where its bar opens
    rates["time"] = rates["timestamp"].dt.round("1h").dt.ceil("8h")
    paid = rates.groupby(["time", "symbol"], as_index=False)["funding_rate"].sum()
    rows = closes[["time", "symbol", "close"]].merge(paid, on=["time", "symbol"], how="left")
    rows = rows[rows["time"].between("2022-01-01", "2022-06-01")].sort_values(["time", "symbol"])
    rows.to_csv(tmp_path / "history.csv", index=False)
    jobs.refresh(book, tmp_path / "history.csv", sorted(rows["symbol"].unique()), now=NOW)
    marked(book, ["BTCUSDT", "ETHUSDT"], ["BTCUSDT", "ETHUSDT"])
    for name, value in {"Model": "equal_weight", "Window": 270.0, "DecideEvery": 3.0, "TargetBeta": 0.0}.items():
        edit(name, value)
    edit("HedgeInPast", "Y")
    run, _ = walked(book)
    fallen = {}
    for name in ("policy", "unhedged"):
        equity = pd.Series(getattr(run, name).ledger.equity, run.times)["2022-05"]
        fallen[name] = float((1 - equity / equity.cummax()).max())
    assert fallen["policy"] < 0.5 * fallen["unhedged"]
    assert fallen["unhedged"] > 0.45
    assert abs(run.policy.figures.beta) < 0.25 * run.unhedged.figures.beta


def test_each_figure_of_a_hedged_walk_has_a_second_opinion_or_its_reason(desk):
    marked(desk, ["BTCUSDT"], ["BTCUSDT"])
    jobs.backtest(desk, NOW)
    report = jobs.verify(desk, NOW)
    assert report.passed
    rows = desk.table("Verification")
    assert any("hedge" in str(cell) for row in rows.rows for cell in row)
