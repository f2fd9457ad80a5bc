"""What a file's name says: the contract, the data set, and which files are parts of one history.

BTCUSDT-1h-2024-01.csv            BTCUSDT   a part of BTCUSDT-1h
BTCUSDT-fundingRate-2024-01.zip   BTCUSDT   its funding
BTCUSDT_60_2024-01-01_2024-01-31  BTCUSDT   a part of BTCUSDT_60
BINANCE_BTCUSDT.P, 60.csv         BTCUSDT   TradingView's name of the perpetual
funding_BTCUSDT.csv               BTCUSDT   its funding
"""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import ArgumentError

from ..symbols import read_symbol
from .tables.unpack import stem

__all__ = ["history_name", "is_named_funding", "symbol_in", "words_of"]

DATES = re.compile(r"[-_ ,]*(?<!\d)(?:\d{4}-\d{2}(?:-\d{2})?|20\d{6})(?!\d)")
INTERVAL = r"\d+(?:s|m|min|h|d|w|mo|mon)?"
LAST_INTERVAL = re.compile(rf"-{INTERVAL}$", re.IGNORECASE)
FUNDING = re.compile(r"[-_ ]*(?:allswap[-_ ]*)?funding[-_ ]*(?:rates?)?(?:[-_ ]*history)?[-_ ]*", re.IGNORECASE)
RATE_WORDS = {"rate", "rates"}
OTHER_WORDS = {
    *("binance", "bybit", "okx", "okex", "gate", "gateio", "kucoin", "bitget", "mexc", "deribit", "kraken", "bitmex"),
    *("bitfinex", "coinbase", "huobi", "htx", "hyperliquid", "dydx", "bitstamp", "gemini", "phemex", "tradingview"),
    *("klines", "kline", "candles", "candlesticks", "ohlcv", "ohlc", "perp", "perpetual", "futures", "history", "data"),
}


def symbol_in(path: Path) -> str | None:
    """The contract that a file's name says, or None."""
    name = DATES.sub("", stem(path))
    name = FUNDING.sub(" ", name)
    for word in re.split(r"[_ ,]+", name):
        plain = re.sub(r"\.(?:P|PERP)$", "", LAST_INTERVAL.sub("", word), flags=re.IGNORECASE)
        if not plain or plain.lower() in OTHER_WORDS or re.fullmatch(INTERVAL, plain, re.IGNORECASE):
            continue
        try:
            return read_symbol(plain)
        except ArgumentError:
            return None
    return None


def history_name(path: Path) -> str:
    """The name without dates: files that share it are parts of one history."""
    return DATES.sub("", stem(path)).lower()


def is_named_funding(path: Path) -> bool:
    """Whether the name says that the file holds funding rates."""
    return "funding" in stem(path).lower()


def words_of(path: Path) -> set[str]:
    """The words of a file's name that tell data sets apart: no dates, intervals or words for funding."""
    name = FUNDING.sub(" ", history_name(path))
    words = re.split(r"[_\- ,.]+", name)
    return {word for word in words if word and word not in RATE_WORDS and not re.fullmatch(INTERVAL, word)}
