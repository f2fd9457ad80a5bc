"""What goes wrong on the line and at venues, and what the desk gets nevertheless: all of it, once, or a reason."""

from __future__ import annotations

import random
import re
import sys
import time
import warnings

import numpy as np
import pytest

from core.errors import DataWarning, FeedError, NotInstalledError, UnreachableError
from core.market.panel import Panel
from tests.recorded.server import Fault
from tests.recorded.tape import HOUR
from tests.xladdin.feeds.venue.conftest import NOW, Bench, Opened
from xladdin.feeds.exchange import ExchangeFeed
from xladdin.feeds.panel import collect
from xladdin.feeds.store import upkeep
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.venue import reading, together
from xladdin.feeds.venue.allowance import Allowance
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import VENUES, venue_named

BARS = 700


@pytest.fixture
def there(bench: Opened) -> Bench:
    return bench("bybit")


@pytest.fixture
def wanted(bench: Opened, tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """What an exchange without any trouble gives."""
    from xladdin.feeds.store.store import Store

    calm = bench("bybit")
    calm.store = Store(tmp_path_factory.mktemp("calm"))
    return calm.read("BTCUSDT", "SOLUSDT", bars=BARS)[0]


def same(panel: Panel, wanted: Panel) -> bool:
    return np.array_equal(panel.prices, wanted.prices, equal_nan=True) and np.array_equal(
        panel.funding, wanted.funding, equal_nan=True
    )


TROUBLE = {
    "429": Fault("kline", 429, "slow down"),
    "429 that says for how long": Fault("kline", 429, "{}", (("Retry-After", "7"),)),
    "418": Fault("kline", 418, "banned", (("Retry-After", "3"),)),
    "the venue's own word for too many": Fault("kline", 200, '{"retCode": 10006, "retMsg": "Too many visits!"}'),
    "500": Fault("funding", 500, "oops"),
    "502 as a page": Fault("kline", 502, "<html><body>Bad gateway</body></html>"),
    "503": Fault("instruments", 503, ""),
    "504": Fault("kline", 504, ""),
    "truncated JSON": Fault("kline", 200, '{"retCode": 0, "result": {"list": [["17197'),
    "an empty answer": Fault("funding", 200, ""),
    "a number": Fault("kline", 200, "5"),
    "an empty object": Fault("kline", 200, "{}"),
    "an empty object of settlements": Fault("funding", 200, "{}"),
    "a page instead of JSON": Fault("kline", 200, "<html>maintenance</html>"),
    "a connection cut in the middle": Fault("kline", cut=0.4),
    "a time-out": Fault("kline", silent=True),
    "trouble with the clock's question": Fault("time", 500, "oops"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_that_passes_changes_nothing_of_what_is_read(there: Bench, wanted: Panel, name: str) -> None:
    there.exchange.faults.append(TROUBLE[name])
    panel, _ = there.read("BTCUSDT", "SOLUSDT", bars=BARS, timeout=2.0 if name == "a time-out" else 10.0)
    assert same(panel, wanted)
    assert not there.exchange.faults, "it happened"
    pause = max(there.waited)
    assert pause >= {"429 that says for how long": 7, "418": 3}.get(name, 1)


def test_pauses_grow(there: Bench) -> None:
    there.exchange.faults.append(Fault("kline", 500, "", times=5))
    there.read("BTCUSDT", bars=50)
    assert there.waited == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("seed", range(3))
def test_much_trouble_by_chance_changes_nothing(there: Bench, wanted: Panel, seed: int) -> None:
    chance = random.Random(seed)
    quick = [fault for name, fault in TROUBLE.items() if name != "a time-out"]
    for _ in range(5):
        there.exchange.faults.append(chance.choice(quick))
    chance.shuffle(there.exchange.faults)
    panel, _ = there.read("BTCUSDT", "SOLUSDT", bars=BARS)
    assert same(panel, wanted)


def test_rows_in_any_order_and_twice_are_taken_once(there: Bench, wanted: Panel) -> None:
    chance = random.Random(3)

    def mixed(path: str, answer: dict) -> dict:
        rows = answer.get("result", {}).get("list", [])
        if "kline" in path or "funding" in path:
            rows += rows[:5]
            chance.shuffle(rows)
        return answer

    there.exchange.change = mixed
    panel, notes = there.read("BTCUSDT", "SOLUSDT", bars=BARS)
    assert same(panel, wanted)
    assert any("rows came twice from Bybit, taken once" in note for note in notes)


def test_rows_that_come_twice_with_different_values_are_told(there: Bench) -> None:
    def contradicted(path: str, answer: dict) -> dict:
        rows = answer.get("result", {}).get("list", [])
        if "kline" in path and len(rows) > 5:
            rows.append([*rows[5][:4], "1.5", *rows[5][5:]])
        return answer

    there.exchange.change = contradicted
    _, notes = there.read("BTCUSDT", bars=50)
    assert any("came twice with different values from Bybit, the later taken" in note for note in notes)


def test_a_price_of_nothing_is_a_missing_price_and_a_rate_that_is_no_number_a_missing_rate(there: Bench) -> None:
    def blank(path: str, answer: dict) -> dict:
        rows = answer.get("result", {}).get("list", [])
        if "kline" in path:
            rows[10][4] = "0"
        if "funding" in path:
            rows[3]["fundingRate"] = ""
        return answer

    there.exchange.change = blank
    panel, notes = there.read("BTCUSDT", bars=BARS)
    assert np.isnan(panel.prices).sum() == 1
    assert panel.unread().sum() == 1
    assert any("1 of 701 bars have no price" in note for note in notes)


def test_a_rate_that_no_contract_pays_is_refused(there: Bench) -> None:
    def huge(path: str, answer: dict) -> dict:
        if "funding" in path:
            answer["result"]["list"][0]["fundingRate"] = "12.5"
        return answer

    there.exchange.change = huge
    with pytest.raises(FeedError, match="BTCUSDT paid 1250% in one settlement"):
        there.read("BTCUSDT", bars=50)


@pytest.mark.parametrize("skew", [-7200.0, -300.0, 300.0, 7200.0, 90 * 86400.0])
@pytest.mark.parametrize("venue", ["bybit", "okx", "gate"])
def test_a_wrong_clock_here_changes_nothing_and_is_told(bench: Opened, venue: str, skew: float) -> None:
    there = bench(venue)
    with pytest.warns(DataWarning, match=re.escape(f"this machine's clock is {skew:+.0f} s off")):
        panel, _ = there.read("BTCUSDT", bars=BARS, skew=skew)
    contract = there.tape.contract("BTC", inverse=False)
    closes = [float(bar.prices[3]) for bar in there.tape.bars(contract) if bar.time + HOUR <= NOW]
    assert panel.prices[:, 0].tolist() == closes[-len(panel.times) :]


def test_what_the_venue_revises_is_a_version_and_a_run_as_of_before_is_repeated(there: Bench) -> None:
    first, _ = there.read("BTCUSDT", bars=BARS)
    before = there.feed(BARS)
    before.load(["BTCUSDT"])
    as_of = round(there.tape.now * 1000)
    there.tape.now += 2 * HOUR
    stamp = str((NOW // HOUR - 2) * HOUR * 1000)

    def revised(path: str, answer: dict) -> dict:
        for row in answer.get("result", {}).get("list", []):
            if "kline" in path and row[0] == stamp:
                row[4] = "77777.0"
        return answer

    there.exchange.change = revised
    panel, notes = there.read("BTCUSDT", bars=BARS)
    assert 77777.0 in panel.prices
    assert any("Bybit has revised 1 rows of its bars since they were read; both are kept" in note for note in notes)
    asked = len(there.exchange.asked)
    again, _ = there.read("BTCUSDT", bars=BARS, as_of=as_of)
    assert same(again, first)
    assert len(there.exchange.asked) == asked, "nothing is asked"


def test_all_is_read_again_when_asked_for(there: Bench) -> None:
    there.read("BTCUSDT", bars=BARS)
    old = str((NOW // HOUR - 500) * HOUR * 1000)

    def revised(path: str, answer: dict) -> dict:
        for row in answer.get("result", {}).get("list", []):
            if "kline" in path and row[0] == old:
                row[4] = "55555.0"
        return answer

    there.exchange.change = revised
    assert 55555.0 not in there.read("BTCUSDT", bars=BARS)[0].prices
    assert 55555.0 in there.read("BTCUSDT", bars=BARS, again=True)[0].prices


def test_a_read_that_breaks_off_keeps_what_came_and_goes_on_there(
    there: Bench, wanted: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PORTION", 100)
    monkeypatch.setattr(together, "THREADS", 1)
    whole = VENUES["bybit"]
    monkeypatch.setitem(VENUES, "bybit", whole.__class__(**{**whole.__dict__, "pages": (100, 100, 200)}))
    calls = []

    def broken(path: str, answer: object) -> object:
        calls.append(path)
        if sum("kline" in each for each in calls) == 5:
            there.exchange.faults.append(Fault("", 500, "down", times=10_000))
        return answer

    there.exchange.change = broken
    with pytest.raises(UnreachableError):
        there.read("BTCUSDT", "SOLUSDT", bars=BARS)
    kept = len(there.store.read(SeriesKey("bybit", "BTCUSDT", "bars", 1)).times)
    assert 300 <= kept < BARS
    assert upkeep.verify(there.store) == []
    there.exchange.faults.clear()
    there.exchange.change = lambda path, answer: answer
    asked = len(there.exchange.asked)
    panel, _ = there.read("BTCUSDT", "SOLUSDT", bars=BARS)
    assert same(panel, wanted)
    read = [query["symbol"] for path, query in there.exchange.asked[asked:] if path.endswith("/kline")]
    assert read.count("BTCUSDT") <= 5, "not from the start"


def test_without_a_line_the_store_answers_and_says_how_old_it_is(there: Bench) -> None:
    first, _ = there.read("BTCUSDT", bars=BARS)
    there.tape.now += 30 * HOUR
    there.exchange.faults.append(Fault("", 503, "", times=10_000))
    with pytest.warns(
        DataWarning,
        match=r"Bybit did not answer after 3 tries .*; the store answered, whose last bar closed 2024-07-01 00:00 UTC, "
        r"30\.5 h ago",
    ):
        panel, _ = there.read("BTCUSDT", bars=BARS - 40)
    assert panel.prices[-1] == first.prices[-1]
    with pytest.raises(UnreachableError, match="Bybit did not answer"):
        there.read("SOLUSDT", bars=BARS)


def test_a_venue_that_nobody_listens_at_is_unreachable(there: Bench) -> None:
    client = Client(venue_named("bybit"), Line("http://127.0.0.1:9", wait=lambda seconds: None))
    feed = ExchangeFeed(client, there.store, 1.0, 10)
    with pytest.raises(UnreachableError, match="check the line and the proxy"):
        feed.load(["BTCUSDT"])


def test_a_ban_that_is_too_long_to_wait_for_is_told(there: Bench) -> None:
    there.exchange.faults.append(Fault("kline", 418, "{}", (("Retry-After", "600"),)))
    with pytest.raises(UnreachableError, match="asks us to stay away for 600 s"):
        there.read("BTCUSDT", bars=BARS)
    assert there.waited == []


@pytest.mark.parametrize("status", [403, 451])
def test_a_venue_that_does_not_serve_this_address_is_asked_once(there: Bench, status: int) -> None:
    there.exchange.faults.append(Fault("time", status, "not here", times=50))
    with pytest.raises(UnreachableError, match=r"does not serve this address .* choose another venue"):
        there.read("BTCUSDT", bars=BARS)
    assert len(there.exchange.asked) == 1


def test_an_answer_of_another_shape_is_refused(there: Bench) -> None:
    there.exchange.faults.append(Fault("kline", 200, "[1, 2, 3]"))
    with pytest.raises(FeedError, match=r"Bybit .*ccxt"):
        there.read("BTCUSDT", bars=BARS)


def test_an_unknown_contract_names_the_nearest_one(there: Bench) -> None:
    with pytest.raises(FeedError, match=r"Bybit has no perpetual 'BTCUSTD' \(did you mean 'BTCUSD"):
        there.read("BTCUSTD")


def test_an_unknown_venue_names_the_nearest_one() -> None:
    with pytest.raises(FeedError, match=r"there is no venue 'binanse' \(did you mean 'binance'\?\)"):
        venue_named("binanse")
    assert venue_named(" Kraken Futures ") is VENUES["kraken"]
    assert venue_named("binanceusdm") is VENUES["binance"]


def test_bars_that_a_venue_does_not_have_are_listed(there: Bench) -> None:
    with pytest.raises(FeedError, match=r"Bybit has no bars of 5 h; it has: 1m, .*1h, 2h, 4h"):
        there.read("BTCUSDT", hours=5.0)


@pytest.mark.parametrize("url", ["api.bybit.com", "ftp://x", "https://", "https://x/path", "https://x?y=1"])
def test_a_base_url_is_a_scheme_and_a_host(url: str) -> None:
    with pytest.raises(FeedError, match="give scheme and host only"):
        Client(venue_named("bybit"), Line(url))


@pytest.mark.parametrize("venue", VENUES)
def test_no_window_of_a_venue_s_limit_is_overrun(venue: str) -> None:
    """Costs as they come, as fast as the allowance lets them: never more in a window than the venue documents."""
    costs = {"okx": (1.0, 2.0), "gate": (1.0,), "hyperliquid": (20.0,)}.get(venue, (1.0, 1.0, 2.0, 5.0))
    limits = {
        "binance": (2400, 60),
        "binance-coin": (2400, 60),
        "bybit": (600 * 5, 5),  # ccxt counts 5 a request
        "okx": (20, 2),
        "gate": (200, 10),
        "deribit": (100 + 20 * 5, 5),
        "hyperliquid": (1200 - 5000 / 60, 60),  # the rows of an answer are counted after it
        "kraken": (500, 10),
    }
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    declared = VENUES[venue]
    allowance = Allowance(declared.per_second, declared.at_once, lambda: now[0], wait)
    chance, spent = random.Random(1), []
    for _ in range(6000):
        cost = chance.choice(costs)
        allowance.spend(cost)
        spent.append((now[0], cost))
    most, window = limits[venue]
    last = 0
    inside = 0.0
    for at, cost in spent:
        inside += cost
        while spent[last][0] <= at - window + 1e-9:
            inside -= spent[last][1]
            last += 1
        assert inside <= most


def test_the_allowance_is_real_time(there: Bench) -> None:
    """Twenty questions that may not be asked at once take the time that they must."""
    allowance = Allowance(50.0, 1.0, time.monotonic, time.sleep)
    began = time.monotonic()
    for _ in range(20):
        allowance.spend(1.0)
    assert time.monotonic() - began >= 19 / 50


def test_a_stop_in_the_middle_keeps_what_came(there: Bench) -> None:
    def stop(doing: str, done: int, of: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        there.read("BTCUSDT", "SOLUSDT", bars=BARS, moved=stop)
    assert there.store.read(SeriesKey("bybit", "BTCUSDT", "bars", 1)).times.size
    assert upkeep.verify(there.store) == []


def test_the_first_question_is_the_first_request(there: Bench) -> None:
    there.feed()
    assert there.exchange.asked == []


def test_no_warning_without_a_reason(there: Bench) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        feed = there.feed(BARS)
        collect(feed, feed.load(["BTCUSDT"]), bars=BARS)


def test_a_proxy_is_the_one_asked_for_or_that_of_the_environment(there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchange answers as the proxy: a host that does not exist is reached through it only."""
    far = "http://api.exchange.invalid"

    def server_time(line: Line) -> float:
        return Client(venue_named("bybit"), line).now() / 1000

    quiet = {"timeout": 5.0, "wait": lambda seconds: None, "clock": lambda: NOW}
    assert server_time(Line(far, there.exchange.url, **quiet)) == NOW
    monkeypatch.setenv("http_proxy", there.exchange.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert server_time(Line(far, **quiet)) == NOW
    monkeypatch.setenv("no_proxy", "exchange.invalid")
    with pytest.raises(UnreachableError):
        server_time(Line(far, **quiet))
    assert server_time(Line(far, there.exchange.url, **quiet)) == NOW, "one that is asked for goes before"


def test_without_ccxt_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[feeds\]"'):
        Client(venue_named("bybit"), Line()).now()


def test_a_contract_that_settles_in_a_third_coin_is_refused(there: Bench) -> None:
    """As quanto contracts of Gate did: profit in BTC on the price of ETH in USDT."""

    def third(path: str, answer: dict) -> dict:
        for each in answer.get("result", {}).get("list", []):
            if "instruments" in path and each["baseCoin"] == "SOL":
                each["settleCoin"] = "BTC"
        return answer

    there.exchange.change = third
    with pytest.raises(FeedError, match="settles in BTC, neither its quote currency nor its coin"):
        there.read("SOLUSDT")
    assert "SOLUSDT" not in there.feed(50).load(None)


def test_as_of_a_time_before_anything_was_read_there_is_nothing(there: Bench) -> None:
    there.read("BTCUSDT", bars=50)
    with pytest.raises(FeedError, match="by 2001-09-09 01:46 the store had no bar of BTCUSDT of Bybit"):
        there.read("BTCUSDT", bars=50, as_of=10**12)
    with pytest.raises(FeedError, match=r"the store has no bars of 1 h of 'SOLUSDT' of Bybit"):
        there.read("SOLUSDT", bars=50, as_of=10**13)


def test_the_store_is_read_as_of_then_without_ccxt(there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = there.read("BTCUSDT", bars=50)
    monkeypatch.setitem(sys.modules, "ccxt", None)
    assert same(there.read("BTCUSDT", bars=50, as_of=round(there.tape.now * 1000))[0], first)


def test_what_ccxt_cannot_read_is_told_with_the_way_out(bench: Opened) -> None:
    there = bench("hyperliquid")
    there.exchange.faults.append(Fault("metaAndAssetCtxs", 200, '[{"universe": [{"name": 5}]}, [5]]'))
    with pytest.raises(FeedError, match=r"Hyperliquid sent something that ccxt .* cannot read .*; update ccxt"):
        there.read("BTC", bars=50)


def test_rows_that_ccxt_takes_for_none_are_not_kept_as_a_time_without_bars(bench: Opened) -> None:
    there = bench("hyperliquid")
    there.exchange.faults.append(Fault("candleSnapshot", 200, '[{"open": 1.5}, {"open": 1.6}]'))
    with pytest.raises(FeedError, match=r"gives no bar of BTCUSDC since .* although it trades, so nothing was kept"):
        there.read("BTC", bars=500)
    assert len(there.read("BTC", bars=500)[0].times) == 501


def test_bars_that_open_between_hours_are_refused(there: Bench) -> None:
    def late(path: str, answer: dict) -> dict:
        for row in answer.get("result", {}).get("list", []):
            if "kline" in path:
                row[0] = str(int(row[0]) + 600_000)
        return answer

    there.exchange.change = late
    with pytest.raises(FeedError, match=r"has a bar of BTCUSDT that opens at .*:10 UTC, between bars of 1 h"):
        there.read("BTCUSDT", bars=50)


def test_a_contract_that_no_cell_can_name_is_left_out_and_one_that_rests_is_told(there: Bench) -> None:
    def strange(path: str, answer: dict) -> dict:
        for each in answer.get("result", {}).get("list", []):
            if "instruments" in path and each["baseCoin"] == "NEW":
                each["baseCoin"] = "\u5e01\u5b89"
            if "instruments" in path and each["baseCoin"] == "SOL":
                each["status"] = "Closed"
        return answer

    there.exchange.change = strange
    with pytest.warns(DataWarning, match="Bybit does not trade these now: SOLUSDT"):
        there.read("SOLUSDT", bars=50)
    assert set(there.feed(50).load(None)) == {"BTCUSDT", "1000PEPEUSDT", "BTCUSD"}
    with pytest.raises(FeedError, match="is no symbol"):
        there.read("=BTC()")


def test_all_of_a_store_that_has_nothing_is_refused(there: Bench) -> None:
    with pytest.raises(FeedError, match="the store has no bars of 1 h of Bybit; refresh when the line is up"):
        there.feed(50, as_of=1).load(None)
    there.read("BTCUSDT", bars=50)
    assert there.feed(50, as_of=round(there.tape.now * 1000)).load(None) == ("BTCUSDT",)


def test_a_window_before_the_listing_is_told(there: Bench) -> None:
    with pytest.raises(FeedError, match=r"Bybit has no bar of NEWUSDT between .*; leave it out"):
        there.read("NEWUSDT", bars=50, end="2024-05-20")
