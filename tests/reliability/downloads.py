"""A download from an exchange is killed anywhere, alone or beside another one, or meets a disk that fills.

Afterwards the store verifies, what is in it is what the exchange has, the next run goes on from there, and in the end
the store holds all of it, once.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.errors import FeedError
from tests.recorded.apart import running_apart
from tests.recorded.tape import HOUR, Listed, Tape
from xladdin.feeds.exchange import ExchangeFeed
from xladdin.feeds.store import upkeep
from xladdin.feeds.store.store import Store
from xladdin.feeds.venue import reading
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import Venue, venue_named

from .campaign import Campaign, Tally
from .forks import Running, finish, start

__all__ = ["CAMPAIGN"]

NOW = 1_719_792_000 + 1800
BARS = 600
COINS = ("BTC", "ETH", "SOL")
PORTION = 100
"""Rows of a page and of a portion: many small writes, so that a kill finds one."""

PATIENCE = 90.0


def _download(url: str, root: Path) -> str:
    """All of the contracts; the reason where the store refuses."""
    reading.PORTION = PORTION
    known = venue_named("bybit")
    venue = Venue(**{**known.__dict__, "pages": (PORTION, PORTION, 20)})
    feed = ExchangeFeed(Client(venue, Line(url, clock=lambda: NOW)), Store(root), 1.0, BARS)
    try:
        feed.load([f"{coin}USDT" for coin in COINS])
    except FeedError as error:
        return str(error)
    return ""


def _on_a_full_disk(url: str, root: Path, most: int) -> str:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    return _download(url, root)


def _run(cases: int, seed: int) -> Tally:
    chance, tally = random.Random(seed), Tally()
    tape = Tape(tuple(Listed(coin) for coin in COINS), NOW - NOW % HOUR - 40 * 24 * HOUR, NOW)
    with tempfile.TemporaryDirectory() as place, running_apart("bybit", tape) as url:
        whole, root = Path(place) / "whole", Path(place) / "store"
        _download(url, whole)  # loads what the forks need
        clock = time.monotonic()
        finish(start(lambda: _download(url, Path(place) / "timed")), PATIENCE)
        lasts = time.monotonic() - clock
        wanted = dict(_content(Store(whole)))
        for case in range(cases):
            where = f"seed {seed}, case {case}"
            ended = [finish(each, PATIENCE) for each in _harmed(chance, case, url, root, lasts)]
            tally.case(max(each.seconds for each in ended), max(each.megabytes for each in ended))
            tally.counts["killed at work"] += any(each.code == -signal.SIGKILL for each in ended)
            tally.counts["refused by the disk"] += any("cannot be written" in str(each.answer) for each in ended)
            for each in ended:
                if each.uncaught and each.code != -signal.SIGKILL:
                    tally.fault(where, each.words[-200:])
            _judge(tally, where, Store(root), wanted)
            if chance.random() < 0.4:
                if refused := _download(url, root):
                    tally.fault(where, f"the next run does not go on: {refused}")
                elif dict(_content(Store(root))) != wanted:
                    tally.fault(where, "the next run does not hold what the exchange has")
                tally.counts["gone on with to the end"] += 1
                shutil.rmtree(root)
    if not tally.counts["killed at work"]:
        tally.fault(f"seed {seed}", "no download was killed at work")
    return tally


def _harmed(chance: random.Random, case: int, url: str, root: Path, lasts: float) -> Iterator[Running]:
    """Downloads that end badly: killed, killed beside one that is not, or on a disk that fills."""
    if case % 3 == 2:
        most = chance.randrange(500, 12_000)
        running = start(lambda: _on_a_full_disk(url, root, most))
        yield running
        return
    beside = start(lambda: _download(url, root)) if case % 3 == 1 else None
    running = start(lambda: _download(url, root))
    time.sleep(chance.uniform(0.02, 0.6) * lasts)
    os.kill(running.pid, signal.SIGKILL)
    yield running
    if beside is not None:
        yield beside


def _judge(tally: Tally, where: str, store: Store, wanted: dict[str, dict[int, bytes]]) -> None:
    """The store is sound, and what it has is what the exchange has."""
    for fault in upkeep.verify(store):
        tally.fault(where, f"{fault.path.name} {fault.what}")
    for name, rows in _content(store):
        wrong = [at for at, row in rows.items() if wanted[name].get(at) != row]
        if wrong:
            tally.fault(where, f"{len(wrong)} rows of {name} are not the exchange's")


def _content(store: Store) -> Iterator[tuple[str, dict[int, bytes]]]:
    """Every row of every series by its time; a time that is kept twice without a reason counts as wrong."""
    for key in store.series():
        rows = store.versions(key)
        seconds = rows.times.astype(np.int64).tolist()
        twice = len(seconds) != len(set(seconds))
        yield key.name, {at: row.tobytes() * (1 + twice) for at, row in zip(seconds, rows.values, strict=True)}


CAMPAIGN = Campaign(_run, 15, 180, "0 unsound, 0 rows lost or wrong")
