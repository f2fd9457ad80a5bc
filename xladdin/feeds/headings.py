"""What venues call their columns. Case, spaces, underscores and a bracketed (UTC) make no difference.

Binance Vision      open_time,open,high,low,close,..   calc_time,funding_interval_hours,last_funding_rate
Bybit               startTime,openPrice,..,closePrice  symbol,fundingRate,fundingRateTimestamp
OKX                 instrument_name,open,..,open_time  instrument_name,funding_rate,funding_time
CryptoDataDownload  Unix,Date,Symbol,Open,..,Close     (below a line with their address)
TradingView         time,open,high,low,close           (seconds since 1970, or ISO 8601)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = [
    "CARRIED_RATES",
    "CLOSES",
    "CLOSE_TIME",
    "COIN_VOLUMES",
    "FINISHED",
    "FUNDING_TIMES",
    "NO_CONTRACTS",
    "OTHER_PRICES",
    "QUOTE_VOLUMES",
    "RATES",
    "RATE_OF_BAR",
    "SETTLED_RATES",
    "SYMBOLS",
    "TIMES",
    "find",
    "find_all",
    "speaks_of_funding",
    "unknown_funding",
]

CLOSE_TIME = "closetime"
FUNDING_TIMES = ("fundingtime", "fundingratetimestamp", "fundingtimestamp", "settlementtime", "settletime", "calctime")
"""Headings of times at which funding settled, so that each row is a settlement."""

TIMES = (
    *("opentime", "starttime", "startat", "openat", "unix", "unixtimestamp", "timestamp", "time", "datetime"),
    *("date", "ts", CLOSE_TIME, *FUNDING_TIMES, "unnamed0", "indexlevel0"),
)
"""Headings of the column of times, the best first; the last two are what pandas calls an index without a name."""

SYMBOLS = ("symbol", "instrumentname", "instid", "instrumentid", "instrument", "ticker", "contract", "pair", "coin")
CLOSES = ("close", "closeprice", "price")
OTHER_PRICES = ("open", "high", "low", "openprice", "highprice", "lowprice")

SETTLED_RATES = ("fundingsettle", "realizedrate", "realizedfundingrate")
CARRIED_RATES = ("fundingrateasof",)
RATES = (*SETTLED_RATES, "fundingrate", "funding", "lastfundingrate", *CARRIED_RATES)
"""Headings of funding rates: what was paid first, what is carried forward last."""

RATE_OF_BAR = "fundingsum"
BESIDE_FUNDING = {*FUNDING_TIMES, "fundingintervalhours", "fundinginterval", "fundingcount", "nextfundingtime"}

FINISHED = "confirm"
"""OKX: 0 in a bar that has not ended yet."""

QUOTE_VOLUMES = ("quotevolume", "quoteassetvolume", "turnover", "volumeusdt", "volumeusd", "volumequote", "volquote")
COIN_VOLUMES = ("volume", "basevolume", "volumebase")
"""What was traded in a bar, in quote currency and in coin."""

NO_CONTRACTS = {
    *("open", "high", "low", "last", "volume", "vol", "turnover", "volumeusdt", "openprice", "highprice", "lowprice"),
    *("markprice", "indexprice", "openinterest", "side", "size", "amount", "id", "tradeid", "bid", "ask"),
}
"""Headings that name no contract: a file that has them and no closes is of another layout."""


def find(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The heading among `names` that is the first of `wanted`; None when there is none."""
    known = _known(tuple(names))
    return next((known[key] for key in wanted if key in known), None)


def find_all(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The headings among `names` that are one of `wanted`, in the order of `wanted`."""
    keys = [_key(name) for name in names]
    return [name for word in wanted for name, key in zip(names, keys, strict=True) if key == word]


def unknown_funding(names: Sequence[str]) -> str | None:
    """A heading that speaks of funding and is none of those known, or None."""
    known = {*RATES, RATE_OF_BAR, *BESIDE_FUNDING}
    return next((name for name in names if speaks_of_funding(name) and _key(name) not in known), None)


def speaks_of_funding(name: str) -> bool:
    """Whether a heading is one of funding, known or not."""
    return "funding" in _key(name)


@lru_cache(maxsize=64)
def _known(names: tuple[str, ...]) -> dict[str, str]:
    """Headings by their keys, the first of equal ones; a wide file is asked for many of its contracts."""
    return {_key(name): name for name in reversed(names)}


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(?\butc\b\)?", "", name.lower().replace("_", " ")))
