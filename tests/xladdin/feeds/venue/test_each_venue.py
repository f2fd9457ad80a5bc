"""Every venue, through ccxt's own client: what the tape holds is what the desk gets, to the digit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.market.panel import Panel
from tests.recorded import okx
from tests.recorded.tape import HOUR, Listed, Tape
from tests.xladdin.feeds.venue.conftest import DAY, FIRST, NOW, SCRIPTS, Bench, Opened
from xladdin.feeds.store.documents import kept_document
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.venue.contracts import Contracts

VENUES = sorted(SCRIPTS)
LINEAR = [venue for venue in VENUES if venue != "binance-coin"]
INVERSE = [venue for venue in VENUES if venue not in ("binance", "hyperliquid")]
CLOSED = NOW // HOUR * HOUR


def seconds(panel: Panel) -> list[int]:
    return panel.times.astype("datetime64[s]").astype(np.int64).tolist()


def expected_closes(tape: Tape, contract: Listed, panel: Panel) -> list[float]:
    closes = {bar.time + HOUR: float(bar.prices[3]) for bar in tape.bars(contract)}
    return [closes.get(time, np.nan) for time in seconds(panel)]


def expected_funding(tape: Tape, contract: Listed, panel: Panel) -> list[float]:
    """What settled in each bar: after its open, up to its close."""
    paid: dict[int, float] = {}
    for at, rate in tape.settlements(contract):
        close = -(-at // HOUR) * HOUR
        paid[close] = paid.get(close, 0.0) + float(rate)
    return [paid.get(time, 0.0) for time in seconds(panel)]


def check(bench: Bench, base: str, panel: Panel, *, inverse: bool = False) -> None:
    contract, symbol = bench.tape.contract(base, inverse=inverse), bench.symbol(base, inverse=inverse)
    column = panel.symbols.index(symbol)
    wanted = expected_closes(bench.tape, contract, panel)
    assert np.array_equal(panel.prices[:, column], wanted, equal_nan=True)
    there = ~np.isnan(wanted)
    found = np.nan_to_num(panel.funding[:, column])[there][1:]
    assert found.tolist() == np.array(expected_funding(bench.tape, contract, panel))[there][1:].tolist()


@pytest.mark.parametrize("venue", LINEAR)
def test_closes_and_settlements_are_those_of_the_tape(bench: Opened, venue: str) -> None:
    there = bench(venue)
    names = ("BTC", "1000PEPE", "SOL", "NEW")
    panel, notes = there.read(*map(there.symbol, names), bars=1200)
    assert seconds(panel)[-1] == CLOSED, "the bar that has not ended is not taken"
    assert len(panel.times) == 1201
    for name in names:
        check(there, name, panel)
    assert any("NEW" in note and "first bar closes" in note for note in notes)
    assert any("SOL" in note and "its funding settled every" in note and "2 changes" in note for note in notes)


@pytest.mark.parametrize("venue", INVERSE)
def test_inverse_contracts_have_their_closes_funding_and_contract_size(bench: Opened, venue: str) -> None:
    there = bench(venue)
    symbol = there.symbol("BTC", inverse=True)
    panel, _ = there.read(symbol, bars=700)
    check(there, "BTC", panel, inverse=True)
    contract = there.tape.contract("BTC", inverse=True)
    terms = kept_document(there.store, venue, "terms")[0][symbol]
    assert (terms["settled"], terms["settle"]) == ("inverse", "BTC")
    assert terms["size"] == (1.0 if venue in ("bybit", "gate", "kraken") else contract.size)
    traded = [float(bar.volume) * float(bar.prices[3]) for bar in there.tape.bars(contract)]
    feed = there.feed(700)
    feed.load([symbol])
    wanted = sum(traded[-30 * 24 - 1 : -1]) / 30
    # a venue that counts contracts counts whole ones
    assert feed.daily_volumes(panel)[symbol] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("venue", LINEAR)
def test_the_daily_volume_is_in_quote_currency(bench: Opened, venue: str) -> None:
    there = bench(venue)
    symbol = there.symbol("BTC")
    panel, _ = there.read(symbol, bars=800)
    contract = there.tape.contract("BTC", inverse=False)
    traded = [float(bar.volume) * float(bar.prices[3]) for bar in there.tape.bars(contract)]
    feed = there.feed(800)
    feed.load([symbol])
    assert feed.daily_volumes(panel)[symbol] == pytest.approx(sum(traded[-30 * 24 - 1 : -1]) / 30, rel=1e-5)


@pytest.mark.parametrize("venue", VENUES)
def test_a_second_refresh_asks_for_no_bar_and_no_settlement_that_is_kept(bench: Opened, venue: str) -> None:
    there = bench(venue)
    symbol = there.symbol("BTC", inverse=venue == "binance-coin")
    first, _ = there.read(symbol)
    asked = len(there.exchange.asked)
    second, notes = there.read(symbol)
    again = there.exchange.asked[asked:]
    assert len(again) <= 6
    words = ("kline", "candle", "chart", "funding")
    assert not [path for path, query in again if any(word in f"{path}{query.get('type')}".lower() for word in words)]
    assert np.array_equal(first.prices, second.prices)
    assert not [note for note in notes if "read from" in note]


@pytest.mark.parametrize("venue", VENUES)
def test_later_only_what_is_new_is_read_and_the_whole_is_as_if_read_at_once(bench: Opened, venue: str) -> None:
    there = bench(venue)
    inverse = venue == "binance-coin"
    symbol = there.symbol("BTC", inverse=inverse)
    there.read(symbol)
    asked = len(there.exchange.asked)
    there.tape.now += 5 * HOUR
    panel, _ = there.read(symbol)
    assert len(there.exchange.asked) - asked <= 9
    assert seconds(panel)[-1] == CLOSED + 5 * HOUR
    check(there, "BTC", panel, inverse=inverse)


@pytest.mark.parametrize("venue", ["binance", "bybit", "okx", "gate", "kraken"])
def test_mark_and_index_prices_are_kept_where_the_venue_has_them(bench: Opened, venue: str) -> None:
    there = bench(venue)
    symbol = there.symbol("BTC")
    kinds = ["mark"] if venue == "kraken" else ["mark", "index"]
    there.read(symbol, bars=400, also=kinds)
    contract = there.tape.contract("BTC", inverse=False)
    for kind in kinds:
        rows = there.store.read(SeriesKey(venue, symbol, kind, 1))
        wanted = [bar for bar in there.tape.bars(contract, 1, kind) if bar.time + HOUR <= NOW]
        assert len(rows.times) >= 401
        assert rows.values.tolist() == [list(map(float, bar.prices)) for bar in wanted[-len(rows.times) :]]


@pytest.mark.parametrize("venue", VENUES)
def test_terms_tiers_and_activity_are_kept(bench: Opened, venue: str) -> None:
    there = bench(venue)
    inverse = venue == "binance-coin"
    symbol, contract = there.symbol("BTC", inverse=inverse), there.tape.contract("BTC", inverse=inverse)
    there.read(symbol, bars=30)
    terms = kept_document(there.store, venue, "terms")[0][symbol]
    assert terms["base"] == "BTC"
    assert terms["settled"] == ("inverse" if inverse else "linear")
    if venue != "hyperliquid":
        assert terms["tick"] == contract.tick
    assert 0 < terms["taker"] < 0.01
    tiers = kept_document(there.store, venue, "tiers")[0][symbol]
    if venue in ("binance", "binance-coin", "deribit", "hyperliquid"):
        assert tiers == [], "shown to those with a key only"
    else:
        assert len(tiers) == 2
        assert 0 < tiers[0]["maintenance_rate"] < tiers[1]["maintenance_rate"] < 0.05
        assert tiers[0]["leverage"] > tiers[1]["leverage"]
    activity = kept_document(there.store, venue, "activity")[0][symbol]
    last = there.tape.bars(contract)[-1].close
    assert activity["last"] == last
    assert activity["open_interest"] > 4000
    coins = 450.5 if venue == "binance-coin" else 900.5
    assert activity["volume_24h"] == pytest.approx(coins * last, rel=1e-6)


@pytest.mark.parametrize("venue", VENUES)
def test_a_contract_is_found_by_the_desk_s_name_ccxt_s_and_the_venue_s(bench: Opened, venue: str) -> None:
    there = bench(venue)
    contracts = Contracts.of(there.feed().client)
    for symbol in contracts.symbols:
        contract = contracts[symbol]
        assert contracts[contract.unified.lower()] is contract
        if venue != "hyperliquid":  # whose own names are numbers
            assert contracts[contract.venue_id] is contract
    assert any("1000PEPE" in symbol for symbol in contracts.symbols) or venue == "binance-coin"


def test_hyperliquid_s_contracts_are_found_by_their_coin(bench: Opened) -> None:
    there = bench("hyperliquid")
    assert Contracts.of(there.feed().client)["btc"].symbol == "BTCUSDC"


def test_deribit_s_funding_is_that_of_the_hour_and_not_the_running_one_of_eight(bench: Opened) -> None:
    there = bench("deribit")
    symbol = there.symbol("BTC")
    panel, _ = there.read(symbol, bars=200)
    paid = sum(float(rate) for at, rate in there.tape.settlements(there.tape.contract("BTC", "USDC"))[-200:])
    assert float(np.nansum(panel.funding[1:])) == pytest.approx(paid, rel=1e-12)


def test_bars_of_other_lengths_and_an_end(bench: Opened) -> None:
    there = bench("bybit")
    symbol = there.symbol("SOL")
    panel, _ = there.read(symbol, bars=30, hours=4.0, end="2024-06-20")
    assert str(panel.times[-1]) == "2024-06-21T00:00:00"
    contract = there.tape.contract("SOL")
    closes = {bar.time + 4 * HOUR: float(bar.prices[3]) for bar in there.tape.bars(contract, 4)}
    assert panel.prices[:, 0].tolist() == [closes[time] for time in seconds(panel)]


def test_the_days_of_coin_margined_binance_are_asked_in_spans_that_it_allows(bench: Opened) -> None:
    there = bench("binance-coin")
    there.tape.first = FIRST - 400 * DAY
    panel, _ = there.read(there.symbol("BTC", inverse=True), bars=420, hours=24.0)
    assert len(panel.times) == 421
    spans = [int(each["endTime"]) - int(each["startTime"]) for each in there.exchange.asked_for("klines")]
    assert max(spans) <= 200 * DAY * 1000


def test_bars_before_the_listing_that_a_venue_names_are_read_where_it_has_them(bench: Opened) -> None:
    there = bench("bybit")
    renamed = replace(there.tape.contract("SOL"), says_listed_at=FIRST + 30 * DAY)
    there.tape.contracts = (renamed, *there.tape.contracts)
    panel, _ = there.read(there.symbol("SOL"), bars=1200)
    check(there, "SOL", panel)
    assert not np.isnan(panel.prices).any()


def test_nothing_is_asked_for_before_a_listing_but_one_bar(bench: Opened) -> None:
    there = bench("bybit")
    there.read(there.symbol("BTC"), there.symbol("NEW"), bars=1200)
    asked = [each for each in there.exchange.asked_for("kline") if each["symbol"] == "NEWUSDT"]
    starts = [int(each["start"]) // 1000 for each in asked]
    listed_at = there.tape.contract("NEW").listed_at
    assert sorted(starts)[0] == listed_at - HOUR
    assert sum(start < listed_at for start in starts) == 1


def test_funding_that_a_venue_has_no_more_is_told(bench: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """OKX keeps three months."""
    monkeypatch.setattr(okx, "FUNDING_DAYS", 20)
    there = bench("okx")
    panel, notes = there.read(there.symbol("BTC"), bars=1200)
    assert any("its funding begins 2024-06-11" in note and "its prices 2024-05-12" in note for note in notes)
    assert np.isnan(panel.funding[:600]).all()


def test_tiers_are_asked_for_once_a_day(bench: Opened) -> None:
    there = bench("bybit")
    symbol = there.symbol("BTC")
    for hours, times in ((0, 1), (5, 1), (25, 2)):
        there.tape.now = NOW + hours * HOUR
        there.read(symbol, bars=30)
        assert len(there.exchange.asked_for("risk-limit")) == times
