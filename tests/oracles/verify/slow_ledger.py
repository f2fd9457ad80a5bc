"""The bookkeeping of a walk, slowly: one contract and one entry at a time, in plain floats, sums by math.fsum."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from core.verify.backtest.standing import Standing

NOISE = 1e-9


@dataclass
class Books:
    equity: list[float] = field(default_factory=list)
    quantities: list[list[float]] = field(default_factory=list)
    entries: dict[tuple[str, int, int], float] = field(default_factory=dict)
    turnover: dict[int, float] = field(default_factory=dict)
    liquidated: list[tuple[int, int]] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)

    def block(self, name: str, shape: tuple[int, int]) -> np.ndarray:
        table = np.zeros(shape)
        for (kind, row, column), amount in self.entries.items():
            if kind == name:
                table[row, column] = amount
        return table


class Clerk:
    """Keeps the account; `closes` is the exchange."""

    def __init__(self, fee, slippage, maintenance, liquidation_fee, lots, contracts):
        self.fee, self.slippage, self.maintenance = fee, slippage, maintenance
        self.liquidation_fee, self.lots = liquidation_fee, lots
        self.held, self.mark, self.opened_at = [0.0] * contracts, [1.0] * contracts, [1.0] * contracts
        self.equity, self.books = 1.0, Books()

    def enter(self, kind, row, column, amount, sign):
        key = (kind, row, column)
        self.books.entries[key] = self.books.entries.get(key, 0.0) + amount
        self.equity += sign * amount

    def standing(self, row):
        held = [q * p / self.equity for q, p in zip(self.held, self.mark, strict=True)]
        nothing = np.full(len(held), np.nan)
        path = np.array([*self.books.equity, self.equity])
        return Standing(row, np.array(held), self.equity, nothing, np.zeros(len(held), dtype=bool), path)

    def bar(self, row, prices, rates):
        old = list(self.mark)
        for i, price in enumerate(prices):
            if price == price:
                self.mark[i] = price
            if self.held[i]:
                self.enter("pnl", row, i, self.held[i] * (self.mark[i] - old[i]), 1)
                self.enter(
                    "funding", row, i, -self.held[i] * self.mark[i] * (rates[i] if rates[i] == rates[i] else 0.0), 1
                )
        self.closes(row)

    def closes(self, row):
        def needed():
            return math.fsum(abs(q) * p * m for q, p, m in zip(self.held, self.mark, self.maintenance, strict=True))

        while any(self.held) and (self.equity < needed() or self.equity <= 0):
            open_ones = [i for i, q in enumerate(self.held) if q]
            worst = min(open_ones, key=lambda i: self.held[i] * (self.mark[i] - self.opened_at[i]))
            self.enter("liquidation", row, worst, self.liquidation_fee * abs(self.held[worst]) * self.mark[worst], -1)
            self.held[worst] = 0.0
            self.books.liquidated.append((row, worst))
        if self.equity < 0:
            get = self.books.entries.get
            losses = [
                max(
                    get(("fees", row, i), 0.0)
                    + get(("slippage", row, i), 0.0)
                    + get(("liquidation", row, i), 0.0)
                    - get(("pnl", row, i), 0.0)
                    - get(("funding", row, i), 0.0),
                    0.0,
                )
                for i in range(len(self.held))
            ]
            total, short = math.fsum(losses), self.equity
            for i, loss in enumerate(losses):
                if loss:
                    self.enter("liquidation", row, i, short * loss / total, -1)
            self.equity = 0.0

    def trade(self, row, prices, weights):
        if self.equity <= 0:
            return
        before, moved = self.equity, []
        wanted = [0.0] * len(weights)
        for i, weight in enumerate(weights):
            if prices[i] != prices[i]:
                wanted[i] = self.held[i]
                continue
            wanted[i] = weight * before / prices[i]
            if self.lots[i]:
                lots = wanted[i] / self.lots[i]
                nearest = round(lots)
                wanted[i] = (nearest if abs(lots - nearest) < NOISE else math.trunc(lots)) * self.lots[i]
        for i, price in enumerate(self.mark):
            notional = abs(wanted[i] - self.held[i]) * price
            moved.append(notional / before)
            self.enter("fees", row, i, self.fee[i] * notional, -1)
            self.enter("slippage", row, i, self.slippage[i] * notional, -1)
        self.held, self.opened_at = wanted, list(self.mark)
        self.books.turnover[row] = self.books.turnover.get(row, 0.0) + math.fsum(moved)
        self.closes(row)
        self.opened_at = list(self.mark)


def slow_walk(prices, rates, rows, decide, *, fee, slippage, maintenance, liquidation_fee, lots, delay):
    """Books of a walk; `decide` is asked as the walk asks it."""
    count, contracts = prices.shape
    clerk, waiting = Clerk(fee, slippage, maintenance, liquidation_fee, lots, contracts), []
    for row in range(count):
        if row == 0:
            clerk.mark = [p if p == p else 1.0 for p in prices[0].tolist()]
        else:
            clerk.bar(row, prices[row].tolist(), rates[row].tolist())
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
        clerk.books.quantities.append(list(clerk.held))
    return clerk.books
