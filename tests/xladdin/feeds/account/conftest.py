"""An account at each venue on the loopback, read through ccxt's own client."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.recorded.accounts import ACCOUNTS, Held, Owned
from tests.recorded.server import Exchange, running
from tests.recorded.tape import Tape
from tests.xladdin.feeds.venue.conftest import FIRST, NOW, SCRIPTS, listed
from xladdin.feeds.account.key import Key
from xladdin.feeds.account.positions import Account
from xladdin.feeds.account.reading import read_account
from xladdin.feeds.venue.client import Line
from xladdin.feeds.venue.declared import venue_named

NAME = "Kn4me0fTheKeyThatMayRead"
SECRET = "c2VjcmV0LW9mLXRoZS1rZXktdGhhdC1tYXktb25seS1yZWFk"
PASSPHRASE = "Pa55-phrase+of/the=key"

KEYED = Key("venue", NAME, SECRET, PASSPHRASE)
ADDRESS = Key("hyperliquid", "0x" + "ab" * 20)


def answering(venue: str) -> Callable[[Tape, str, dict], object]:
    """The venue with its account: what is no question about an account is one about the market."""

    def answer(tape: Tape, path: str, query: dict) -> object:
        about_account = venue != "hyperliquid" or query.get("type") == "clearinghouseState"
        if about_account:
            with contextlib.suppress(KeyError, ValueError):
                return ACCOUNTS[venue](tape, path, query)
        return SCRIPTS[venue](tape, path, query)

    return answer


class There:
    """A venue, its exchange on the loopback, and the key for it."""

    def __init__(self, venue: str, exchange: Exchange) -> None:
        self.venue, self.exchange = venue, exchange
        self.key = replace(ADDRESS if venue == "hyperliquid" else KEYED, venue=venue.partition("-")[0])

    @property
    def tape(self) -> Tape:
        return self.exchange.tape

    def line(self, **more: object) -> Line:
        return Line(self.exchange.url, clock=lambda: self.tape.now, wait=lambda seconds: None, **more)

    def holds(self, *held: Held, **more: object) -> None:
        self.tape.owned = Owned(held, **more)

    def read(self) -> Account:
        return read_account(venue_named(self.venue), self.line(), self.key)


@pytest.fixture
def there() -> Iterator[Callable[[str], There]]:
    with contextlib.ExitStack() as opened:

        def open_one(venue: str) -> There:
            tape = Tape(listed(venue), FIRST, NOW)
            found = There(venue, opened.enter_context(running(answering(venue), tape)))
            found.holds()
            return found

        yield open_one
