"""What happened on an invented market: contracts, their bars hour by hour, their settlements; the same for a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .accounts import Owned

HOUR = 3600
MS = 1000
AHEAD = 4 * 24 * HOUR


@dataclass(frozen=True)
class Listed:
    """A perpetual: coins, contract size, steps; hours between settlements by the time (s) from which they hold."""

    base: str
    quote: str = "USDT"
    settle: str = "USDT"
    size: float = 1.0
    lot: float = 0.001
    tick: float = 0.01
    price: float = 100.0
    listed_at: int = 0
    intervals: tuple[tuple[int, int], ...] = ((0, 8),)
    says_listed_at: int | None = None
    holes: tuple[int, ...] = ()

    @property
    def said_listed_at(self) -> int:
        """What the venue says; a contract that got a new name says when that was."""
        return self.listed_at if self.says_listed_at is None else self.says_listed_at

    @property
    def inverse(self) -> bool:
        return self.settle == self.base


@dataclass(frozen=True)
class Candle:
    time: int  # s, its open
    prices: tuple[str, str, str, str]
    volume: str  # coins

    @property
    def close(self) -> float:
        return float(self.prices[3])


@dataclass
class Tape:
    """Contracts and how the server's clock stands (s)."""

    contracts: tuple[Listed, ...]
    first: int
    now: float
    seed: int = 1
    owned: Owned | None = None

    def contract(self, base: str, quote: str | None = None, *, inverse: bool | None = None) -> Listed:
        return next(
            each
            for each in self.contracts
            if each.base == base and quote in (None, each.quote) and inverse in (None, each.inverse)
        )

    def bars(self, contract: Listed, hours: float = 1, kind: str = "bars") -> list[Candle]:
        """All bars from the listing to now, the last one perhaps unfinished."""
        bars = _bars(contract, self.first, self.horizon, self.seed, round(hours * HOUR), kind)
        return [bar for bar in bars if bar.time <= self.now]

    def settlements(self, contract: Listed) -> list[tuple[int, str]]:
        """Instants (s) and rates, each interval from when it holds."""
        return [paid for paid in _settled(contract, self.first, self.horizon, self.seed) if paid[0] <= self.now]

    def implied(self, coin: str, at: int) -> tuple[float, float, float, float]:
        """The candle of implied volatility that opens at an instant (s), in percent a year."""
        low = 40.0 + len(coin) + at // HOUR % 240 / 16
        return low, low + 1.0, low - 0.5, low + 0.25

    def next_settlement(self, contract: Listed) -> tuple[int, str]:
        """The instant (s) that settles next, and its rate, as a venue tells it ahead."""
        every = _settled(contract, self.first, self.horizon, self.seed)
        return next(paid for paid in every if paid[0] > self.now)

    @cached_property
    def horizon(self) -> float:
        """The clock's time as the tape was made: later bars are drawn ahead, so that moving the clock changes none."""
        return self.now + AHEAD


@cache
def _settled(contract: Listed, first: int, horizon: float, seed: int) -> list[tuple[int, str]]:
    """Every settlement up to the horizon."""
    start, last = -(-max(first, contract.listed_at) // HOUR), int(horizon) // HOUR
    draw = np.random.default_rng([seed, *map(ord, contract.base + contract.settle)])
    rates = draw.normal(1e-4, 2e-4, last + 1 - start)
    found = []
    for hour, rate in zip(range(start, last + 1), rates.tolist(), strict=True):
        every = max((since, each) for since, each in contract.intervals if since <= hour * HOUR)[1]
        if hour % every == 0:
            found.append((hour * HOUR, f"{rate:.8f}"))
    return found


@cache
def _bars(contract: Listed, first: int, horizon: float, seed: int, step: int, kind: str) -> list[Candle]:
    """Every bar up to the horizon, drawn hour by hour."""
    start = max(first, contract.listed_at) // step * step
    count, per = int(horizon - start) // step + 1, max(1, step // HOUR)
    draw = np.random.default_rng([seed, *map(ord, contract.base + contract.quote + contract.settle), len(kind)])
    closes = contract.price * np.exp(np.cumsum(draw.normal(0, 0.006, count * per + 1)))
    volumes = draw.uniform(10, 1000, count * per)
    digits = max(0, -int(np.floor(np.log10(contract.tick))))
    found = []
    for place in range(count):
        part = closes[place * per : (place + 1) * per + 1]
        shown = [f"{each:.{digits}f}" for each in (part[0], part.max() * 1.001, part.min() * 0.999, part[-1])]
        volume = f"{volumes[place * per : (place + 1) * per].sum():.3f}"
        time = start + place * step
        if time not in contract.holes:
            found.append(Candle(time, (shown[0], shown[1], shown[2], shown[3]), volume))
    return found
