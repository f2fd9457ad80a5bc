"""An account in cross margin, position by position: what it must hold, and who is closed when, by plain loops.

A position is worth its notional v now. Where its price is x times that of now, the exchange counts

    linear     |v| x, in quote                     inverse    |v| in quote, and its tiers in coin: |v| / (p x)

and asks for the most that any of its tiers asks: rate times notional, less the tier's amount.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Account", "Position", "root"]

HALVINGS = 200
ROUNDING = 1e-12
NOISE = 1e-9
"""A size above the edge of a tier by no more than this share is on it."""


@dataclass(frozen=True)
class Position:
    """One contract held: notional now (negative = short), price now, and its tiers: from, rate, amount."""

    symbol: str
    notional: float
    price: float
    inverse: bool
    tiers: Sequence[tuple[float, float, float]]

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


@dataclass(frozen=True)
class Account:
    """The positions and the equity behind them."""

    positions: Sequence[Position]
    equity: float

    @property
    def rounding(self) -> float:
        """Less than this is nothing."""
        return ROUNDING * (self.equity + sum(abs(each.notional) for each in self.positions))

    def headroom(self, moves: Sequence[float], funding: float = 0.0) -> float:
        """Equity less maintenance after moves of the prices, and funding settled."""
        earned = sum(p.notional * (move - funding) for p, move in zip(self.positions, moves, strict=True))
        return self.equity + earned - self.maintenance(moves)

    def maintenance(self, moves: Sequence[float]) -> float:
        """What must be held after moves of the prices."""
        return sum(each.needs(1 + move) for each, move in zip(self.positions, moves, strict=True))

    def closed_on_the_way(self, moves: Sequence[float], funding: float) -> list[str]:
        """Who is closed, at least in part, while prices go straight to where they end; each symbol once, in order.

        Where equity falls below maintenance, the position with the greatest price loss goes down one tier, or out.
        """
        count = len(self.positions)
        open_share = [1.0] * count
        tier = [len(each.tiers) for each in self.positions]
        banked, reached, order = 0.0, 0.0, list[str]()

        def left(way: float) -> float:
            total = self.equity + banked
            for each, move, share in zip(self.positions, moves, open_share, strict=True):
                total += share * each.notional * way * (move - funding)
                total -= each.needs(1 + way * move, share) if share else 0.0
            return total

        while any(open_share):
            if left(reached) >= -self.rounding:
                if left(1.0) >= -self.rounding:
                    break
                reached = root(left, reached, 1.0)
            loser = min((i for i in range(count) if open_share[i]), key=lambda i: self.positions[i].notional * moves[i])
            position, ratio = self.positions[loser], 1 + reached * moves[loser]
            kept, tier[loser] = _one_tier_down(position, ratio, open_share[loser], tier[loser])
            banked += (open_share[loser] - kept) * position.notional * reached * (moves[loser] - funding)
            open_share[loser] = kept
            order.append(position.symbol)
        return list(dict.fromkeys(order))


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
