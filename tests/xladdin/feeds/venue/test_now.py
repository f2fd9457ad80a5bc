"""What a venue says of this moment: its price, and the rate and the instant of the next settlement."""

from __future__ import annotations

import pytest

from tests.xladdin.feeds.venue.conftest import SCRIPTS, Opened
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import venue_named
from xladdin.feeds.venue.now import Now, read_now


@pytest.mark.parametrize("venue", sorted(SCRIPTS))
def test_price_and_next_settlement_are_those_of_the_tape(bench: Opened, venue: str) -> None:
    there = bench(venue)
    line = Line(there.exchange.url, clock=lambda: there.tape.now, wait=lambda seconds: None)
    bases = ("BTC",) if venue == "binance-coin" else ("SOL", "BTC")
    symbols = {there.symbol(base, inverse=venue == "binance-coin"): base for base in bases}
    found = read_now(Client(venue_named(venue), line), [*symbols, "NOSUCHUSDT"])
    assert set(found) == set(symbols)
    for symbol, base in symbols.items():
        contract = there.tape.contract(base, inverse=venue == "binance-coin")
        price = there.tape.bars(contract)[-1].close
        at, rate = there.tape.next_settlement(contract)
        silent = venue in ("deribit", "kraken")
        assert found[symbol] == (Now(price) if silent else Now(price, float(rate), at))
