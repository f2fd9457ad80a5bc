"""The backtest asks what Rebalance asks, keeps its books, and says no to a history that cannot be walked."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from core.errors import BookError, UndefinedError
from xladdin.desk.day.asking import question
from xladdin.desk.day.backtest_attribution import attribute_run
from xladdin.desk.day.backtest_limits import limits_held
from xladdin.desk.day.backtesting import run_backtest
from xladdin.desk.day.estimates import estimate
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings


def walked(book, moved=None):
    with heard_warnings() as said:
        run = run_backtest(read_desk(book), moved)
    return run, said


def keep(book, rows, columns=None):
    """The history of the desk from some rows on, of some contracts."""
    for name in ("Prices", "Funding"):
        block = book.table(name)
        header = block.header if columns is None else ("Time", *columns)
        places = [block.index(heading) for heading in header]
        book.write_table(name, [[row[place] for place in places] for row in block.rows[rows]], header)


def only(book, symbols):
    """A desk of these contracts alone."""
    block = book.table("Universe")
    rows = [list(row) for row in block.rows if row[0] in symbols]
    for row in rows:
        row[block.index("MaxWeight")] = 1.0
    book.write_table("Universe", rows)
    header = block.header
    assert header


@pytest.mark.parametrize("model", ["classical", "hybrid", "min_variance", "beta_neutral"])
def test_the_last_decision_is_what_rebalance_answers_when_it_holds_the_same(book, edit, model):
    edit("Model", model)
    edit("DecideEvery", 48.0)
    for row in range(len(book.table("Universe").rows)):
        edit("Universe", row, "ImpliedVol", None)
        edit("Universe", row, "View", None)
        edit("Universe", row, "Position", 0.0)
    run, _ = walked(book)
    row, decided = run.decided[-1]
    assert row == len(run.times) - 1
    coins = run.policy.ledger.quantities[row - 1]
    for place, held in enumerate(coins):
        # what is held is worth the same share of the desk's equity
        scale = run.desk.settings.equity / _before(run, row)
        edit("Universe", place, "Position", float(held * scale))
        edit("Universe", place, "Price", float(run.policy.ledger.marks[row, place]))
    with heard_warnings():
        desk = read_desk(book)
        estimates = estimate(desk)
        asked = question(desk, estimates.known, estimates.outlook)
        target = asked.policy(asked.outlook, asked.holding)
    held = coins * run.policy.ledger.marks[row] / _before(run, row)
    np.testing.assert_allclose(np.where(np.isnan(decided), held, decided), target.weights, atol=1e-9)


def _before(run, row):
    """Equity at a row before its trade."""
    ledger = run.policy.ledger
    return ledger.equity[row] + (ledger.fees + ledger.slippage)[row].sum()


def test_every_bar_is_its_parts_and_the_parts_of_attribution_are_the_result(book):
    run, _ = walked(book)
    assert run.policy.ledger.largest_difference < 1e-12
    found = attribute_run(run)
    assert found.parts.largest_difference < 1e-12
    assert found.money.sum() == pytest.approx(run.policy.ledger.equity[-1] - run.policy.ledger.start, rel=1e-9)
    before = np.concatenate([[1.0], np.cumprod(1 + found.month_returns)])
    assert before[-1] == pytest.approx(1 + run.policy.figures.total_return, rel=1e-12)
    assert [str(month) for month in found.months] == ["2025-01", "2025-02", "2025-03"]


def test_nothing_after_a_row_changes_what_was_before_it(book):
    run, _ = walked(book)
    block = book.table("Prices")
    cut = 1500
    rows = [list(row) for row in block.rows]
    for number, row in enumerate(rows[cut:]):
        row[1:] = [None if cell is None else cell * (1.5 + 0.1 * (number % 7)) for cell in row[1:]]
    book.write_table("Prices", rows, block.header)
    other, _ = walked(book)
    for one, two in ((run.policy, other.policy), (run.equal_weight, other.equal_weight)):
        np.testing.assert_array_equal(one.ledger.equity[:cut], two.ledger.equity[:cut])
        np.testing.assert_array_equal(one.ledger.quantities[:cut], two.ledger.quantities[:cut])
    assert not np.array_equal(run.policy.ledger.equity, other.policy.ledger.equity)


def test_it_begins_at_the_stated_close_and_moves_on_by_the_stated_bars(book, edit):
    start = book.table("Prices").rows[1000][0]
    edit("BacktestFrom", start - timedelta(minutes=20))
    edit("DecideEvery", 100.0)
    run, _ = walked(book)
    assert run.times[run.first].item() == start
    assert run.policy.ledger.decisions.tolist() == list(range(1000, 2161, 100))


def test_a_start_before_the_window_is_full_is_said(book, edit):
    edit("BacktestFrom", book.table("Prices").rows[10][0])
    run, said = walked(book)
    assert run.first == 720
    assert any("the window is not full" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Window": 2160.0}, "2160 returns leave a backtest nothing after the window of 2160"),
        ({"Window": 20.0}, "Window is 20 bars and a decision needs 30 returns"),
        ({"Window": 2161.0}, "the window is 2161 bars and Prices has 2160 returns"),
        ({"TradeDelay": 5000.0}, "nothing after the window of 720 and a delay of 5000; .* or shorten TradeDelay on"),
    ],
)
def test_a_window_that_leaves_nothing_is_refused(book, edit, changes, reason):
    for name, value in changes.items():
        edit(name, value)
    with pytest.raises(BookError, match=reason):
        walked(book)


def test_a_start_after_the_history_is_refused(book, edit):
    edit("BacktestFrom", book.table("Prices").rows[-1][0])
    with pytest.raises(BookError, match=r"BacktestFrom is .* and the history ends at"):
        walked(book)


def test_a_date_that_is_a_word_is_refused_with_its_cell(book, edit):
    edit("BacktestFrom", "yesterday")
    with pytest.raises(BookError, match=r"holds 'yesterday' where BacktestFrom must be a time"):
        walked(book)


def test_a_policy_that_never_answers_is_told_with_the_close_and_the_reason(book, edit):
    edit("FallbackAllowed", "N")
    edit("MarketReturn", -0.9)
    with pytest.raises(
        UndefinedError, match=r"the policy had no answer in any of 61 decisions, first at 2025-01-31 00:00"
    ):
        walked(book)


def test_without_fallback_nothing_is_traded_where_there_is_no_answer(book, edit):
    edit("FallbackAllowed", "N")
    edit("MarketInPast", "mean")  # which is below funding in some windows
    run, said = walked(book)
    held = [row for row, who in run.policy.run.decisions.answers if who == "hold"]
    assert 0 < len(held) < 61
    assert not run.policy.ledger.turnover[held].any()
    assert any(f"the model had no answer in {len(held)} of 61 decisions" in sentence for sentence in said)


def test_a_desk_of_one_contract(book):
    only(book, ["BTCUSDT"])
    run, _ = walked(book)
    assert run.policy.ledger.weights.shape[1] == 1
    np.testing.assert_allclose(run.policy.ledger.equity, run.equal_weight.ledger.equity, rtol=1e-9)
    assert run.policy.figures.beta == pytest.approx(1.0, abs=0.02)


def test_a_young_listing_is_held_once_it_has_returns_enough(book):
    block = book.table("Prices")
    rows, place = [list(row) for row in block.rows], block.index("SOLUSDT")
    for row in rows[:1400]:
        row[place] = None
    book.write_table("Prices", rows, block.header)
    run, _ = walked(book)
    column = run.desk.universe.symbols.index("SOLUSDT")
    weights = run.equal_weight.ledger.weights[:, column]
    first = int(np.flatnonzero(weights)[0])
    assert 1400 + 30 <= first < 1400 + 30 + 24
    assert not weights[:first].any()


def test_daily_bars(book, edit):
    for name in ("Prices", "Funding"):
        block = book.table(name)
        rows = [list(row) for row in block.rows[::24]]
        if name == "Funding":  # what settled in the day before each close
            for number, row in enumerate(rows):
                day = block.rows[max(24 * (number - 1) + 1, 0) : 24 * number + 1]
                row[1:] = [sum(each[i] or 0.0 for each in day) for i in range(1, len(row))]
        book.write_table(name, rows, block.header)
    for name, value in (("BarHours", 24.0), ("Window", 30.0), ("DecideEvery", 1.0)):
        edit(name, value)
    run, _ = walked(book)
    assert len(run.times) == 91
    assert run.policy.ledger.decisions.size == 61
    assert run.policy.ledger.largest_difference < 1e-12


def test_a_book_beyond_its_margin_is_liquidated_and_says_when_and_who(book, edit):
    for name, value in (("NetTarget", 6.0), ("GrossMax", 6.0), ("MarginBuffer", 0.0)):
        edit(name, value)
    for row in range(len(book.table("Universe").rows)):
        edit("Universe", row, "MaxWeight", 1.0)
        edit("Universe", row, "MaintenanceRate", 0.03)
    run, said = walked(book)
    row, column = run.policy.ledger.liquidated[0]
    symbol, when = run.desk.universe.symbols[column], run.times[row].item()
    assert any(f"first {symbol} at {when:%Y-%m-%d %H:%M}" in sentence for sentence in said)
    assert (run.policy.ledger.equity >= 0).all()
    assert run.policy.ledger.largest_difference < 1e-12


def test_the_unhedged_book_stands_beside_a_policy_that_hedges_only(book, edit):
    assert walked(book)[0].unhedged is None
    edit("Model", "beta_neutral")
    run, _ = walked(book)
    assert abs(run.policy.figures.beta) < 0.1 < run.unhedged.figures.beta
    parts = attribute_run(run).parts.parts
    assert "hedge BTCUSDT" in parts
    assert not [each for each in limits_held(run) if "weight" in each.name]


def test_limits_are_kept_at_trades_and_drift_beyond_them_is_counted(book):
    run, _ = walked(book)
    found = {each.name.partition(",")[0]: each for each in limits_held(run)}
    assert all(each.after_trade == 0 for each in found.values())
    largest = found["Largest weight"]
    assert largest.bars > 0
    assert largest.worst > largest.permitted == 0.15


def test_what_only_today_knows_is_left_out_and_said(book, edit):
    before, _ = walked(book)
    edit("Universe", 0, "View", 5.0)
    after, said = walked(book)
    np.testing.assert_array_equal(before.policy.ledger.equity, after.policy.ledger.equity)
    assert any("views" in sentence and "left out" in sentence for sentence in said)


def test_a_benchmark_without_a_price_at_the_first_decision_begins_at_its_next(book):
    block = book.table("Prices")
    rows = [list(row) for row in block.rows]
    rows[720][block.index("BTCUSDT")] = None
    book.write_table("Prices", rows, block.header)
    run, _ = walked(book)
    assert np.isnan(run.benchmark[720])
    assert run.benchmark[721] == run.desk.settings.equity


def test_a_run_can_be_watched_and_stopped(book):
    seen = []

    def moved(doing, done, of):
        seen.append((doing, done, of))
        if done == 5:
            raise BookError("stopped")

    with pytest.raises(BookError, match="stopped"):
        walked(book, moved)
    assert seen == [("the policy", done, 61) for done in range(6)]
