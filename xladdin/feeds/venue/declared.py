"""The venues that can be read, one row each: what ccxt calls them, their limits, and where they differ.

Limits are those of each exchange's documentation of its public interface, page lengths those that ccxt asks at most.
A request costs what ccxt says it costs, in units of the exchange; `per_second` of them come back each second and
`at_once` may be spent in one go, so that no window of the exchange is ever overrun.

    Binance       2,400 a minute, klines of 1,000 bars cost 5; 500 requests for settlements in 5 minutes
    Bybit         600 requests in 5 seconds
    OKX           20 requests in 2 seconds an endpoint; funding of the last three months only
    Gate          200 requests in 10 seconds an endpoint
    Deribit       20 requests a second, 100 at once; a row of funding has that of its hour and a running one of 8 h
    Hyperliquid   1,200 a minute, a request costs 20 and its rows more, counted here after it; the last 5,000 bars only
    Kraken        500 in 10 seconds; all settlements of a contract in one answer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from core.checks import nearest
from core.errors import FeedError, listed
from core.records import dataclass

__all__ = ["PUBLISHER", "VENUES", "Venue", "venue_named"]

PUBLISHER = "deribit"
"""The venue that publishes an index of implied volatility."""


@dataclass(frozen=True)
class Venue:
    """One exchange, or one of the markets that it keeps apart.

    name, title    as an option and the setting Venue say it; as a sentence says it
    exchange       ccxt's class
    markets        options that make ccxt load perpetuals and nothing else
    market_query   parameters of that request
    pages          rows of one answer at most: bars, mark and index prices, settlements (0: all in one)
    longest        days that one request for bars may span; None: as many as a page holds
    usual_hours    between two settlements of most contracts
    other_prices   the venue's own prices that it publishes as bars
    bars_until     whether a request for bars may say where they end
    until          parameter that ends the time asked for settlements; None: there is none
    rate           field of a settlement that was paid, where it is not what ccxt takes
    volume         what a bar's volume counts
    tiers          whether it shows margin tiers without a key
    open_interest  where the open interest stands: in the ticker, or asked for all contracts, or for each
    tickers        what one question for tickers covers: contracts that settle alike, or in one coin
    per_second     what comes back of the allowance each second, in ccxt's cost
    at_once        what may be spent in one go
    rows_per_cost  rows of an answer that cost one more: bars, settlements
    least_cost     what a request costs at least, where ccxt counts less than the venue documents
    assumes        what its figures do not say and is assumed of them
    settlements    what comes back each second, and may be spent in one go, of requests for settlements alone
    orders_in_contracts  whether lots count contracts; else they count what the desk does: coins, or quote of an inverse
    tiers_in_contracts   kinds of contracts whose tiers count contracts, not the currency of settlement
    maintenance_share    of the initial margin at the largest leverage, where the venue documents it so; None: by tiers
    list_fee             its taker fee without any discount, where ccxt's is out of date; None: ccxt's
    """

    name: str
    title: str
    exchange: str
    markets: Mapping[str, Any] = field(default_factory=dict)
    market_query: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, int, int] = (1000, 1000, 1000)
    longest: float | None = None
    usual_hours: float = 8.0
    other_prices: tuple[Literal["mark", "index"], ...] = ("mark", "index")
    bars_until: bool = True
    until: str | None = "until"
    rate: str | None = None
    volume: Literal["coin", "contracts"] = "coin"
    tiers: bool = True
    open_interest: Literal["ticker", "all", "each"] = "ticker"
    tickers: Literal["kind", "coin"] = "kind"
    per_second: float = 10.0
    at_once: float = 1.0
    rows_per_cost: tuple[float, float] | None = None
    least_cost: float = 0.0
    assumes: str | None = None
    settlements: tuple[float, float] | None = None
    orders_in_contracts: bool = True
    tiers_in_contracts: tuple[Literal["linear", "inverse"], ...] = ()
    maintenance_share: float | None = None
    list_fee: float | None = None


VENUES = {
    venue.name: venue
    for venue in (
        Venue(
            "binance",
            "Binance USD-M",
            "binanceusdm",
            markets={"fetchMarkets": {"types": ["linear"]}},
            tiers=False,
            open_interest="each",
            per_second=20.0,
            at_once=1000.0,
            settlements=(1.0, 200.0),
        ),
        Venue(
            "binance-coin",
            "Binance COIN-M",
            "binancecoinm",
            markets={"fetchMarkets": {"types": ["inverse"]}, "defaultType": "delivery"},
            longest=199.0,
            tiers=False,
            open_interest="each",
            per_second=20.0,
            at_once=1000.0,
            settlements=(1.0, 200.0),
        ),
        Venue(
            "bybit",
            "Bybit",
            "bybit",
            markets={"fetchMarkets": {"types": ["linear", "inverse"]}},
            pages=(1000, 1000, 200),
            per_second=50.0,
            at_once=1500.0,
            list_fee=0.00055,
        ),
        Venue(
            "okx",
            "OKX",
            "okx",
            markets={"fetchMarkets": {"types": ["swap"]}, "defaultType": "swap"},
            pages=(300, 100, 100),
            until="after",
            open_interest="all",
            per_second=9.0,
            at_once=2.0,
            tiers_in_contracts=("linear", "inverse"),
        ),
        Venue(
            "gate",
            "Gate",
            "gate",
            markets={"fetchMarkets": {"types": ["swap"]}, "defaultType": "swap"},
            pages=(1999, 1999, 1000),
            volume="contracts",
            tickers="coin",
            per_second=19.5,
        ),
        Venue(
            "deribit",
            "Deribit",
            "deribit",
            market_query={"kind": "future"},
            pages=(5000, 5000, 744),
            usual_hours=1.0,
            other_prices=(),
            rate="interest_1h",
            tiers=False,
            tickers="coin",
            per_second=20.0,
            at_once=50.0,
            orders_in_contracts=False,
        ),
        Venue(
            "hyperliquid",
            "Hyperliquid",
            "hyperliquid",
            markets={"fetchMarkets": {"types": ["swap"]}},
            pages=(5000, 5000, 500),
            usual_hours=1.0,
            other_prices=(),
            tiers=False,
            per_second=16.0,
            at_once=150.0,
            rows_per_cost=(60.0, 20.0),
            least_cost=20.0,
            maintenance_share=0.5,
        ),
        Venue(
            "kraken",
            "Kraken Futures",
            "krakenfutures",
            pages=(2000, 2000, 0),
            usual_hours=1.0,
            other_prices=("mark",),
            bars_until=False,
            until=None,
            volume="contracts",
            assumes="a rate of funding is taken to settle at the instant that it bears, which Kraken does not define",
            per_second=1 / 0.6,
            at_once=5.0,
            tiers_in_contracts=("inverse",),
        ),
    )
}
"""By name."""


def venue_named(name: str) -> Venue:
    """The venue that a setting or an option names, by its own name or ccxt's. Raises FeedError."""
    wanted = name.strip().lower()
    for venue in VENUES.values():
        if wanted in (venue.name, venue.exchange, venue.title.lower()):
            return venue
    raise FeedError(f"there is no venue '{name}'{nearest(wanted, tuple(VENUES))}; there are: {listed(VENUES, 20)}")
