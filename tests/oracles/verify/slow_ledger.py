"""The bookkeeping of a walk, slowly: one contract and one entry at a time, in plain floats, sums by math.fsum."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from core.verify.walk.standing import Standing

NOISE = 1e-9
EDGE = 1e-9


@dataclass
class Contract:
    """Terms of one contract; tiers are (smallest notional, rate, amount), in coin where it is inverse."""

    fee: float = 0.0
    slippage: float = 0.0
    tiers: tuple[tuple[float, float, float], ...] = ((0.0, 0.01, 0.0),)
    liquidation_fee: float = 0.0
    lot: float = 0.0
    inverse: bool = False
    isolated: float | None = None
    stop: float | None = None


@dataclass
class Books:
    equity: list[float] = field(default_factory=list)
    quantities: list[list[float]] = field(default_factory=list)
    entries: dict[tuple[str, int, int], float] = field(default_factory=dict)
    interest: dict[int, float] = field(default_factory=dict)
    turnover: dict[int, float] = field(default_factory=dict)
    liquidated: list[tuple[int, int]] = field(default_factory=list)
    stopped: list[tuple[int, int]] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    shortfall: float = 0.0

    def block(self, name: str, shape: tuple[int, int]) -> np.ndarray:
        table = np.zeros(shape)
        for (kind, row, column), amount in self.entries.items():
            if kind == name:
                table[row, column] = amount
        return table

    def column(self, name: str, rows: int) -> np.ndarray:
        return np.array([getattr(self, name).get(row, 0.0) for row in range(rows)])


class Position:
    """One position since the last trade."""

    def __init__(self) -> None:
        self.coins = self.opened = self.gain = 0.0
        self.strike = self.mark = self.entry = 1.0
        self.collateral: float | None = None
        self.tier = 99


class Clerk:
    """Keeps the account; `exchange` closes."""

    def __init__(self, contracts: list[Contract]) -> None:
        self.contracts, self.positions = contracts, [Position() for _ in contracts]
        self.equity, self.books, self.last_trade = 1.0, Books(), -1

    def enter(self, kind, row, column, amount, sign):
        key = (kind, row, column)
        self.books.entries[key] = self.books.entries.get(key, 0.0) + amount
        self.equity += sign * amount
        self.positions[column].gain += sign * amount

    def notional(self, i, price):
        position = self.positions[i]
        return abs(position.coins) * (position.strike if self.contracts[i].inverse else price)

    def standing(self, row):
        held = [position.coins * position.mark / self.equity for position in self.positions]
        entries = [position.entry if position.coins else math.nan for position in self.positions]
        stopped = [any(j == i and when > self.last_trade for when, j in self.books.stopped) for i in range(len(held))]
        path = np.array([*self.books.equity, self.equity])
        return Standing(row, np.array(held), self.equity, np.array(entries), np.array(stopped), path)

    def maintenance(self, i, price):
        position = self.positions[i]
        if not position.coins:
            return 0.0
        if self.contracts[i].inverse:
            size, unit = self.notional(i, price) / price, price
        else:
            size, unit = self.notional(i, price), 1.0
        return max((rate * size - amount) * unit for _, rate, amount in self.contracts[i].tiers)

    def bar(self, row, prices, rates, bar, interest):
        """One bar: `bar` has opens, lows, highs and the pair looked at for the margin, each a list or None."""
        before, now = self.equity, [p if p == p else each.mark for p, each in zip(prices, self.positions, strict=True)]
        size = len(now)

        def known(name, i, otherwise):
            values = bar.get(name)
            fine = values is not None and values[i] == values[i] and prices[i] == prices[i]
            return values[i] if fine else otherwise

        for i in range(size):
            position, contract = self.positions[i], self.contracts[i]
            if not position.coins or contract.stop is None or prices[i] != prices[i]:
                continue
            opened = known("opens", i, position.mark)
            if position.coins > 0:
                stop = position.entry * (1 - contract.stop)
                reached, fill = known("lows", i, now[i]) <= stop, min(stop, opened)
            else:
                stop = position.entry * (1 + contract.stop)
                reached, fill = known("highs", i, now[i]) >= stop, max(stop, opened)
            if reached:
                notional = self.notional(i, fill)
                self.enter("pnl", row, i, position.coins * (fill - position.mark), 1)
                self.enter("fees", row, i, contract.fee * notional, -1)
                self.enter("slippage", row, i, contract.slippage * notional, -1)
                self.books.turnover[row] = self.books.turnover.get(row, 0.0) + notional / before
                self.books.stopped.append((row, i))
                position.coins = 0.0
        closed = []
        for low, high in bar["looked_at"]:
            self.move(row, [known(low, i, now[i]) for i in range(size)])
            closed += self.exchange()
            self.move(row, [known(high, i, now[i]) for i in range(size)])
            closed += self.exchange()
        self.move(row, now)
        for i, position in enumerate(self.positions):
            if position.coins and rates[i] == rates[i]:
                value = position.coins * (position.strike if self.contracts[i].inverse else position.mark)
                self.enter("funding", row, i, -value * rates[i], 1)
        self.books.interest[row] = before * interest
        self.equity += before * interest
        closed += self.exchange()
        self.note(row, closed)
        self.end_if_ruined(row)

    def move(self, row, prices):
        for i, position in enumerate(self.positions):
            if position.coins:
                self.enter("pnl", row, i, position.coins * (prices[i] - position.mark), 1)
            position.mark = prices[i]

    def exchange(self):
        """Close what is short where prices stand now; (column, kept coins, fee and collateral kept by the exchange)."""
        closed = []
        while True:
            alone = [i for i, each in enumerate(self.positions) if each.coins and each.collateral is not None]
            shared = [i for i, each in enumerate(self.positions) if each.coins and each.collateral is None]
            own = {i: self.positions[i].collateral + self.positions[i].gain for i in alone}
            short = [i for i in alone if own[i] < self.maintenance(i, self.positions[i].mark)]
            if short:
                closed.append(self.reduce(short[0], own[short[0]]))
                continue
            free = self.equity - math.fsum(own.values())
            if shared and free < math.fsum(self.maintenance(i, self.positions[i].mark) for i in shared):
                worst = min(shared, key=lambda i: self.positions[i].opened * (self.price_change(i)))
                closed.append(self.reduce(worst, math.inf))
                continue
            return closed

    def price_change(self, i):
        return self.positions[i].mark - self.positions[i].strike

    def reduce(self, i, own):
        position, contract = self.positions[i], self.contracts[i]
        price = position.mark
        size, unit = self.notional(i, price), price if contract.inverse else 1.0
        edges = [low * unit for low, _, _ in contract.tiers]
        tier = min(sum(size > edge * (1 + EDGE) for edge in edges[1:]), position.tier - 1, len(edges) - 1)
        left = edges[tier] / size if tier > 0 else 0.0
        left = min(left, 1.0)
        fee = min(contract.liquidation_fee * size * (1 - left), max(own, 0.0))
        kept = own - fee if left == 0 and own < math.inf else 0.0
        position.coins, position.tier = position.coins * left, tier
        self.equity -= fee + kept
        position.gain -= fee + kept
        return i, fee + kept

    def note(self, row, closed):
        for i, cost in closed:
            key = ("liquidation", row, i)
            self.books.entries[key] = self.books.entries.get(key, 0.0) + cost
        self.books.liquidated += [(row, i) for i in dict.fromkeys(i for i, _ in closed)]

    def end_if_ruined(self, row):
        if self.equity > 0:
            return
        get = self.books.entries.get
        losses = [
            max(
                math.fsum(get((kind, row, i), 0.0) for kind in ("fees", "slippage", "liquidation"))
                - math.fsum(get((kind, row, i), 0.0) for kind in ("pnl", "funding")),
                0.0,
            )
            for i in range(len(self.positions))
        ]
        total, short = math.fsum(losses), self.equity
        for i, loss in enumerate(losses):
            if loss:
                self.enter("liquidation", row, i, short * loss / total, -1)
        self.books.liquidated += [(row, i) for i, each in enumerate(self.positions) if each.coins]
        self.books.shortfall, self.equity = -short, 0.0
        for each in self.positions:
            each.coins = 0.0

    def trade(self, row, prices, weights):
        if self.equity <= 0:
            return
        before, moved, set_aside = self.equity, [], 0.0
        for i, (position, contract) in enumerate(zip(self.positions, self.contracts, strict=True)):
            price, old = position.mark, position.coins * (position.strike if contract.inverse else 1.0)
            unit, new = 1.0 if contract.inverse else price, old
            if prices[i] == prices[i]:
                new = float(weights[i]) * before / unit
                if contract.lot:
                    lots = new / contract.lot
                    nearest = round(lots)
                    new = (nearest if abs(lots - nearest) < NOISE else math.trunc(lots)) * contract.lot
            notional = abs(new - old) * unit
            moved.append(notional / before)
            self.enter("fees", row, i, contract.fee * notional, -1)
            self.enter("slippage", row, i, contract.slippage * notional, -1)
            if new * old <= 0:
                position.entry = price
            elif abs(new) > abs(old) and contract.inverse:
                position.entry = abs(new) / (abs(old) / position.entry + (abs(new) - abs(old)) / price)
            elif abs(new) > abs(old):
                position.entry = (abs(old) * position.entry + (abs(new) - abs(old)) * price) / abs(new)
            position.coins = position.opened = new / price if contract.inverse else new
            position.strike, position.gain, position.tier = price, 0.0, 99
            position.collateral = None
            if contract.isolated is not None and new:
                position.collateral = contract.isolated * abs(position.coins) * price
                set_aside += position.collateral
        if set_aside > self.equity:
            for position in self.positions:
                if position.collateral is not None:
                    position.collateral *= max(self.equity, 0.0) / set_aside
        self.last_trade = row
        self.books.turnover[row] = self.books.turnover.get(row, 0.0) + math.fsum(moved)
        self.note(row, self.exchange() if self.equity > 0 else [])
        self.end_if_ruined(row)


def slow_walk(prices, rates, rows, decide, contracts, *, delay=0, interest=0.0, margin="close", **inside):
    """Books of a walk; `decide` is asked as the walk asks it; `inside` the bar: opens, lows, highs, mark_lows ...

    Interest is earned from the first row on that is asked: what is before it is there for whoever decides.
    """
    count, begins = len(prices), min(rows)
    clerk, waiting = Clerk(contracts), []
    looked_at = {"close": [], "range": [("lows", "highs")], "mark": [("mark_lows", "mark_highs")]}[margin]
    for row in range(count):
        if row == 0:
            for position, price in zip(clerk.positions, prices[0].tolist(), strict=True):
                position.mark = price if price == price else 1.0
        elif clerk.equity > 0:
            bar = {name: values[row].tolist() for name, values in inside.items()}
            earned = interest if row > begins else 0.0
            clerk.bar(row, prices[row].tolist(), rates[row].tolist(), {**bar, "looked_at": looked_at}, earned)
        for due, weights in waiting:
            if due == row:
                clerk.trade(row, prices[row].tolist(), weights)
        if row in rows and clerk.equity > 0:
            clerk.books.decisions.append(row)
            weights = decide(clerk.standing(row))
            if weights is not None and delay:
                waiting.append((row + delay, weights))
            elif weights is not None:
                clerk.trade(row, prices[row].tolist(), weights)
        clerk.books.equity.append(clerk.equity)
        clerk.books.quantities.append([position.coins for position in clerk.positions])
    return clerk.books
