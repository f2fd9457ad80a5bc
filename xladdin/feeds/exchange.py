"""A venue as a source of market data: what the store lacks is read from the exchange and kept, then the store answers.

    feed = ExchangeFeed(Client(venue_named("bybit"), Line()), Store(store_folder()), hours=1.0, bars=8760)
    feed.load(["BTCUSDT", "ETHUSDT"])                     # the only step that goes on the line
    panel, notes = collect(feed, ["BTCUSDT", "ETHUSDT"])

Where the line is down the store answers with what it has, and a note says how old that is. With `as_of` nothing is
asked at all: the feed is the store as it was then, so a run can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import field
from datetime import UTC, datetime

import numpy as np

from core.checks import nearest
from core.errors import FeedError, UnreachableError, listed, say
from core.market.panel import Panel
from core.records import dataclass
from core.units import HOURS_PER_DAY

from .feed import History, Times, clock
from .panel import End, latest_close
from .quote_volume import quote_volumes
from .store.documents import kept_document
from .store.key import Kind, SeriesKey
from .store.spans import Span
from .store.store import Store
from .venue.bars import bar_word
from .venue.client import Client
from .venue.contracts import Contract, Contracts
from .venue.intake import ACTIVITY, Intake
from .venue.listing import Listing, listings
from .venue.together import together
from .volumes import DAYS

__all__ = ["SPARE", "ExchangeFeed", "Moved"]

Moved = Callable[[str, int, int], None]
"""Told what is being read, how many contracts are done, and of how many; may raise to stop."""

SPARE = 26
"""Bars read before the window, so that one in which the venue stood still does not make it too short."""

HOUR = 3600


@dataclass
class ExchangeFeed:
    """Contracts of one venue, with bars of one length.

    client     the venue
    store      where everything is kept
    hours      length of a bar
    bars       returns wanted at most
    end        the last close: a date through its end, or a time; None: the last bar that has ended
    as_of      ms since 1970: the store as it was then, the line left alone; None: as it is
    again      whether what is kept is read again too, to see what the venue has revised
    spare      bars before those wanted that are read too
    also       further series that are read into the store: mark, index
    moved      told how far it is
    """

    client: Client
    store: Store
    hours: float
    bars: int
    end: End | None = None
    as_of: int | None = None
    again: bool = False
    spare: int = SPARE
    also: Sequence[Kind] = ()
    moved: Moved = lambda doing, done, of: None
    _intake: Intake | None = None
    _now: int | None = None
    _last_close: int | None = None
    _loaded: tuple[str, ...] = ()
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.client.venue.title

    @property
    def on_line(self) -> bool:
        """Whether the venue answered to `load`."""
        return bool(self._loaded)

    @property
    def read_at(self) -> str:
        """The instant, UTC, as of which the same answer can be had again."""
        return datetime.fromtimestamp(self._instant / 1000, UTC).isoformat(timespec="milliseconds")

    @property
    def said_at(self) -> datetime:
        """When the venue last said what the store has of its contracts, UTC without a zone. Raises FeedError."""
        when = self._instant
        if self.as_of is None and not self.on_line:
            kept = kept_document(self.store, self.client.venue.name, ACTIVITY)
            when = when if kept is None else kept[1]
        return datetime.fromtimestamp(round(when / 1000), UTC).replace(tzinfo=None)

    @property
    def summary(self) -> list[str]:
        """What was read from the venue and kept, and what is assumed of its figures, a sentence each."""
        amounts = [f"{count:,} {what}" for what, count in self._intake.amounts.items() if count] if self._intake else []
        said = [f"read from {self.name} and kept: {', '.join(amounts)}"] if amounts else []
        return [*said, *filter(None, [self.client.venue.assumes])]

    def symbols(self) -> tuple[str, ...]:
        """The contracts whose bars of this length are in the store."""
        venue = self.client.venue.name
        return tuple(
            key.symbol for key in self.store.series() if (key.venue, key.kind, key.hours) == (venue, "bars", self.hours)
        )

    def load(self, symbols: Sequence[str] | None, dispensable: Collection[str] = ()) -> tuple[str, ...]:
        """Read what the store lacks of these contracts, None: of all that trade; returns the desk's symbols of them.

        Of the `dispensable` ones those are left out that neither venue nor store has; one that the venue lists no more
        has the history that the store has. Says so through DataWarning, and where the line is down. Raises FeedError.
        """
        if self.as_of is not None:
            self._now = self.as_of
            return self._from_store(self._wanted(symbols), dispensable)
        try:
            self._now = self.client.now()
            bar_word(self.client, self.hours)
            if abs(self.client.skew) > HOUR / 60:
                say(f"this machine's clock is {self.client.skew:+.0f} s off that of {self.name}, whose time was taken")
            contracts, unlisted = self._contracts(symbols, dispensable)
            self._intake = Intake(self.client, self.store, self.hours, self._window, self._now, self.again, self.also)
            self._read(self._intake, contracts)
            self.moved("terms", len(contracts), len(contracts))
            self._intake.read_terms(contracts)
            self._now = max(self._now, self.client.now())
        except UnreachableError as error:
            return self._fall_back(symbols, dispensable, error)
        self._loaded = tuple(dict.fromkeys(contract.symbol for contract in contracts))
        return (*self._loaded, *self._unlisted(unlisted))

    def history(self, symbol: str) -> History:
        """One contract's closes and settlements in the window, from the store. Raises FeedError."""
        name, bar = symbol if symbol in self._loaded else self._kept(symbol), round(self.hours * HOUR)
        rows = self.store.read(SeriesKey(self.client.venue.name, name, "bars", self.hours), self.as_of, ("close",))
        start, end = self._window
        seconds = rows.times.astype(np.int64)
        inside = (seconds >= start) & (seconds < end)
        if self.as_of is not None and not len(rows.times):
            raise FeedError(f"by {_at(self._instant // 1000)} the store had no bar of {name} of {self.name}")
        if not inside.any():
            raise FeedError(f"{self.name} has no bar of {name} between {_at(start)} and {_at(end)}; leave it out")
        closes = rows.times[inside] + np.timedelta64(bar, "s")
        paid = self.store.read(SeriesKey(self.client.venue.name, name, "funding"), self.as_of)
        settled = (paid.times > closes[0] - np.timedelta64(bar, "s")) & (paid.times <= closes[-1])
        times, rates = paid.times[settled], paid.values[settled, 0]
        known = ~np.isnan(rates)
        notes = list(self._intake.notes.get(name, []) if self._intake else [])
        if not known.any():
            notes.append(f"{self.name} has no funding of it in the window, taken as none")
        values = rows.values[inside, 0]
        return History(
            name, closes, values, times[known], rates[known], self.hours, (*notes, *_intervals(times)), times[~known]
        )

    def daily_volumes(self, panel: Panel) -> dict[str, float]:
        """What was traded a day of each contract of a panel over the last days, in quote currency, where known."""
        found = {symbol: self._daily_volume(symbol, panel.times[-1]) for symbol in panel.symbols}
        return {symbol: volume for symbol, volume in found.items() if volume}

    def listings(self, panel: Panel) -> dict[str, Listing]:
        """The contracts of a panel as the venue lists them, where the store knows. Raises FeedError."""
        prices = dict(zip(panel.symbols, panel.latest_prices().tolist(), strict=True))
        return listings(self.store, self.client.venue, prices, self.as_of)

    @property
    def _instant(self) -> int:
        return round(self.client.line.clock() * 1000) if self._now is None else self._now

    @property
    def _window(self) -> Span:
        """From the first open to the one after the last, seconds since 1970."""
        bar = round(self.hours * HOUR)
        end = self._instant // 1000 if self._last_close is None else self._last_close
        if self.end is not None:
            end = min(end, int(latest_close(self.end).astype("datetime64[s]").astype(np.int64)))
        last = end // bar * bar
        return last - (self.bars + 1 + self.spare) * bar, last

    def _wanted(self, symbols: Sequence[str] | None) -> Sequence[str]:
        """The symbols, or all that the store has. Raises FeedError."""
        if symbols is not None:
            return symbols
        kept = self.symbols()
        if not kept:
            raise FeedError(f"the store has no bars of {self.hours:g} h of {self.name}; refresh when the line is up")
        return kept

    def _read(self, intake: Intake, contracts: Sequence[Contract]) -> None:
        """The history of all contracts, several at a time; `moved` hears of them in their order. Raises FeedError."""
        reading = together(intake.read, contracts)
        try:
            for done, contract in enumerate(contracts):
                self.moved(contract.symbol, done, len(contracts))
                next(reading)
        except BaseException:
            self.client.stop()
            raise
        finally:
            reading.close()

    def _contracts(
        self, symbols: Sequence[str] | None, dispensable: Collection[str]
    ) -> tuple[list[Contract], list[str]]:
        """What the venue lists under these names, each once; and dispensable ones that it has not. Raises FeedError."""
        known = Contracts.of(self.client)
        if symbols is None:
            every = [known[symbol] for symbol in known.symbols]
            symbols = [each.symbol for each in every if each.trades and each.settled != "quanto"]
        unlisted = [symbol for symbol in symbols if symbol in dispensable and symbol not in known]
        listings = {symbol: known[symbol] for symbol in symbols if symbol not in unlisted}
        found = {contract.symbol: contract for contract in listings.values()}
        self._known = {symbol: contract.symbol for symbol, contract in listings.items()}
        for contract in found.values():
            if contract.settled == "quanto":
                raise FeedError(
                    f"{contract.symbol} of {self.name} settles in {contract.settle}, neither its quote currency nor "
                    "its coin, which no formula of the desk is for; leave it out"
                )
        idle = [contract.symbol for contract in found.values() if not contract.trades]
        if idle:
            say(f"{self.name} does not trade these now: {listed(idle)}")
        return list(found.values()), unlisted

    def _unlisted(self, symbols: Sequence[str]) -> Iterator[str]:
        """Those of the contracts that the venue does not list whose history the store has; all are told."""
        unknown, gone = [], []
        for symbol in symbols:
            last = self._last_kept(symbol)
            if last is None:
                unknown.append(symbol)
                continue
            gone.append(f"{symbol} (last bar {_at(last)})")
            if last > self._window[0]:
                yield symbol
        if gone:
            say(
                f"{self.name} lists these no more, and their history is what the store has: {listed(gone)}; what was "
                "held of them was settled there: clear its Position, and set Include to N"
            )
        if unknown:
            say(f"{self.name} does not list these, left out: {listed(unknown)}")

    def _from_store(self, symbols: Sequence[str], dispensable: Collection[str]) -> tuple[str, ...]:
        """The desk's symbols of contracts that the store has; those that it lacks and may be left out are told.

        Raises FeedError.
        """
        lasts = {symbol: self._last_kept(symbol) or 0 for symbol in symbols if symbol in dispensable}
        lacking = [symbol for symbol, last in lasts.items() if last <= self._window[0]]
        if lacking:
            say(f"the store has no bars of these of {self.name} in the window, left out: {listed(lacking)}")
        return tuple(dict.fromkeys(self._kept(symbol) for symbol in symbols if symbol not in lacking))

    def _last_kept(self, symbol: str) -> int | None:
        """When the last bar of a contract that the store has closed (s); None where it has none."""
        name = self._known.get(symbol, symbol.strip().upper())
        opens = self.store.read(SeriesKey(self.client.venue.name, name, "bars", self.hours), self.as_of, ()).times
        return int(opens[-1].astype(np.int64)) + round(self.hours * HOUR) if len(opens) else None

    def _kept(self, symbol: str) -> str:
        """The desk's symbol of a contract that the store has. Raises FeedError."""
        wanted = self._known.get(symbol, symbol.strip().upper())
        if not self.store.manifest(SeriesKey(self.client.venue.name, wanted, "bars", self.hours)).segments:
            known = self.symbols()
            raise FeedError(
                f"the store has no bars of {self.hours:g} h of '{wanted}' of {self.name}{nearest(wanted, known)}; "
                "refresh when the line is up"
            )
        return wanted

    def _fall_back(
        self, symbols: Sequence[str] | None, dispensable: Collection[str], error: UnreachableError
    ) -> tuple[str, ...]:
        """Answer from the store, and say how old that is. Raises the error where the store has not all of them."""
        try:
            wanted = self._wanted(symbols)
            self._last_close = max((self._last_kept(symbol) or 0 for symbol in wanted), default=0)
            names = self._from_store(wanted, dispensable)
        except FeedError:
            raise error from None
        oldest = min(self._last_kept(name) or 0 for name in names)
        age = (self._instant / 1000 - oldest) / HOUR
        say(f"{error}; the store answered, whose last bar closed {_at(oldest)} UTC, {_long(age)} ago")
        return names

    def _daily_volume(self, symbol: str, until: np.datetime64) -> float | None:
        """Quote volume a day, of the last days before `until`; None where the venue gives no volume."""
        venue = self.client.venue
        key = SeriesKey(venue.name, symbol, "bars", self.hours)
        rows = self.store.read(key, self.as_of, ("close", "volume"))
        traded = quote_volumes(self.store, venue, symbol, rows, self.as_of)
        counted = (rows.times < until) & (rows.times >= until - np.timedelta64(DAYS, "D")) & (traded >= 0)
        days = int(counted.sum()) * self.hours / HOURS_PER_DAY
        return float(traded[counted].sum()) / days if days else None


def _intervals(settled: Times) -> list[str]:
    """That a contract settled at other intervals at times, and when that changed."""
    if len(settled) < 3:
        return []
    hours = np.diff(settled) / np.timedelta64(1, "h")
    changed = np.flatnonzero(np.diff(hours) != 0) + 1
    different = sorted(set(hours.tolist()))
    if len(different) == 1:
        return []
    said = " and ".join(f"{each:g} h" for each in different[:4])
    return [
        f"its funding settled every {said}: {len(changed)} changes, the first {clock(settled[changed[0]])}; as paid"
    ]


def _at(seconds: int) -> str:
    return clock(np.datetime64(seconds, "s"))


def _long(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 2 * HOURS_PER_DAY else f"{hours / HOURS_PER_DAY:.0f} days"
