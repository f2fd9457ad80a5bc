"""Refresh, the source: what was loaded from files or from a venue, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import FeedError
from core.market.panel import Panel
from core.units import BASIS_POINT

from ....books.workbook import Workbook
from ....feeds.panel import End, collect, instant
from ....feeds.store.key import Kind
from .filling import Offer

if TYPE_CHECKING:
    from ....feeds.venue.declared import Venue
    from ....feeds.venue.listing import Listing

__all__ = ["Loaded", "Moved", "VenueSource", "load_files", "offered"]

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


def load_files(path: Path, symbols: Sequence[str] | None, end: End | None, bars: int | None, funding: str) -> Loaded:
    """The history in a file or a folder, of all contracts where no `symbols` are asked for. Raises FeedError."""
    from ....feeds.files import FileFeed

    feed = FileFeed(path, funding)
    panel, notes = collect(feed, symbols, end, bars)
    figures = {symbol: {"DailyVolume": volume} for symbol, volume in feed.daily_volumes(panel).items()}
    return Loaded(panel, notes, Offer(path.name, path.name, panel.times[-1].item(), figures))


def offered(venue: Venue, as_of: datetime, listed: Mapping[str, Listing], volumes: Mapping[str, float]) -> Offer:
    """What a venue says of contracts, by the columns that it fills; what it does not say is left out."""
    figures: dict[str, dict[str, float]] = {}
    for symbol, contract in listed.items():
        fee = contract.taker_fee
        said = {
            "Lot": contract.lot,
            "Tick": contract.tick,
            "TakerFeeBps": None if fee is None else round(fee / BASIS_POINT, 6),
            "DailyVolume": volumes.get(symbol),
            "MaxLeverage": contract.max_leverage,
            "MaintenanceRate": contract.maintenance_rate,
        }
        figures[symbol] = {name: float(value) for name, value in said.items() if value is not None}
    settled = {symbol: contract.settled for symbol, contract in listed.items()}
    tiers = {symbol: contract.tiers for symbol, contract in listed.items()}
    return Offer(venue.name, venue.title, as_of, figures, settled, tiers)


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
    """

    venue: str | None = None
    hours: float | None = None
    store: Path | None = None
    as_of: str | None = None
    again: bool = False
    also: Sequence[str] = field(default=())
    base_url: str | None = None
    proxy: str | None = None

    def load(
        self,
        book: Workbook,
        symbols: Sequence[str] | None,
        end: End | None,
        bars: int | None,
        moved: Moved | None = None,
    ) -> Loaded:
        """The history that the venue and the store have, of all contracts where no `symbols` are asked for.

        Says through DataWarning where the line is down. Raises FeedError, NotInstalledError.
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
        panel, notes = collect(feed, feed.load(symbols), end, bars)
        further = f"bar-hours={hours:g}; as-of={feed.read_at}"
        volumes = feed.daily_volumes(panel)
        as_of = datetime.fromisoformat(feed.read_at).replace(microsecond=0, tzinfo=None)
        offer = offered(venue, as_of, feed.listings(panel), volumes)
        return Loaded(panel, [*feed.summary, *notes], offer, further)

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
