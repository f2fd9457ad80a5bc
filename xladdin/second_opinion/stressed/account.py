"""An account, position by position: what it must hold, and who is closed when, by plain loops.

A position is worth its notional v now. Where its price is x times that of now, the exchange counts

    linear     |v| x, in quote                     inverse    |v| in quote, and its tiers in coin: |v| / (p x)

and asks for the most that any of its tiers asks: rate times notional, less the tier's amount. One in isolated margin
has its own equity and no more; all the others share what is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Account", "Position", "Way", "root"]

HALVINGS = 200
ROUNDING = 1e-12
NOISE = 1e-9
"""A size above the edge of a tier by no more than this share is on it."""


@dataclass(frozen=True)
class Position:
    """One contract held: notional now (negative = short), price now, and its tiers: from, rate, amount.

    `own` is the equity of one in isolated margin, None in cross; `entry` its average, `stop` a price, NaN for none.
    `leverage` is the largest that the exchange allows.
    """

    symbol: str
    notional: float
    price: float
    inverse: bool
    tiers: Sequence[tuple[float, float, float]]
    own: float | None = None
    entry: float = math.nan
    stop: float = math.nan
    tick: float = 0.0
    leverage: float = math.inf

    def needs(self, ratio: float, share: float = 1.0) -> float:
        """Maintenance margin in quote, `share` of it open, where its price is `ratio` times that of now."""
        size = abs(self.notional) * share
        if self.inverse:
            unit = self.price * ratio
            return max(rate * size - amount * unit for _, rate, amount in self.tiers)
        return max(rate * size * ratio - amount for _, rate, amount in self.tiers)

    def size(self, ratio: float, share: float) -> float:
        """What its tiers count."""
        if self.inverse:
            return abs(self.notional) * share / (self.price * ratio)
        return abs(self.notional) * share * ratio

    @property
    def move_to_stop(self) -> float:
        """From the price now: 0 where it is beyond the stop already, NaN without one."""
        move = self.stop / self.price - 1
        return 0.0 if move * self.notional >= 0 else move

    def passes_stop(self, move: float) -> bool:
        """Whether a move of the price goes as far as the stop."""
        to = self.move_to_stop
        if math.isnan(to):
            return False
        return to == 0 or (move <= to if self.notional > 0 else move >= to)


@dataclass(frozen=True)
class Way:
    """What became of an account: who was closed by the exchange, in order, and the equity of the whole at the end."""

    closed: list[str]
    equity: float


@dataclass(frozen=True)
class Account:
    """The positions and the equity behind them."""

    positions: Sequence[Position]
    equity: float

    @property
    def rounding(self) -> float:
        """Less than this is nothing."""
        return ROUNDING * (self.equity + sum(abs(each.notional) for each in self.positions))

    @property
    def free(self) -> float:
        """What backs the positions in cross margin."""
        return self.equity - sum(each.own or 0.0 for each in self.positions)

    def headrooms(self, moves: Sequence[float], funding: float = 0.0) -> list[float]:
        """Equity less maintenance after moves of the prices, and funding settled: those in cross, then each alone."""
        shared, alone = self.free, []
        for position, move in zip(self.positions, moves, strict=True):
            left = position.notional * (move - funding) - position.needs(1 + move)
            if position.own is None:
                shared += left
            else:
                alone.append(position.own + left)
        return [shared, *alone]

    def headroom(self, moves: Sequence[float], funding: float = 0.0) -> float:
        """The least of them."""
        return min(self.headrooms(moves, funding))

    def maintenance(self, moves: Sequence[float]) -> float:
        """What must be held after moves of the prices."""
        return sum(each.needs(1 + move) for each, move in zip(self.positions, moves, strict=True))

    def way(self, moves: Sequence[float], funding: float, *, stops: bool = False) -> Way:
        """Prices go straight to where they end, with funding in proportion; `stops`: filled where they stand.

        Where an account falls below maintenance, the position with the greatest price loss in it goes down one tier, or
        out; one alone that goes out leaves what it has to the exchange.
        """
        return _Going(self, moves, funding, stops).to_the_end()


class _Going:
    """An account on its way: what is open of each position, and what each has earned on what is closed."""

    def __init__(self, account: Account, moves: Sequence[float], funding: float, stops: bool) -> None:
        self.account, self.moves, self.funding = account, moves, funding
        self.positions = account.positions
        count = range(len(moves))
        self.open = [1.0 for _ in count]
        self.tier = [len(each.tiers) for each in self.positions]
        self.banked, self.lost = [0.0 for _ in count], 0.0
        self.reached, self.closed = 0.0, list[str]()
        self.stops = {i: self._share_of_stop(i) for i in count if stops and self.positions[i].passes_stop(moves[i])}

    def to_the_end(self) -> Way:
        """Event after event; at one and the same place a stop comes first, then one alone, then those in cross."""
        while any(self.open):
            waiting = {i: share for i, share in self.stops.items() if self.open[i]}
            next_stop = max(min(waiting.values(), default=math.inf), self.reached)
            until = min(next_stop, 1.0)
            alone = [i for i, each in enumerate(self.positions) if each.own is not None and self.open[i]]
            own = {i: self._breach([i], until) for i in alone}
            cross = [i for i, each in enumerate(self.positions) if each.own is None and self.open[i]]
            first_own = min(own.values(), default=math.inf)
            shared = self._breach(cross, until) if cross else math.inf
            self.reached = min(next_stop, first_own, shared)
            if math.isinf(self.reached):
                break
            if self.reached == next_stop:
                self._bank(min(waiting, key=waiting.__getitem__), 0.0)
            elif self.reached == first_own:
                self._reduce(min(own, key=own.__getitem__))
            else:
                self._reduce(min(cross, key=lambda i: self.positions[i].notional * self.moves[i]))
        ends = sum(self._earned(i, 1.0) for i in range(len(self.open)))
        return Way(list(dict.fromkeys(self.closed)), self.account.equity + sum(self.banked) + ends - self.lost)

    def _share_of_stop(self, i: int) -> float:
        to = self.positions[i].move_to_stop
        return to / self.moves[i] if to else 0.0

    def _earned(self, i: int, way: float) -> float:
        return self.open[i] * self.positions[i].notional * way * (self.moves[i] - self.funding)

    def _left(self, those: Sequence[int], way: float) -> float:
        """Headroom of the account of these positions: one alone, or all that are in cross."""
        own = self.positions[those[0]].own
        if own is None:
            total = self.account.equity + sum(self.banked) - self.lost
            alone = [i for i, each in enumerate(self.positions) if each.own is not None and self.open[i]]
            total -= sum((self.positions[i].own or 0.0) + self.banked[i] for i in alone)
        else:
            total = own + self.banked[those[0]]
        for i in those:
            total += self._earned(i, way) - self.positions[i].needs(1 + way * self.moves[i], self.open[i])
        return total

    def _breach(self, those: Sequence[int], until: float) -> float:
        """Where these fall below their maintenance, no further than `until`; infinite where they do not."""
        position = self.positions[those[0]]
        nothing = self.account.rounding
        if position.own is not None:
            nothing = ROUNDING * (position.own + abs(position.notional))
        if self._left(those, self.reached) < -nothing:
            return self.reached
        if self._left(those, until) >= -nothing:
            return math.inf
        return root(lambda way: self._left(those, way), self.reached, until)

    def _bank(self, i: int, kept: float) -> None:
        """What is closed has earned what it has."""
        before = self._earned(i, self.reached)
        self.banked[i] += before * (1 - kept / self.open[i])
        self.open[i] = kept

    def _reduce(self, i: int) -> None:
        position = self.positions[i]
        kept, self.tier[i] = _one_tier_down(position, 1 + self.reached * self.moves[i], self.open[i], self.tier[i])
        self._bank(i, kept)
        if position.own is not None and not kept:
            self.lost += position.own + self.banked[i]
        self.closed.append(position.symbol)


def _one_tier_down(position: Position, ratio: float, share: float, last: int) -> tuple[float, int]:
    """The share that stays open at the edge of the next lower tier, none below the lowest; and the tier that it has."""
    size = position.size(ratio, share)
    edges = [low for low, _, _ in position.tiers]
    tier = min(sum(1 for edge in edges[1:] if size > edge * (1 + NOISE)), last - 1)
    if tier <= 0 or size <= 0:
        return 0.0, 0
    return share * min(edges[tier] / size, 1.0), tier


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that is not below zero at `low`, and is at `high`, passes zero: by halving."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if function(middle) >= 0:
            low = middle
        else:
            high = middle
    return high
