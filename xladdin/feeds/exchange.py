"""A venue as a source of market data: what the store lacks is read from the exchange and kept, then the store answers.

    feed = ExchangeFeed(Client(venue_named("bybit"), Line()), Store(store_folder()), hours=1.0, bars=8760)
    feed.load(["BTCUSDT", "ETHUSDT"])                     # the only step that goes on the line
    panel, notes = collect(feed, ["BTCUSDT", "ETHUSDT"])

Where the line is down the store answers with what it has, and a note says how old that is. With `as_of` nothing is
asked at all: the feed is the store as it was then, so a run can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.arrays import Array
from core.checks import nearest
from core.errors import FeedError, UnreachableError, listed, say
from core.market.panel import Panel
from core.units import HOURS_PER_DAY

from .feed import History, Times, clock
from .panel import End, latest_close
from .quote_volume import quote_volumes
from .store.documents import keep_document, kept_document
from .store.key import Kind, SeriesKey
from .store.spans import Span
from .store.store import Store
from .venue.bars import bar_word, read_bars
from .venue.client import Client
from .venue.contracts import Contract, Contracts
from .venue.listing import Listing, listings
from .venue.reading import Keep, Reading
from .venue.settlements import read_settlements
from .venue.terms import TERMS, TIERS, read_activity, read_terms, read_tiers
from .volumes import DAYS

__all__ = ["SPARE", "ExchangeFeed", "Moved"]

Moved = Callable[[str, int, int], None]
"""Told what is being read, how many contracts are done, and of how many; may raise to stop."""

SPARE = 26
"""Bars read before the window, so that one in which the venue stood still does not make it too short."""

READ_AGAIN = 3
"""Bars and settlements before the newest kept that are read again with each refresh: venues revise these."""

TIERS_READ, ACTIVITY = "tiers-read", "activity"
TIERS_LAST = 24 * 3600 * 1000
"""Milliseconds for which margin tiers are not asked for again: a question for each contract, and they change seldom."""

WORDS: dict[Kind, str] = {"bars": "bars", "mark": "mark bars", "index": "index bars", "funding": "settlements"}

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
    _notes: dict[str, list[str]] = field(default_factory=dict)
    _read_anew: dict[str, int] = field(default_factory=dict)
    _now: int | None = None
    _last_close: int | None = None
    _loaded: tuple[str, ...] = ()
    _known: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.client.venue.title

    @property
    def read_at(self) -> str:
        """The instant, UTC, as of which the same answer can be had again."""
        return datetime.fromtimestamp(self._instant / 1000, UTC).isoformat(timespec="milliseconds")

    @property
    def summary(self) -> list[str]:
        """What was read from the venue and kept, and what is assumed of its figures, a sentence each."""
        amounts = [f"{count:,} {what}" for what, count in self._read_anew.items() if count]
        said = [f"read from {self.name} and kept: {', '.join(amounts)}"] if amounts else []
        return [*said, *filter(None, [self.client.venue.assumes])]

    def symbols(self) -> tuple[str, ...]:
        """The contracts whose bars of this length are in the store."""
        venue = self.client.venue.name
        return tuple(
            key.symbol for key in self.store.series() if (key.venue, key.kind, key.hours) == (venue, "bars", self.hours)
        )

    def load(self, symbols: Sequence[str] | None) -> tuple[str, ...]:
        """Read what the store lacks of these contracts, None: of all that trade; returns the desk's symbols of them.

        Says through DataWarning where the line is down. Raises FeedError.
        """
        if self.as_of is not None:
            self._now = self.as_of
            return tuple(self._kept(symbol) for symbol in self._wanted(symbols))
        try:
            self._now = self.client.now()
            bar_word(self.client, self.hours)
            if abs(self.client.skew) > HOUR / 60:
                say(f"this machine's clock is {self.client.skew:+.0f} s off that of {self.name}, whose time was taken")
            contracts = self._contracts(symbols)
            for done, contract in enumerate(contracts):
                self.moved(contract.symbol, done, len(contracts))
                self._read(contract)
            self.moved("terms", len(contracts), len(contracts))
            self._read_terms(contracts)
            self._now = max(self._now, self.client.now())
        except UnreachableError as error:
            return self._fall_back(symbols, error)
        self._loaded = tuple(dict.fromkeys(contract.symbol for contract in contracts))
        return self._loaded

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
        notes = list(self._notes.get(name, []))
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

    def _contracts(self, symbols: Sequence[str] | None) -> list[Contract]:
        """What the venue lists under these names, each once. Raises FeedError."""
        known = Contracts.of(self.client)
        if symbols is None:
            every = [known[symbol] for symbol in known.symbols]
            symbols = [each.symbol for each in every if each.trades and each.settled != "quanto"]
        found = {known[symbol].symbol: known[symbol] for symbol in symbols}
        self._known = {symbol: known[symbol].symbol for symbol in symbols}
        for contract in found.values():
            if contract.settled == "quanto":
                raise FeedError(
                    f"{contract.symbol} of {self.name} settles in {contract.settle}, neither its quote currency nor "
                    "its coin, which no formula of the desk is for; leave it out"
                )
        idle = [contract.symbol for contract in found.values() if not contract.trades]
        if idle:
            say(f"{self.name} does not trade these now: {listed(idle)}")
        return list(found.values())

    def _read(self, contract: Contract) -> None:
        """Bars and settlements of one contract into the store. Raises FeedError."""
        kinds: tuple[Kind, ...] = ("bars", *(kind for kind in self.also if kind in self.client.venue.other_prices))
        for kind in kinds:
            key = SeriesKey(self.client.venue.name, contract.symbol, kind, self.hours)
            bar = round(self.hours * HOUR)
            for gap in self._unread(key, self._window, READ_AGAIN * bar):
                self._note(contract, read_bars(self.client, contract, kind, self.hours, gap, self._keep(key, contract)))
        key = SeriesKey(self.client.venue.name, contract.symbol, "funding")
        start, end = self._window
        hours = self._interval(key)
        opens = self.store.read(SeriesKey(key.venue, key.symbol, "bars", self.hours), columns=()).times
        begins = int(opens[0].astype(np.int64)) if len(opens) else None
        back = round(READ_AGAIN * (hours or 0) * HOUR)
        for gap in self._unread(key, (start, end + 60), back):
            read = read_settlements(self.client, contract, gap, self._keep(key, contract), hours, begins)
            self._note(contract, read)

    def _unread(self, key: SeriesKey, wanted: Span, back: int) -> list[Span]:
        """What of a span is to be read; the newest gap a little before what is kept, which may have been revised."""
        if self.again:
            return [wanted]
        gaps = self.store.missing(key, wanted)
        if gaps and gaps[-1][1] == wanted[1]:
            gaps[-1] = (max(wanted[0], gaps[-1][0] - back), gaps[-1][1])
        return gaps

    def _keep(self, key: SeriesKey, contract: Contract) -> Keep:
        def keep(times: Times, values: Array, start: int, end: int) -> None:
            new, revised = self.store.append(key, times, values, (start, end), self._instant)
            what = WORDS[key.kind]
            self._read_anew[what] = self._read_anew.get(what, 0) + new
            if revised:
                told = f"{self.name} has revised {revised} rows of its {key.kind} since they were read; both are kept"
                self._notes.setdefault(contract.symbol, []).append(told)

        return keep

    def _note(self, contract: Contract, read: Reading) -> None:
        """What was repaired in what came."""
        notes = self._notes.setdefault(contract.symbol, [])
        if read.repeated:
            notes.append(f"{read.repeated} rows came twice from {self.name}, taken once")
        if read.contradicted:
            notes.append(f"{read.contradicted} rows came twice with different values from {self.name}, the later taken")

    def _interval(self, key: SeriesKey) -> float | None:
        """Hours between the newest settlements that are kept; None where there are fewer than two."""
        times = self.store.read(key).times[-3:]
        return float(np.diff(times).min() / np.timedelta64(1, "h")) if len(times) > 1 else None

    def _read_terms(self, contracts: Sequence[Contract]) -> None:
        """Terms, tiers and activity of the contracts, into the store. Raises FeedError."""
        venue = self.client.venue.name
        keep_document(self.store, venue, TERMS, self._merged(TERMS, read_terms(contracts)), self._instant)
        read_at = self._merged(TIERS_READ, {})
        old = [each for each in contracts if self.again or self._instant - read_at.get(each.symbol, 0) > TIERS_LAST]
        tiers = {each.symbol: read_tiers(self.client, each) for each in old}
        if tiers:
            keep_document(self.store, venue, TIERS, self._merged(TIERS, tiers), self._instant)
            read = self._merged(TIERS_READ, dict.fromkeys(tiers, self._instant))
            keep_document(self.store, venue, TIERS_READ, read, self._instant)
        keep_document(
            self.store, venue, ACTIVITY, self._merged(ACTIVITY, read_activity(self.client, contracts)), self._instant
        )

    def _merged(self, name: str, new: Mapping[str, Any]) -> dict[str, Any]:
        """A document of the store with what is new in it, by contract."""
        kept = kept_document(self.store, self.client.venue.name, name)
        return {**(kept[0] if kept else {}), **new}

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

    def _fall_back(self, symbols: Sequence[str] | None, error: UnreachableError) -> tuple[str, ...]:
        """Answer from the store, and say how old that is. Raises the error where the store has not all of them."""
        try:
            names = tuple(dict.fromkeys(self._kept(symbol) for symbol in self._wanted(symbols)))
        except FeedError:
            raise error from None
        keys = [SeriesKey(self.client.venue.name, name, "bars", self.hours) for name in names]
        opens = [int(self.store.read(key, columns=()).times[-1].astype(np.int64)) for key in keys]
        oldest, self._last_close = (pick(opens) + round(self.hours * HOUR) for pick in (min, max))
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
