"""Refresh, the source: what was loaded from files or from a venue, in the same words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ArgumentError, FeedError, listed, say
from core.market.panel import Panel
from core.records import dataclass
from core.units import BASIS_POINT

from ....books.workbook import Workbook
from ....feeds.feed import clock
from ....feeds.panel import End, collect, instant
from ....feeds.store.key import Kind
from ....symbols import read_symbol
from ...layout.sheets import setting
from ...read.desk import read_setting
from .filling import Offer

if TYPE_CHECKING:
    from ....feeds.exchange import ExchangeFeed
    from ....feeds.venue.client import Line
    from ....feeds.venue.implied_volatility import Quote
    from ....feeds.venue.listing import Listing

__all__ = ["BASE_URL_VARIABLE", "Loaded", "Moved", "VenueSource", "load_files", "offered"]

BASE_URL_VARIABLE = "PERPDESK_BASE_URL"

YEAR = 365 * 24
"""Hours of history that a venue is asked for where nobody says how many bars."""

Moved = Callable[[str, int, int], None]
"""Told what is being read, how much of it is done, and of how much; may raise to stop."""


@dataclass(frozen=True)
class Loaded:
    """A panel, what the analyst should know of it, and what its source says of the contracts.

    further  what else repeats it, in the words of Runs
    """

    panel: Panel
    notes: Sequence[str]
    offer: Offer
    further: str = ""


def load_files(
    book: Workbook, path: Path, symbols: Sequence[str] | None, end: End | None, bars: int | None, funding: str
) -> Loaded:
    """The history in a file or a folder, of all contracts where no `symbols` are asked for. Raises FeedError."""
    from ....feeds.files import FileFeed

    feed = FileFeed(path, funding, _prices_of(book))
    panel, notes = collect(feed, symbols, end, bars)
    figures = {symbol: {"DailyVolume": volume} for symbol, volume in feed.daily_volumes(panel).items()}
    last = panel.times[-1].item()
    return Loaded(panel, notes, Offer(path.name, path.name, last, last, figures))


def _prices_of(book: Workbook) -> dict[str, float]:
    """The prices on Universe, by contract."""
    universe = book.table("Universe")
    prices: dict[str, float] = {}
    for cell, price in zip(universe.column("Symbol"), universe.column("Price"), strict=True):
        with contextlib.suppress(ArgumentError):  # what is no symbol is told by whoever reads the contracts
            symbol = read_symbol(cell)
            if isinstance(price, float) and price > 0:
                prices[symbol] = price
    return prices


def offered(feed: ExchangeFeed, panel: Panel, listings: Mapping[str, Listing], implied: Mapping[str, Quote]) -> Offer:
    """What a venue says of contracts, by the columns that it fills, and the implied volatility of their coins.

    What nobody says is left out.
    """
    venue, volumes = feed.client.venue, feed.daily_volumes(panel)
    figures: dict[str, dict[str, float]] = {}
    for symbol, contract in listings.items():
        fee = contract.taker_fee
        said = {
            "Lot": contract.lot,
            "Tick": contract.tick,
            "TakerFeeBps": None if fee is None else round(fee / BASIS_POINT, 6),
            "DailyVolume": volumes.get(symbol),
            "MaxLeverage": contract.max_leverage,
            "MaintenanceRate": contract.maintenance_rate,
            "ImpliedVol": implied[contract.base].volatility if contract.base in implied else None,
        }
        figures[symbol] = {name: float(value) for name, value in said.items() if value is not None}
    settled = {symbol: contract.settled for symbol, contract in listings.items()}
    tiers = {symbol: contract.tiers for symbol, contract in listings.items()}
    times = {symbol: implied[each.base].at for symbol, each in listings.items() if each.base in implied}
    return Offer(venue.name, venue.title, feed.said_at, panel.times[-1].item(), figures, settled, tiers, times)


@dataclass(frozen=True)
class VenueSource:
    """A venue, and how it is reached.

    Args:
        venue: its name; None: the setting Venue.
        hours: length of a bar; None: the setting BarHours.
        store: folder of what was read before; None: that of the environment, or the user's own.
        as_of: the store as it was then, and nothing is asked of the venue; None: as it is, and what it lacks is read.
        again: whether all of it is read again, to see what the venue has revised.
        also: further series for the store: mark, index.
        base_url: scheme and host asked instead of the venue's; None: that of PERPDESK_BASE_URL, or the venue's own.
        proxy: URL of a proxy; None: that of the environment or the system.
        implied_vol: whether Deribit's index is read for ImpliedVol wherever ImpliedVolSource is blank.
    """

    venue: str | None = None
    hours: float | None = None
    store: Path | None = None
    as_of: str | None = None
    again: bool = False
    also: Sequence[str] = field(default=())
    base_url: str | None = None
    proxy: str | None = None
    implied_vol: bool = False

    def load(
        self,
        book: Workbook,
        symbols: Sequence[str] | None,
        end: End | None,
        bars: int | None,
        moved: Moved | None = None,
        dispensable: Collection[str] = (),
    ) -> Loaded:
        """The history that the venue and the store have, of all contracts where no `symbols` are asked for.

        Says through DataWarning which `dispensable` ones are left out, and where the line is down. Raises FeedError,
        NotInstalledError.
        """
        import os

        from ....feeds.exchange import SPARE, ExchangeFeed
        from ....feeds.store.place import store_folder
        from ....feeds.store.store import Store
        from ....feeds.venue.client import Client, Line
        from ....feeds.venue.declared import venue_named

        venue = venue_named(self._venue(book))
        hours = self._hours(book)
        line = Line(self.base_url or os.environ.get(BASE_URL_VARIABLE) or None, self.proxy)
        feed = ExchangeFeed(
            Client(venue, line),
            Store(store_folder(self.store)),
            hours,
            round(YEAR / hours) if bars is None else bars,
            end,
            as_of=None if self.as_of is None else instant(self.as_of),
            again=self.again,
            spare=0 if bars is None else SPARE,
            also=self._also(venue.other_prices, venue.title),
            moved=moved or (lambda doing, done, of: None),
        )
        panel, notes = collect(feed, feed.load(symbols, dispensable), end, bars)
        listings = feed.listings(panel)
        implied = self._implied(book, feed, panel, {contract.base for contract in listings.values()})
        told = [f"ImpliedVol is Deribit's index: {listed(f'{coin} {each}' for coin, each in implied.items())}"]
        offer = offered(feed, panel, listings, implied)
        asked = "; implied-vol" if implied else ""
        further = f"bar-hours={hours:g}; as-of={feed.read_at}{asked}"
        return Loaded(panel, [*feed.summary, *notes, *(told if implied else ())], offer, further)

    def contract_sizes(self, book: Workbook) -> Mapping[str, float] | None:
        """How much each contract there is, by its names, as the store knows; None: it counts coins."""
        from ....feeds.account.reading import kept_sizes
        from ....feeds.store.place import store_folder
        from ....feeds.store.store import Store
        from ....feeds.venue.declared import venue_named

        return kept_sizes(venue_named(self._venue(book)), Store(store_folder(self.store)))

    def _implied(self, book: Workbook, feed: ExchangeFeed, panel: Panel, bases: Collection[str]) -> dict[str, Quote]:
        """By coin, the implied volatility at the last close, where it is asked for and known. Raises FeedError."""
        from ....feeds.venue.client import Client
        from ....feeds.venue.declared import PUBLISHER, venue_named
        from ....feeds.venue.implied_volatility import COINS, VolatilityIndex

        coins = [coin for coin in COINS if coin in bases]
        at_home = feed.client.venue.name == PUBLISHER
        named = read_setting(book, setting("ImpliedVolSource"))
        if not coins or not (at_home or self.implied_vol or named):
            return {}
        client = feed.client if at_home else Client(venue_named(PUBLISHER), self._line(PUBLISHER))
        index, last = VolatilityIndex(client, feed.store, feed.as_of), panel.times[-1]
        if feed.on_line:
            try:
                index.read(coins, int(last.astype("datetime64[s]").astype(int)), instant(feed.read_at))
            except FeedError as error:
                say(f"{error}; implied volatility is what the store has")
        found = {coin: index.at(coin, last) for coin in coins}
        none = [coin for coin, quote in found.items() if quote is None]
        if none:
            say(f"{client.venue.title} and the store have no implied volatility of {listed(none)} by {clock(last)} UTC")
        return {coin: quote for coin, quote in found.items() if quote is not None}

    def _line(self, venue: str) -> Line:
        """How a venue is reached; one beside that of the desk has an address of its own, if any."""
        import os

        from ....feeds.venue.client import Line

        own = os.environ.get(f"{BASE_URL_VARIABLE}_{venue.upper()}")
        return Line(own or None, self.proxy)

    def _venue(self, book: Workbook) -> str:
        if self.venue is not None:
            return self.venue
        named = book.value("Venue")
        if not isinstance(named.value, str):
            raise FeedError(f"{named.address} is blank; name the venue there, or give --venue or --from")
        return named.value

    def _hours(self, book: Workbook) -> float:
        if self.hours is not None:
            if not self.hours > 0:
                raise FeedError(f"a bar of {self.hours:g} h is none; give its hours, as 1 or 0.25")
            return self.hours
        named = book.value("BarHours")
        if not isinstance(named.value, float) or named.value <= 0:
            raise FeedError(f"{named.address} is no length of a bar; enter its hours, as 1 or 0.25")
        return named.value

    def _also(self, known: Sequence[Kind], title: str) -> list[Kind]:
        wrong = next((kind for kind in self.also if kind not in known), None)
        if wrong is not None:
            has = f"has {' and '.join(known)}" if known else "publishes none but the trades'"
            raise FeedError(f"there are no bars of '{wrong}' prices: {title} {has}")
        return [kind for kind in known if kind in self.also]
