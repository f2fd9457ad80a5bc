"""Several contracts are read at a time, at the pace of the venue, with the outcome of one after the other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import FeedError, StoppedError
from tests.recorded.server import Fault
from tests.xladdin.feeds.venue.conftest import Bench, Opened
from xladdin.feeds.store import upkeep
from xladdin.feeds.store.store import Store
from xladdin.feeds.venue import together as module
from xladdin.feeds.venue.allowance import Allowance
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import venue_named
from xladdin.feeds.venue.together import THREADS, together

NAMES = ("BTC", "1000PEPE", "SOL", "NEW")

PATIENCE = 60.0
"""Seconds that are waited for what comes at once where all is well: so that a test ends where it is not."""


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    def slow(item: int) -> int:
        time.sleep(0.002 * (item % 3))
        return item * item

    assert list(together(slow, range(count))) == [item * item for item in range(count)]


def test_no_more_than_so_many_are_under_way_and_so_many_are() -> None:
    lock, under_way, most, full = threading.Lock(), 0, 0, threading.Event()

    def counted(item: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == THREADS:
                full.set()
        full.wait(PATIENCE)
        with lock:
            under_way -= 1

    list(together(counted, range(4 * THREADS)))
    assert most == THREADS


def test_an_error_comes_in_its_place_and_what_has_not_begun_is_left() -> None:
    done: list[int] = []
    go_on, before = threading.Event(), set(threading.enumerate())

    def work(item: int) -> int:
        if item == 1:
            raise FeedError("the second")
        if item > 1:
            go_on.wait(PATIENCE)
        done.append(item)
        return item

    results = together(work, range(100))
    assert next(results) == 0
    with pytest.raises(FeedError, match="the second"):
        next(results)
    go_on.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert len(done) <= THREADS + 2


def test_a_panel_read_together_is_the_one_read_in_turn(
    bench: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = bench("bybit")
    quick, quick_notes = there.read(*map(there.symbol, NAMES), bars=1200)
    asked = sorted(map(repr, there.exchange.asked))
    there.exchange.asked.clear()
    monkeypatch.setattr(module, "THREADS", 1)
    in_turn = Bench("bybit", there.exchange, Store(tmp_path / "other"))
    slow, slow_notes = in_turn.read(*map(there.symbol, NAMES), bars=1200)
    assert np.array_equal(quick.prices, slow.prices, equal_nan=True)
    assert np.array_equal(quick.funding, slow.funding, equal_nan=True)
    assert quick_notes == slow_notes
    assert sorted(map(repr, there.exchange.asked)) == asked
    assert upkeep.verify(there.store) == []


def test_questions_are_on_their_way_at_once(bench: Opened) -> None:
    there = bench("bybit")
    there.read("BTCUSDT", bars=10)
    there.exchange.faults.append(Fault("kline", together=(three := threading.Barrier(3, timeout=PATIENCE)), times=3))
    there.read("1000PEPEUSDT", "SOLUSDT", "NEWUSDT", bars=10)
    assert not there.exchange.faults, "each was answered when all three were asked"
    assert not three.broken


def test_threads_share_one_allowance() -> None:
    """Whoever comes while another waits for its turn waits for both: no window is overrun."""
    now, lock = [0.0], threading.Lock()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        with lock:
            waits.append(seconds)

    allowance = Allowance(10.0, 5.0, lambda: now[0], wait)
    threads = [threading.Thread(target=allowance.spend, args=(1.0,)) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([0.1 * turn for turn in range(1, 21)])


def test_who_waits_is_woken_by_a_stop_and_nothing_is_asked_after_it(bench: Opened) -> None:
    there = bench("bybit")
    client = Client(venue_named("bybit"), Line(there.exchange.url))
    client.markets()
    there.exchange.faults.append(Fault("tickers", 429, "{}", (("Retry-After", "50"),), times=100))
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            client.ask("fetch_tickers", ["BTC/USDT:USDT"], {})
        except StoppedError as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not there.exchange.asked_for("tickers"):
        time.sleep(0.01)
    client.stop()
    thread.join(PATIENCE)
    assert len(raised) == 1
    asked = len(there.exchange.asked)
    with pytest.raises(StoppedError, match="Bybit is asked nothing more: the reading was stopped"):
        client.ask("fetch_time")
    assert len(there.exchange.asked) == asked


def test_each_thread_reads_its_own_answer_for_how_long_to_stay_away(bench: Opened) -> None:
    """Retry-After is that of the answer that was refused, whatever came to another thread meanwhile."""
    there = bench("bybit")
    there.exchange.faults.append(Fault("kline", 429, "{}", (("Retry-After", "7"),)))
    there.read("BTCUSDT", "SOLUSDT", bars=10)
    assert [wait for wait in there.waited if wait == 7.0] == [7.0]
