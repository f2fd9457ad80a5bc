"""What the store lacks of a venue's contracts, read and kept: bars, settlements, terms, tiers and activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from threading import Lock
from typing import Any

import numpy as np

from core.arrays import Array
from core.records import dataclass

from ..feed import Times
from ..store.documents import keep_document, kept_document
from ..store.key import Kind, SeriesKey
from ..store.spans import Span
from ..store.store import Store
from .bars import read_bars
from .client import Client
from .contracts import Contract
from .reading import Keep, Reading
from .settlements import read_settlements
from .terms import TERMS, TIERS, read_activity, read_terms, read_tiers
from .together import together

__all__ = ["ACTIVITY", "Intake"]

READ_AGAIN = 3
"""Bars and settlements before the newest kept that are read again with each refresh: venues revise these."""

TIERS_READ, ACTIVITY = "tiers-read", "activity"
"""Documents of the store, by contract: when its tiers were asked for; what was traded, another one each time."""

TIERS_LAST = 24 * 3600 * 1000
"""Milliseconds for which margin tiers are not asked for again: a question for each contract, and they change seldom."""

WORDS: dict[Kind, str] = {"bars": "bars", "mark": "mark bars", "index": "index bars", "funding": "settlements"}

HOUR = 3600


@dataclass
class Intake:
    """One reading of a venue into the store; several contracts may be read at once.

    client   the venue
    store    where everything is kept
    hours    length of a bar
    window   (s) from the first open to the one after the last
    now      when rows count as seen, ms since 1970
    again    whether what is kept is read again too
    also     further series: mark, index
    amounts  rows that were new, by what they are
    notes    by contract, what was repaired in what came
    """

    client: Client
    store: Store
    hours: float
    window: Span
    now: int
    again: bool = False
    also: Sequence[Kind] = ()
    amounts: dict[str, int] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    _keeping: Lock = field(default_factory=Lock)

    def read(self, contract: Contract) -> None:
        """Bars and settlements of one contract into the store. Raises FeedError."""
        venue, bar = self.client.venue, round(self.hours * HOUR)
        kinds: tuple[Kind, ...] = ("bars", *(kind for kind in self.also if kind in venue.other_prices))
        for kind in kinds:
            key = SeriesKey(venue.name, contract.symbol, kind, self.hours)
            for gap in self._unread(key, self.window, READ_AGAIN * bar):
                self._note(contract, read_bars(self.client, contract, kind, self.hours, gap, self._keep(key, contract)))
        key = SeriesKey(venue.name, contract.symbol, "funding")
        start, end = self.window
        if not self._unread(key, (start, end + 60), 0):
            return
        hours = self._interval(key)
        opens = self.store.read(SeriesKey(key.venue, key.symbol, "bars", self.hours), columns=()).times
        begins = int(opens[0].astype(np.int64)) if len(opens) else None
        for gap in self._unread(key, (start, end + 60), round(READ_AGAIN * (hours or 0) * HOUR)):
            read = read_settlements(self.client, contract, gap, self._keep(key, contract), hours, begins)
            self._note(contract, read)

    def read_terms(self, contracts: Sequence[Contract]) -> None:
        """Terms, tiers and activity of the contracts, into the store. Raises FeedError."""
        self._keep_document(TERMS, read_terms(contracts))
        read_at = self._kept(TIERS_READ)
        old = [each for each in contracts if self.again or self.now - read_at.get(each.symbol, 0) > TIERS_LAST]
        found = together(lambda contract: read_tiers(self.client, contract), old)
        tiers = {each.symbol: rows for each, rows in zip(old, found, strict=True)}
        if tiers:
            self._keep_document(TIERS, tiers)
            self._keep_document(TIERS_READ, dict.fromkeys(tiers, self.now))
        self._keep_document(ACTIVITY, read_activity(self.client, contracts))

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
            with self._keeping:
                new, revised = self.store.append(key, times, values, (start, end), self.now)
                what = WORDS[key.kind]
                self.amounts[what] = self.amounts.get(what, 0) + new
            if revised:
                told = f"{self._title} has revised {revised} rows of its {key.kind} since they were read; both are kept"
                self.notes.setdefault(contract.symbol, []).append(told)

        return keep

    def _note(self, contract: Contract, read: Reading) -> None:
        """What was repaired in what came."""
        notes = self.notes.setdefault(contract.symbol, [])
        if read.repeated:
            notes.append(f"{read.repeated} rows came twice from {self._title}, taken once")
        if read.contradicted:
            twice = f"{read.contradicted} rows came twice with different values from {self._title}"
            notes.append(f"{twice}, the later taken")

    def _interval(self, key: SeriesKey) -> float | None:
        """Hours between the newest settlements that are kept; None where there are fewer than two."""
        times = self.store.read(key).times[-3:]
        return float(np.diff(times).min() / np.timedelta64(1, "h")) if len(times) > 1 else None

    @property
    def _title(self) -> str:
        return self.client.venue.title

    def _kept(self, name: str) -> dict[str, Any]:
        """A document of the store, by contract."""
        kept = kept_document(self.store, self.client.venue.name, name)
        return {} if kept is None else kept[0]

    def _keep_document(self, name: str, new: Mapping[str, Any]) -> None:
        """A document of the store with what is new in it, by contract."""
        keep_document(self.store, self.client.venue.name, name, {**self._kept(name), **new}, self.now)
