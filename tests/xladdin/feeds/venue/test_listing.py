"""What each venue lists, through ccxt's own client and the store, in the units that the desk counts in."""

from __future__ import annotations

import math
from typing import Any

import pytest

from core.errors import DataWarning
from tests.xladdin.feeds.venue.conftest import SCRIPTS, Bench, Opened
from xladdin.feeds.venue.declared import venue_named
from xladdin.feeds.venue.listing import Listing, listings

VENUES = sorted(SCRIPTS)
INVERSE = [venue for venue in VENUES if venue not in ("binance", "hyperliquid")]

SILENT = ("binance", "binance-coin", "deribit", "hyperliquid")
"""Venues that show no tiers without a key."""

PRICE = 50_000.0


def listing(there: Bench, *, inverse: bool = False) -> Listing:
    symbol = there.symbol("BTC", inverse=inverse)
    there.read(symbol, bars=30)
    return listings(there.store, venue_named(there.venue), {symbol: PRICE})[symbol]


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue != "binance-coin"])
def test_a_linear_lot_is_in_coins(bench: Opened, venue: str) -> None:
    there = bench(venue)
    found = listing(there)
    contract = there.tape.contract("BTC", inverse=False)
    wanted = {
        "okx": 0.01 * contract.lot,  # lots of a contract of 0.01 coins
        "gate": 0.0001,  # whole contracts of 0.0001 coins
        "hyperliquid": 0.01,  # two decimals, as its szDecimals say
    }
    assert found.lot == wanted.get(venue, contract.lot)
    assert (found.base, found.settled) == ("BTC", "linear")


@pytest.mark.parametrize("venue", INVERSE)
def test_an_inverse_lot_is_in_quote_currency(bench: Opened, venue: str) -> None:
    """A contract is worth 100 USD at OKX and Binance; Deribit counts its orders in USD, and 10 of them a contract."""
    wanted = {"okx": 100.0, "binance-coin": 100.0}
    assert listing(bench(venue), inverse=True).lot == wanted.get(venue, 1.0)


@pytest.mark.parametrize(
    ("venue", "kind", "edges"),
    [
        ("bybit", "linear", [(0.0, 2e6), (2e6, 4e6)]),  # USDT
        ("bybit", "inverse", [(0.0, 2e6), (2e6, 4e6)]),  # coins
        ("gate", "linear", [(0.0, 1e6), (1e6, 2e6)]),
        ("okx", "linear", [(0.0, 5000 * 0.01 * PRICE), (5000 * 0.01 * PRICE, 10_000 * 0.01 * PRICE)]),  # contracts
        ("okx", "inverse", [(0.0, 5000 * 100 / PRICE), (5000 * 100 / PRICE, 10_000 * 100 / PRICE)]),
        ("kraken", "linear", [(0.0, 250_000.0), (250_000.0, math.nan)]),  # USD
        ("kraken", "inverse", [(0.0, 250_000 / PRICE), (250_000 / PRICE, math.nan)]),  # contracts of 1 USD
    ],
)
def test_tiers_are_notionals_in_what_the_contract_is_paid_in(
    bench: Opened, venue: str, kind: str, edges: list[tuple[float, float]]
) -> None:
    found = listing(bench(venue), inverse=kind == "inverse").tiers
    assert [row[:2] for row in found] == [pytest.approx(each, rel=1e-12, nan_ok=True) for each in edges]
    assert [round(1 / leverage, 6) >= rate for _, _, rate, leverage in found] == [True, True]


@pytest.mark.parametrize("venue", VENUES)
def test_leverage_and_maintenance_are_those_of_the_first_tier_or_unknown(bench: Opened, venue: str) -> None:
    found = listing(bench(venue), inverse=venue == "binance-coin")
    assert bool(found.tiers) == (venue not in SILENT)
    wanted: dict[str, tuple[float | None, float | None]] = {
        "bybit": (100.0, 0.005),
        "okx": (100.0, 0.004),
        "gate": (100.0, 0.004),
        "kraken": (50.0, 0.01),
        "deribit": (50.0, None),
        "hyperliquid": (50.0, 0.01),  # half of the initial margin at the largest leverage, as it documents
    }
    assert (found.max_leverage, found.maintenance_rate) == wanted.get(venue, (None, None))


@pytest.mark.parametrize("venue", VENUES)
def test_the_fee_is_that_of_the_first_level(bench: Opened, venue: str) -> None:
    fee = listing(bench(venue), inverse=venue == "binance-coin").taker_fee
    assert fee == {"bybit": 0.00055, "hyperliquid": 0.00045}.get(venue, 0.0005)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("maintenanceMargin", "0.5", "above the initial margin"),
        ("maintenanceMargin", "0", "below 1"),
        ("riskLimitValue", "1000000", "not above its min_notional"),
        ("maxLeverage", "", "max_leverage"),
    ],
)
def test_tiers_that_no_position_could_be_held_against_are_told_and_left_out(
    bench: Opened, field: str, value: str, reason: str
) -> None:
    there = bench("bybit")

    def broken(path: str, answer: Any) -> Any:
        if "risk-limit" in path:
            for tier in answer["result"]["list"]:
                tier[field] = value
        return answer

    there.exchange.change = broken
    with pytest.warns(DataWarning, match=f"the margin tiers of BTCUSDT that Bybit shows were not taken: .*{reason}"):
        found = listing(there)
    assert found.tiers == ()
    assert (found.max_leverage, found.maintenance_rate) == (100.0, None), "the venue's own word on the contract"


def test_as_of_a_time_the_terms_are_those_of_then(bench: Opened) -> None:
    there = bench("bybit")
    before = listing(there)
    then = int(there.tape.now * 1000)
    there.tape.now += 2 * 86_400

    def changed(path: str, answer: Any) -> Any:
        if "instruments-info" in path:
            for each in answer["result"]["list"]:
                each["lotSizeFilter"]["qtyStep"] = "0.01"
        if "risk-limit" in path:
            answer["result"]["list"][0]["maxLeverage"] = "75.00"
        return answer

    there.exchange.change = changed
    after = listing(there)
    assert (after.lot, after.max_leverage) == (0.01, 75.0)
    assert listings(there.store, venue_named("bybit"), {"BTCUSDT": PRICE}, then)["BTCUSDT"] == before
    assert listings(there.store, venue_named("bybit"), {"BTCUSDT": PRICE}, then - 10**9) == {}
