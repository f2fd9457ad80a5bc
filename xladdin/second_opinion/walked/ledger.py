"""A ledger of one account, bar by bar and contract by contract, in plain numbers.

In each bar: price, funding at the close on what was held into it, interest on the equity before, and then a trade where
one is due: whole lots of weight x equity / price, fee and slippage on what changes hands. A contract without a price
keeps its coins at the last price. An account that its exchange would close has no second statement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..decided.orders import in_lots
from ..inputs import Inputs
from ..not_stated import NotStatedError

__all__ = ["Books", "walk"]

Decide = Callable[[int, Sequence[float]], Sequence[float] | None]
"""Weights to hold, from the row and the weights held; NaN: that contract is not traded, None: none is."""


@dataclass
class Books:
    """What the account was after each row, from `first` on; money of each contract in each row, by symbol."""

    start: float
    first: int
    symbols: Sequence[str]
    equity: list[float] = field(default_factory=list)
    held: list[list[float]] = field(default_factory=list)
    marks: list[list[float]] = field(default_factory=list)
    parts: dict[str, list[list[float]]] = field(default_factory=dict)
    interest: list[float] = field(default_factory=list)
    turnover: list[float] = field(default_factory=list)

    def weights(self, row: int) -> list[float]:
        """Notional / equity after a row, counted from the first decision."""
        return [coins * price / self.equity[row] for coins, price in zip(self.held[row], self.marks[row], strict=True)]

    def total(self, part: str) -> float:
        """Sum of a part over all rows and contracts, over the first equity."""
        return math.fsum(math.fsum(row) for row in self.parts[part]) / self.start

    @property
    def returns(self) -> list[float]:
        """Of each bar after the first decision; the cost of its trade counts in the first of them."""
        before = [self.start, *self.equity[1:-1]]
        return [after / earlier - 1 for after, earlier in zip(self.equity[1:], before, strict=True)]


@dataclass(frozen=True)
class _Contract:
    """What a trade in a contract costs, and its margin tiers, of which the one that asks for most counts."""

    lot: float
    taker_bps: float
    slippage_bps: float
    tiers: Sequence[tuple[float, float, float]]


def walk(inputs: Inputs, first: int, due: Mapping[int, Decide], delay: int = 0) -> Books:
    """The account from row `first` of Prices on, asked at the rows of `due`. Raises NotStatedError."""
    symbols = list(inputs.universe.index)
    terms = [inputs.universe.loc[symbol] for symbol in symbols]
    if any(each["Contract"] == "inverse" for each in terms):
        raise NotStatedError("an inverse contract changes its coins with its price; it is walked once")
    if any(each["Stop"] == each["Stop"] or each["MarginMode"] == "isolated" for each in terms):
        raise NotStatedError("a position that is left at its stop, or stands alone, is followed once")
    prices = inputs.closes[symbols].to_numpy().tolist()
    rates = inputs.funding[symbols].fillna(0.0).to_numpy().tolist()
    rate = inputs.number("CollateralInterest") / inputs.bars_a_year
    contracts = [
        _Contract(
            each["Lot"],
            each["TakerFeeBps"],
            each["SlippageBps"],
            inputs.tiers.get(symbol) or [(0.0, each["MaintenanceRate"], 0.0)],
        )
        for symbol, each in zip(symbols, terms, strict=True)
    ]
    books = Books(inputs.number("Equity"), first, symbols)
    books.parts = {name: [] for name in ("pnl", "funding", "fees", "slippage")}
    marks, coins, equity = [math.nan] * len(symbols), [0.0] * len(symbols), books.start
    orders: dict[int, Sequence[float]] = {}
    for row, closes in enumerate(prices):
        before, marks = marks, [last if math.isnan(price) else price for last, price in zip(marks, closes, strict=True)]
        if row < first:
            continue
        bar = _bar(coins, before, marks, rates[row], row > first)
        earned = equity * rate if row > first else 0.0
        equity += math.fsum(bar["pnl"]) + math.fsum(bar["funding"]) + earned
        _refuse_liquidation(contracts, coins, marks, equity)
        traded = 0.0
        if row in orders:  # what is due by now is traded before anybody is asked
            coins, traded, equity = _trade(contracts, coins, closes, marks, equity, orders[row], bar)
        if row in due:
            decided = due[row](
                row, [held * mark / equity if held else 0.0 for held, mark in zip(coins, marks, strict=True)]
            )
            if decided is not None and delay:
                orders[row + delay] = decided
            elif decided is not None:
                coins, traded, equity = _trade(contracts, coins, closes, marks, equity, decided, bar)
        _refuse_liquidation(contracts, coins, marks, equity)
        for name, values in bar.items():
            books.parts[name].append(values)
        books.equity.append(equity)
        books.held.append(coins)
        books.marks.append([0.0 if math.isnan(mark) else mark for mark in marks])
        books.interest.append(earned)
        books.turnover.append(traded)
    return books


def _bar(
    coins: Sequence[float], before: Sequence[float], marks: Sequence[float], rates: Sequence[float], held: bool
) -> dict[str, list[float]]:
    """What the contracts brought in a bar."""
    if not held:
        nothing = [0.0] * len(coins)
        return {name: list(nothing) for name in ("pnl", "funding", "fees", "slippage")}
    return {
        "pnl": [q * (p - last) if q else 0.0 for q, p, last in zip(coins, marks, before, strict=True)],
        "funding": [-q * p * rate if q else 0.0 for q, p, rate in zip(coins, marks, rates, strict=True)],
        "fees": [0.0] * len(coins),
        "slippage": [0.0] * len(coins),
    }


def _trade(
    contracts: Sequence[_Contract],
    coins: Sequence[float],
    closes: Sequence[float],
    marks: Sequence[float],
    equity: float,
    weights: Sequence[float],
    bar: dict[str, list[float]],
) -> tuple[list[float], float, float]:
    """Coins after the trade, what was traded of the equity, and the equity less its cost, which is put into the bar."""
    after, traded = [], 0.0
    for place, contract in enumerate(contracts):
        if math.isnan(closes[place]) or math.isnan(weights[place]):
            after.append(coins[place])
            continue
        wanted = in_lots(weights[place] * equity / marks[place], contract.lot)
        money = abs(wanted - coins[place]) * marks[place]
        bar["fees"][place] = money * contract.taker_bps / 10_000
        bar["slippage"][place] = money * contract.slippage_bps / 10_000
        traded += money / equity
        after.append(wanted)
    return after, traded, equity - math.fsum(bar["fees"]) - math.fsum(bar["slippage"])


def _refuse_liquidation(
    contracts: Sequence[_Contract], coins: Sequence[float], marks: Sequence[float], equity: float
) -> None:
    """Raises NotStatedError where less is left than the exchange asks for."""
    needed = 0.0
    for contract, held, mark in zip(contracts, coins, marks, strict=True):
        if held:
            size = abs(held) * mark
            needed += max(rate * size - amount for _, rate, amount in contract.tiers)
    if any(coins) and equity <= needed * (1 + 1e-9):
        raise NotStatedError("the account is liquidated on the way, and who is closed when is followed once")
