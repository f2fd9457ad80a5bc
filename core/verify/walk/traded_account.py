"""An account on its way through a history: what is held, what it is worth after row `row`, and the books so far.

Between two events a stretch is one block of arithmetic. In the bar of an event every step is taken by itself, and what
the exchange closes is closed by the one engine of liquidations: it closes first what has lost most since the last
trade, and knows from bar to bar what it has closed already.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Rows
from ...errors import ArgumentError
from ...estimate.regression import quotient
from ...market.contract import round_to_lot
from ...numeric.compiled import in_rows, worth_compiling
from ..blocks import blocks
from ..path.account import Account
from ..path.bars import OverBars
from ..path.book import margin_tables
from ..path.statement import STOP
from .given import Orders
from .history import History
from .ledger import Ledger
from .programmed import Programs
from .programmed_loop import decide_by_loop
from .standing import Standing, entered
from .stretch import Bars, Books, Held, hold_by_numpy, short
from .stretch_loops import Stretch, TradeTerms, stretch_of, walk_by_loop
from .terms import Terms

__all__ = ["TradedAccount"]

PASSES = 16
"""Arrays of bars x contracts that numpy goes through."""


class TradedAccount:
    """N contracts on T bars, in cash at first; `row` is the one whose close has come."""

    held: Held
    _opened: int
    _coins: Array
    _strikes: Array
    _collateral: Array

    def __init__(self, history: History, terms: Terms, equity: float) -> None:
        rows, size = history.prices.shape
        self.history, self.start, self.size, self.row = history, equity, size, 0
        self.decisions = np.empty(0, dtype=np.int64)
        self.ordered = Orders.of([], size)
        self.terms = terms
        rates, amounts, self.edges = margin_tables(terms.of_each("maintenance_rates", size), terms.tiers)
        each = (terms.of_each(name, size) for name in ("fee", "slippage", "lots", "isolated", "stops"))
        self._each = TradeTerms(*in_rows(*each, rates, amounts))
        self.liquidation_fee = terms.of_each("liquidation_fee", size)
        self.linear = terms.linear(size)
        self.by_loop = worth_compiling(PASSES * rows * size)
        self.bars = _bars(history, terms)
        if self.by_loop:
            self.bars = self.bars.in_rows()
        self.books = Books(*np.zeros((3, rows)), *np.zeros((6, rows, size)))
        self.books.equity[0] = equity
        self.entries = np.full(size, np.nan)
        self.shortfall, self.ruined_by_trade = 0.0, False
        self._engine: OverBars | None = None
        self._liquidated: list[tuple[int, int]] = []
        self._stopped: list[tuple[int, int]] = []
        self._open(np.zeros(size), equity)

    def begin(self, asked: Rows) -> None:
        """Wait in the first row that is asked, if any: what is before it is no part of the walk, and earns nothing."""
        self.row = int(asked[0]) if asked.size else 0
        self.books.equity[: self.row + 1] = self.start

    @property
    def equity(self) -> float:
        """Of the whole account now; 0 once all is lost."""
        return float(self.books.equity[self.row])

    @property
    def standing(self) -> Standing:
        """What whoever decides may know."""
        equity, coins = self.equity, self.held.coins
        stopped = np.zeros(coins.size, dtype=bool)
        stopped[[column for row, column in self._stopped if row > self._opened]] = True
        return Standing(
            row=self.row,
            weights=np.asarray(coins * self.bars.marks[self.row] / equity),
            equity=equity,
            entries=np.where(coins == 0, np.nan, self.entries),
            stopped=stopped,
            path=self.books.equity[: self.row + 1].copy(),
        )

    def go_on(self, last: int, orders: Orders) -> None:
        """Go on up to row `last`, and trade on the way, that row included, where weights are due."""
        at = np.array([self.row, 0, self._opened, last])
        while self.equity > 0:
            self._hold(orders, at)
            if at[1] < orders.rows.size and orders.rows[at[1]] == self.row:
                self._trade(orders.weights[at[1]])
                at[1] += 1
            elif self.row < last:
                self._pass_bar(self.row + 1)
            else:
                break
            at[0], at[2] = self.row, self._opened
        self.row = max(self.row, last)

    def go_on_by(self, programs: Programs, number: int, waiting: Orders) -> tuple[int, Orders, int]:
        """Go on and decide by the programs from that number on, up to one that needs another way, or the last.

        Its number; all that waited and was ordered; and how many of these are traded by now.
        """
        orders = waiting.with_room(programs.rows.size - number)
        at, made = np.array([self.row, 0, self._opened, self.row]), np.array([number, waiting.rows.size])
        decide_by_loop(
            self._stretch(orders, at),
            self.held.coins,
            self.bars.marks,
            self.books.equity,
            orders,
            at,
            programs,
            self.terms.delay,
            made,
        )
        self._arrive(at)
        return int(made[0]), Orders(orders.rows[: made[1]], orders.weights[: made[1]]), int(at[1])

    def _hold(self, orders: Orders, at: Rows) -> None:
        """Hold what is held up to the next event: by the loop, which trades on its way, or by numpy."""
        if self.by_loop:
            self._go_by_loop(orders, at)
            return
        due = orders.rows[at[1]] if at[1] < orders.rows.size else at[3]
        for part in blocks(max(int(due) - self.row, 0), self.size):
            wanted = part.stop - part.start
            done = hold_by_numpy(self.bars, self.held, self.books, self.row + 1, self.row + wanted)
            self.row += done
            if done < wanted:
                return

    def _go_by_loop(self, orders: Orders, at: Rows) -> None:
        walk_by_loop(self._stretch(orders, at))
        self._arrive(at)

    def _stretch(self, orders: Orders, at: Rows) -> Stretch:
        return stretch_of(self.bars, self.held, self.entries, self._collateral, self._each, orders, self.books, at)

    def _arrive(self, at: Rows) -> None:
        """Take over where the loop has come to."""
        self.row = int(at[0])
        if at[2] != self._opened:
            self._opened, self._coins, self._engine = int(at[2]), self.held.coins, None

    def _trade(self, weights: Array) -> None:
        """Trade at the close of this row to the weights, as far as there are prices; one that is NaN stays."""
        if self.equity == 0:
            return
        row, books, prices = self.row, self.books, self.bars.marks[self.row]
        units = np.where(self.linear, prices, 1.0)
        held = self.held.coins * np.where(self.linear, 1.0, self.held.strikes)
        wanted = weights * self.equity / units
        if self._each.lots.any():
            wanted = round_to_lot(wanted, self._each.lots)
        wanted = np.where(self.history.tradable[row] & np.isfinite(weights), wanted, held)
        traded = np.abs(wanted - held) * units
        fees, slipped = self._each.fee * traded, self._each.slippage * traded
        books.fees[row] += fees
        books.slippage[row] += slipped
        books.turnover[row] += traded.sum() / self.equity
        books.equity[row] -= (fees + slipped).sum()
        self.entries = entered(self.entries, held, wanted, prices, self.linear)
        self._open(np.where(self.linear, wanted, wanted / prices), self.equity)
        if self.equity > 0 and short(self.held, prices[np.newaxis], books.equity[row : row + 1], self._own)[0]:
            self._close_at_once()
        self._enter(row, by_trade=True)

    def ledger(self) -> Ledger:
        """The books."""
        books = self.books._asdict()
        return Ledger(
            **books,
            marks=self.bars.marks,
            decisions=self.decisions,
            ordered=self.ordered,
            terms=self.terms,
            liquidated=tuple(self._liquidated),
            stopped=tuple(self._stopped),
            start=self.start,
            shortfall=self.shortfall,
        )

    @property
    def _own(self) -> Array | None:
        """What backs each position that stands alone, one row; None where there is none."""
        alone = self.held.alone
        return self.held.own[np.newaxis, alone] if alone.any() else None

    def _open(self, coins: Array, equity: float) -> None:
        """These coins are held from this row on."""
        prices = self.bars.marks[self.row]
        self._opened, self._coins, self._strikes = self.row, coins, prices.copy()
        self._engine = None
        self._collateral = np.where(coins == 0, np.nan, self._each.isolated * np.abs(coins) * prices)
        backing = self._collateral[np.isfinite(self._collateral)]
        if backing.size and backing.sum() > equity:
            self._collateral *= max(equity, 0.0) / backing.sum()
        self._take(coins, self._collateral)

    def _take(self, coins: Array, own: Array) -> None:
        charged, sides = self._each.rates * np.abs(coins), np.sign(coins)
        self.held = Held(
            coins=coins,
            strikes=self._strikes,
            linear=self.linear,
            levels=np.where(self.linear, -self._each.amounts, charged * self._strikes),
            slopes=np.where(self.linear, charged, -self._each.amounts),
            own=np.where((coins == 0) | np.isnan(own), np.inf, own),
            stops=np.where(coins == 0, np.nan, self.entries * (1 - sides * self._each.loss_shares)),
        )

    def _at_work(self) -> OverBars:
        """The engine of liquidations, with the book of the last trade as it stands now."""
        since = slice(self._opened + 1, self.row + 1)
        if self._engine is None:
            units = np.where(self.linear, 1.0, self._strikes)
            nothing = np.full(self._coins.size, np.nan)
            self._engine = OverBars(
                Account(
                    values=self._coins * self._strikes,
                    linear=self.linear,
                    rates=self._each.rates,
                    amounts=self._each.amounts * units,
                    edges=self.edges * units,
                    isolated=self._collateral,
                    equity=self.equity,
                    fees=self.liquidation_fee,
                    stops=nothing,
                ),
                1,
            )
        engine, books = self._engine, self.books
        engine.pnl[0], engine.funding[0] = books.pnl[since].sum(axis=0), books.funding[since].sum(axis=0)
        engine.ratios = (self.bars.marks[self.row] / self._strikes)[np.newaxis]
        # What the engine has not booked itself, as interest, counts as equity that was there from the start.
        engine.account = engine.account._replace(equity=self.equity - float(engine.gains().sum()))
        return engine

    def _close_at_once(self) -> None:
        """Have the exchange close, where it was opened, what is beyond its margin."""
        engine = self._at_work()
        engine.liquidate(self.row)
        self._note(engine, 0)
        closed = engine.fees[0] + engine.lost[0]
        self.books.liquidation[self.row] += closed
        self.books.equity[self.row] -= closed.sum()
        self._leave(engine)

    def _pass_bar(self, row: int) -> None:
        """Take one bar step by step: stops, margin at the lows and highs, prices, funding, interest, margin."""
        engine, bars, books = self._at_work(), self.bars, self.books
        before = [part[0].copy() for part in (engine.pnl, engine.funding, engine.fees + engine.lost)]
        known, nothing = len(engine.closings.moment), np.zeros(self._coins.size)
        left = self._leave_at_stops(engine, row)
        for prices in bars.margin_ranges or ():
            engine.move((prices[row] / self._strikes)[np.newaxis], nothing, row)
            engine.liquidate(row)
        engine.move((bars.marks[row] / self._strikes)[np.newaxis], bars.settled[row], row)
        books.interest[row] = self.equity * bars.interest
        engine.account = engine.account._replace(equity=engine.account.equity + books.interest[row])
        engine.liquidate(row)
        self._note(engine, known, row)
        pnl, funding, closed = (
            now[0] - was
            for now, was in zip((engine.pnl, engine.funding, engine.fees + engine.lost), before, strict=True)
        )
        books.pnl[row], books.funding[row], books.liquidation[row] = pnl, funding, closed - left
        books.equity[row] = self.equity + ((pnl + funding - closed).sum() + books.interest[row])
        self.row = row
        self._leave(engine)
        self._enter(row)

    def _leave_at_stops(self, engine: OverBars, row: int) -> Array:
        """Close what reaches its stop in the bar, at the stop or at the open beyond it; what that costs, `(N,)`."""
        coins, stops, bars = self.held.coins, self.held.stops, self.bars
        lows, highs = bars.stop_ranges
        with np.errstate(invalid="ignore"):
            reached = np.where(coins > 0, lows[row] <= stops, highs[row] >= stops)
        reached &= self.history.tradable[row] & (coins != 0)
        starts = bars.marks[row - 1] if self.history.starts is None else self.history.starts[row]
        fills = np.where(coins > 0, np.minimum(stops, starts), np.maximum(stops, starts))
        notional = np.where(reached, np.abs(coins) * np.where(self.linear, fills, self._strikes), 0.0)
        fees, slipped = self._each.fee * notional, self._each.slippage * notional
        self.books.fees[row], self.books.slippage[row] = fees, slipped
        self.books.turnover[row] = notional.sum() / self.equity
        columns = np.flatnonzero(reached)
        cells = np.zeros(columns.size, dtype=np.int64), columns
        engine.pnl[cells] += coins[columns] * (fills - bars.marks[row - 1])[columns]
        engine.fees[cells] += (fees + slipped)[columns]
        engine.stop(cells, np.full(columns.size, float(row)))
        self._stopped += [(row, column) for column in columns.tolist()]
        return np.asarray(fees + slipped)

    def _note(self, engine: OverBars, known: int, row: int | None = None) -> None:
        """Enter whom the exchange closed since so many closings were known."""
        closings = engine.closings
        columns = closings.column[known:][closings.reason[known:] != STOP]
        at = self.row if row is None else row
        self._liquidated += [(at, column) for column in dict.fromkeys(columns.tolist())]

    def _leave(self, engine: OverBars) -> None:
        """Hold what the exchange has left."""
        self._take(
            self._coins * engine.shares[0], np.where(engine.alone, engine.collateral + engine.gains()[0], np.inf)
        )

    def _enter(self, row: int, by_trade: bool = False) -> None:
        """Enter what there is after a row; what is below zero is borne by the exchange, where it was lost."""
        books, coins = self.books, self.held.coins
        equity = float(books.equity[row])
        if equity <= 0:
            spent = books.fees[row] + books.slippage[row] + books.liquidation[row]
            losses = np.maximum(spent - books.pnl[row] - books.funding[row], 0.0)
            books.liquidation[row] += equity * np.nan_to_num(quotient(losses, losses.sum()))
            self._liquidated += [(row, column) for column in np.flatnonzero(coins).tolist()]
            self.shortfall, self.ruined_by_trade, books.equity[row] = -equity, by_trade, 0.0
            self._open(np.zeros(coins.size), 0.0)
        books.quantities[row] = self.held.coins


def _bars(history: History, terms: Terms) -> Bars:
    """What the walk reads of a history. Raises ArgumentError (interest that takes all in one bar)."""
    if terms.interest <= -history.periods_per_year:
        raise ArgumentError(
            f"interest is {terms.interest:g} a year, which takes all in one of {history.periods_per_year:g} bars; "
            "write 5 % as 0.05"
        )
    return Bars(
        history.prices,
        history.marks,
        history.settled,
        _looked_at(history, terms.margin),
        history.ranges or (history.marks, history.marks),
        terms.interest / history.periods_per_year,
    )


def _looked_at(history: History, margin: str) -> tuple[Array, Array] | None:
    """The lows and highs at which the margin is looked at. Raises ArgumentError where they are not known."""
    if margin == "close":
        return None
    ranges = history.ranges if margin == "range" else history.mark_ranges
    if ranges is None:
        names = "lows and highs" if margin == "range" else "mark_lows and mark_highs"
        raise ArgumentError(f"margin is '{margin}' and the history has no {names}; give them, or take 'close'")
    return ranges
