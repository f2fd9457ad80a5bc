"""An exchange on the loopback for each venue, and a feed that reads it through ccxt's own client, without waiting."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.market.panel import Panel
from tests.recorded import binance, bybit, deribit, gate, hyperliquid, kraken, okx
from tests.recorded.server import Exchange, Script, running
from tests.recorded.tape import HOUR, Listed, Tape
from xladdin.feeds.exchange import ExchangeFeed
from xladdin.feeds.panel import collect
from xladdin.feeds.store.store import Store
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import venue_named

NOW = 1_719_792_000 + 1800
"""2024-07-01 00:30 UTC, half an hour into a bar."""

DAY = 24 * HOUR
FIRST = NOW - NOW % HOUR - 60 * DAY

SCRIPTS: dict[str, Script] = {
    "binance": binance.answer,
    "binance-coin": binance.answer,
    "bybit": bybit.answer,
    "okx": okx.answer,
    "gate": gate.answer,
    "deribit": deribit.answer,
    "hyperliquid": hyperliquid.answer,
    "kraken": kraken.answer,
}
QUOTE = {"deribit": "USDC", "hyperliquid": "USDC", "kraken": "USD"}
HOURLY = ("deribit", "hyperliquid", "kraken")


def listed(venue: str) -> tuple[Listed, ...]:
    """A coin with a number, one that changed its interval, one listed in mid-history, a linear and an inverse BTC."""
    quote = QUOTE.get(venue, "USDT")
    usual = 1 if venue in HOURLY else 8
    size = {"okx": 0.01, "gate": 0.0001}.get(venue, 1.0)
    changed = ((0, usual), (FIRST + 20 * DAY, 1 if usual == 8 else 4), (FIRST + 26 * DAY, usual))
    inverse = 100.0 if venue in ("binance-coin", "okx") else 10.0 if venue == "deribit" else 1.0
    return (
        Listed("BTC", quote, quote, size=size, price=60_000.0, tick=0.1, intervals=((0, usual),)),
        Listed("1000PEPE", quote, quote, price=0.012, tick=1e-7, intervals=((0, usual),)),
        Listed("SOL", quote, quote, intervals=changed),
        Listed("NEW", quote, quote, listed_at=FIRST + 40 * DAY + 5 * HOUR, intervals=((0, usual),)),
        Listed("BTC", "USD", "BTC", size=inverse, lot=1.0, price=60_000.0, tick=0.5, intervals=((0, usual),)),
    )


@dataclass
class Bench:
    """A venue on the loopback, a store, and the feed between them."""

    venue: str
    exchange: Exchange
    store: Store
    waited: list[float] = field(default_factory=list)

    @property
    def tape(self) -> Tape:
        return self.exchange.tape

    def symbol(self, base: str, *, inverse: bool = False) -> str:
        contract = self.tape.contract(base, inverse=inverse)
        clash = inverse and self.venue == "kraken"
        return f"{contract.base}{contract.quote}" + (f":{contract.settle}" if clash else "")

    def feed(self, bars: int = 1000, **more: object) -> ExchangeFeed:
        skew = more.pop("skew", 0.0)
        line = Line(
            base_url=self.exchange.url,
            timeout=float(more.pop("timeout", 10.0)),
            clock=lambda: self.tape.now - skew,
            wait=self.waited.append,
        )
        client = Client(venue_named(self.venue), line)
        return ExchangeFeed(client, self.store, float(more.pop("hours", 1.0)), bars, **more)

    def read(self, *symbols: str, bars: int = 1000, **more: object) -> tuple[Panel, tuple[str, ...]]:
        feed = self.feed(bars, **more)
        return collect(feed, feed.load(symbols), more.get("end"), bars)


Opened = Callable[[str], Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Opened]:
    """`bench("okx")` is that venue on the loopback, with a store of its own."""
    with contextlib.ExitStack() as opened:

        def open_one(venue: str) -> Bench:
            tape = Tape(listed(venue), FIRST, NOW)
            exchange = opened.enter_context(running(SCRIPTS[venue], tape))
            return Bench(venue, exchange, Store(tmp_path / "store"))

        yield open_one
