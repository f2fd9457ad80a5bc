"""Refresh, the source: what was loaded from files or from a venue, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import FeedError
from core.market.panel import Panel

from ....books.workbook import Workbook
from ....feeds.panel import End, collect, instant
from ....feeds.store.key import Kind

__all__ = ["Loaded", "Moved", "VenueSource", "load_files"]

BASE_URL_VARIABLE = "PERPDESK_BASE_URL"

YEAR = 365 * 24
"""Hours of history that a venue is asked for where nobody says how many bars."""

Moved = Callable[[str, int, int], None]
"""Told what is being read, how much of it is done, and of how much; may raise to stop."""


@dataclass(frozen=True)
class Loaded:
    """A panel; what the analyst should know of it; daily volumes in quote currency where known.

    settled  of a contract linear or inverse, where the source says
    source   the folder, file or venue, as Runs and the sheets name it
    further  what else repeats it, in the words of Runs
    """

    panel: Panel
    notes: Sequence[str]
    volumes: Mapping[str, float]
    source: str
    further: str = ""
    settled: Mapping[str, str] = field(default_factory=dict)


def load_files(path: Path, symbols: Sequence[str] | None, end: End | None, bars: int | None, funding: str) -> Loaded:
    """The history in a file or a folder, of all contracts where no `symbols` are asked for. Raises FeedError."""
    from ....feeds.files import FileFeed

    feed = FileFeed(path, funding)
    panel, notes = collect(feed, symbols, end, bars)
    return Loaded(panel, notes, feed.daily_volumes(panel), path.name)


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
        settled = feed.settled(panel.symbols)
        return Loaded(panel, [*feed.summary, *notes], feed.daily_volumes(panel), venue.name, further, settled)

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
