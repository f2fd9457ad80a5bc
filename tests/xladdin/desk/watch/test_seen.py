"""What a look sees of the lines, held to figures that are worked out here from the cells."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pytest

from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.watch.seen import Lines, Seen, see
from xladdin.desk.write.runlog import heard_warnings
from xladdin.feeds.venue.now import Now

LATER = datetime(2024, 7, 1)
AT = 1_719_820_800
"""2024-07-01 08:00 UTC."""


def universe(book, **cells: dict[str, object]) -> None:
    """Type these cells, by symbol; every other contract is not held."""
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    for row in rows:
        row.update(Position=0.0, EntryPrice=None, OverlayPosition=0.0, OverlayEntry=None)
        row.update(MarginMode="cross", Collateral=None, **cells.get(str(row["Symbol"]), {}))
    book.write_table("Universe", [list(row.values()) for row in rows])
    book.write_table("Tiers", [])


def looked(book, now=None, **lines: float) -> Seen:
    with heard_warnings():
        return see(read_desk(book), Lines(**lines), now or {}, LATER)


def load(seen: Seen, name: str) -> float:
    return next(line.load for line in seen.lines if line.name == name)


def said(seen: Seen, name: str) -> str:
    return next(line.crossed for line in seen.lines if line.name == name)


def prices(book) -> dict[str, float]:
    block = book.table("Universe")
    return dict(zip(block.column("Symbol"), block.column("Price"), strict=True))


def test_beta_is_that_of_all_that_is_held_against_target_and_band(book) -> None:
    """The benchmark alone has beta 1: what is held of it over equity is the book's."""
    price = prices(book)["BTCUSDT"]
    book.write_value("Equity", 1_000_000.0)
    book.write_value("TargetBeta", 0.25)
    book.write_value("HedgeBand", 0.1)
    universe(book, BTCUSDT={"Position": 0.5e6 / price, "OverlayPosition": -0.1e6 / price})
    seen = looked(book)
    assert load(seen, "beta") == pytest.approx(abs(0.4 - 0.25) / 0.1, rel=1e-9)
    assert "beta is 0.400, target 0.250, band 0.100 to either side" in said(seen, "beta")


def test_beta_counts_what_is_held_of_the_sheet_hedges(book) -> None:
    """Spot of the benchmark has its beta: so much as is sold of the contract is bought of the coin."""
    price = prices(book)["BTCUSDT"]
    book.write_value("Equity", 1_000_000.0)
    universe(book, BTCUSDT={"Position": -4e5 / price})
    spot = {"Instrument": "BTC spot", "Kind": "spot", "Underlying": "BTCUSDT", "Position": 3e5 / price, "FeeBps": 10.0}
    book.write_table("Hedges", [[spot.get(name) for name in TABLES["Hedges"].header]])
    book.write_value("TargetBeta", 0.0)
    assert "beta is -0.100, target 0.000" in said(looked(book), "beta")


def test_initial_margin_is_held_against_what_the_buffer_leaves(book) -> None:
    price = prices(book)["BTCUSDT"]
    book.write_value("Equity", 1_000_000.0)
    book.write_value("MarginBuffer", 0.4)
    universe(book, BTCUSDT={"Position": -6e6 / price, "MaxLeverage": 20.0})
    assert load(looked(book), "margin") == pytest.approx((6 / 20) / 0.6, rel=1e-12)


def test_the_nearest_liquidation_is_where_one_price_alone_ends_it(book) -> None:
    """A long of q coins on equity E: E + q (p' - p) = q p' m, so p' = (q p - E) / (q (1 - m))."""
    price, equity, rate = prices(book)["BTCUSDT"], 1_000_000.0, 0.01
    quantity = 4e6 / price
    book.write_value("Equity", equity)
    universe(
        book, BTCUSDT={"Position": quantity, "EntryPrice": price, "MaintenanceRate": rate, "MaintenanceAmount": 0.0}
    )
    ends = (quantity * price - equity) / (quantity * (1 - rate))
    seen = looked(book, distance=0.2)
    assert load(seen, "liquidation") == pytest.approx(0.2 / (1 - ends / price), rel=1e-6)
    assert f"BTCUSDT is {1 - ends / price:.1%} from its liquidation at {ends:,.6g}, the line 20.0%" in said(
        seen, "liquidation"
    )


def test_a_long_that_no_price_ends_has_no_line(book) -> None:
    universe(book, BTCUSDT={"Position": 0.001})
    seen = looked(book)
    assert load(seen, "liquidation") == 0.0
    assert said(seen, "liquidation") == "no price of one contract alone liquidates"


def test_an_account_below_its_maintenance_is_beyond_its_line(book) -> None:
    book.write_value("Equity", 1_000.0)
    universe(book, BTCUSDT={"Position": 1e6 / prices(book)["BTCUSDT"]})
    seen = looked(book)
    assert load(seen, "liquidation") == math.inf
    assert said(seen, "liquidation") == "the account is below its maintenance margin"


def test_funding_is_that_of_the_next_instant_as_the_venue_tells_it(book) -> None:
    bitcoin, ether = prices(book)["BTCUSDT"], prices(book)["ETHUSDT"]
    book.write_value("Equity", 1_000_000.0)
    universe(book, BTCUSDT={"Position": 1e6 / bitcoin}, ETHUSDT={"Position": -5e5 / ether}, SOLUSDT={"Position": 10.0})
    now = {"BTCUSDT": Now(bitcoin, 0.0008, AT), "ETHUSDT": Now(ether, 0.0004, AT), "SOLUSDT": Now(1.0, 0.9, AT + 3600)}
    seen = looked(book, now, funding=0.0005)
    paid = 1e6 * 0.0008 - 5e5 * 0.0004
    assert load(seen, "funding") == pytest.approx(paid / 1e6 / 0.0005, rel=1e-9)
    assert f"funding at 2024-07-01 08:00 UTC takes {paid:,.0f}, 0.060% of equity; the line 0.050%" in said(
        seen, "funding"
    )
    assert said(seen, "funding").endswith("most for BTCUSDT")


def test_funding_that_is_received_is_never_beyond_the_line(book) -> None:
    universe(book, BTCUSDT={"Position": -100.0})
    seen = looked(book, {"BTCUSDT": Now(1.0, 0.01, AT)})
    assert load(seen, "funding") == 0.0
    assert "brings" in said(seen, "funding")


def test_without_a_venue_the_last_rate_that_settled_is_taken_one_interval_later(book) -> None:
    price = prices(book)["BTCUSDT"]
    book.write_value("Equity", 1_000_000.0)
    universe(book, BTCUSDT={"Position": 1e6 / price})
    funding = book.series("Funding")
    rates = funding.column("BTCUSDT")
    last = int(np.flatnonzero(np.isfinite(rates) & (rates != 0))[-1])
    seen = looked(book, funding=0.001)
    rate = float(rates[last])
    assert load(seen, "funding") == pytest.approx(max(rate, 0.0) / 0.001, rel=1e-9)
    at = funding.times[last] + np.timedelta64(8, "h")
    assert f"funding at {at.item():%Y-%m-%d %H:%M} UTC" in said(seen, "funding")
    assert "by the last rates that settled" in said(seen, "funding")


def test_of_an_empty_book_only_the_market_is_seen(book) -> None:
    universe(book)
    seen = looked(book)
    assert (seen.lines, seen.held) == ((), 0)
    assert seen.market.regime_volatility > 0


def test_a_band_of_nothing_is_crossed_by_anything(book) -> None:
    book.write_value("HedgeBand", 0.0)
    universe(book, BTCUSDT={"Position": 1.0})
    assert load(looked(book), "beta") == math.inf
