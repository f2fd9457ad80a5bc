"""Which contract of the desk a venue's name is, and whether the name says that it settles in coin.

    BTC-USDT-SWAP, BTC_USDT, PF_XBTUSDT, BTC/USDT:USDT     BTCUSDT
    BTC-PERPETUAL, BTCUSD_PERP, PI_XBTUSD, BTC/USD:BTC     BTCUSD, inverse
    BTCPERP, BTC_USDC-PERPETUAL                            BTCUSDC

Sources: the venues' lists of contracts, as `feeds.venue` reads them; ccxt's manual, "Contract naming conventions".
"""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["desk_symbol", "inverse_by_name", "is_kraken"]

PAIR = re.compile(
    r"(?:P[FI]_)?(?P<base>[A-Z0-9]+?)[-_/]?(?P<quote>USD[TC]?)(?:[-_]?(?:SWAP|PERP|PERPETUAL))?(?::[A-Z]+)?"
)
COIN = {"USD": re.compile(r"([A-Z0-9]+)-PERPETUAL"), "USDC": re.compile(r"([A-Z0-9]+)PERP")}
"""Venues' names of a perpetual, of which the desk takes the coin and the currency (Deribit's and Bybit's say one)."""

OTHER_NAMES = {"XBT": "BTC"}

INVERSE = re.compile(r"PI_.+|[A-Z0-9]+USD_PERP|[A-Z0-9]+-USD-SWAP|[A-Z0-9]+-PERPETUAL")
LINEAR = re.compile(r"PF_.+|[A-Z0-9]+-USD[TC]-SWAP|[A-Z0-9]+PERP|[A-Z0-9]+_USD[TC]-PERPETUAL")
"""Kraken, Binance COIN-M, OKX, Deribit; Bybit's contracts in USDC."""

UNIFIED = re.compile(r"(?P<base>[A-Z0-9]+)/(?P<quote>[A-Z0-9]+):(?P<settle>[A-Z0-9]+)")


def desk_symbol(name: str, known: Collection[str]) -> str:
    """The desk's symbol of a contract: as it stands where the desk has it so, else coin and currency together."""
    if name in known:
        return name
    if pair := PAIR.fullmatch(name):
        return f"{OTHER_NAMES.get(pair['base'], pair['base'])}{pair['quote']}"
    for quote, pattern in COIN.items():
        if coin := pattern.fullmatch(name):
            return f"{coin[1]}{quote}"
    of_coin = [symbol for symbol in known if (pair := PAIR.fullmatch(symbol)) and pair["base"] == name]
    return of_coin[0] if len(of_coin) == 1 else name


def inverse_by_name(name: str) -> bool | None:
    """Whether a contract of this name settles in coin; None where the name does not say."""
    if unified := UNIFIED.fullmatch(name):
        return unified["settle"] == unified["base"]
    if INVERSE.fullmatch(name):
        return True
    return False if LINEAR.fullmatch(name) else None


def is_kraken(name: str) -> bool:
    """Whether a name is one of Kraken's, whose positions have their entry under `price`."""
    return re.match(r"P[FI]_", name) is not None
