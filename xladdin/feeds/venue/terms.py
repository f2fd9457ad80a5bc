"""What a venue says of its contracts beside their history: terms, margin tiers, and how much is traded and open now.

Binance, Deribit and Hyperliquid show no margin tiers without a key: theirs are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .client import Client
from .contracts import Contract

__all__ = ["TERMS", "TIERS", "read_activity", "read_terms", "read_tiers"]

TERMS, TIERS = "terms", "tiers"
"""The documents of the store that hold them, by the desk's symbol."""


def read_terms(contracts: Sequence[Contract]) -> dict[str, dict[str, Any]]:
    """By the desk's symbol: how it settles, size, lot, tick, fees and leverage, as the venue lists them now."""
    return {contract.symbol: asdict(contract) for contract in contracts}


def read_tiers(client: Client, contract: Contract) -> list[dict[str, float | None]]:
    """Margin tiers of a contract: from and to (as the venue counts them), maintenance rate, largest leverage.

    None where the venue shows none without a key. Raises UnreachableError, FeedError.
    """
    if not client.venue.tiers:
        return []
    keys = {"from": "minNotional", "to": "maxNotional", "maintenance_rate": "maintenanceMarginRate"}
    found = client.ask("fetch_market_leverage_tiers", contract.unified)
    return [
        {**{ours: _number(tier.get(theirs)) for ours, theirs in keys.items()}, "leverage": _number(tier["maxLeverage"])}
        for tier in found
    ]


def read_activity(client: Client, contracts: Sequence[Contract]) -> dict[str, dict[str, float | None]]:
    """By the desk's symbol: last and mark price, volume of 24 hours in quote currency, open interest in contracts.

    Raises UnreachableError, FeedError.
    """
    tickers = _tickers(client, contracts)
    interests = _interests(client, contracts)
    found = {}
    for contract in contracts:
        ticker = tickers.get(contract.unified) or {}
        interest = interests.get(contract.unified)
        found[contract.symbol] = {
            "last": _number(ticker.get("last") or ticker.get("close")),
            "mark": _number(ticker.get("markPrice")),
            "volume_24h": _volume(ticker, client, contract),
            "open_interest": _said_in(ticker) if interest is None else interest,
        }
    return found


def _tickers(client: Client, contracts: Sequence[Contract]) -> dict[str, Any]:
    """The tickers of all contracts, in as few questions as the venue takes."""
    by_coin = client.venue.tickers == "coin"
    groups: dict[str, list[str]] = {}
    for contract in contracts:
        groups.setdefault(contract.settle if by_coin else contract.settled, []).append(contract.unified)
    found: dict[str, Any] = {}
    for group, names in groups.items():
        if client.venue.exchange == "deribit":  # whose client would take the coin that a contract is of for that
            found |= client.ask("fetch_tickers", None, {"code": group, "kind": "future"})
        else:
            found |= client.ask("fetch_tickers", names, {"settle": group.lower()} if by_coin else {})
    return found


def _interests(client: Client, contracts: Sequence[Contract]) -> dict[str, float | None]:
    """The open interest in contracts where no ticker says it."""
    names = [contract.unified for contract in contracts]
    if client.venue.open_interest == "ticker":
        return {}
    if client.venue.open_interest == "all":
        said = client.ask("fetch_open_interests", names)
        return {name: _number(each.get("openInterestAmount")) for name, each in said.items()}
    return {name: _number(client.ask("fetch_open_interest", name).get("openInterestAmount")) for name in names}


IN_TICKERS = ("openInterest", "open_interest", "total_size")


def _said_in(ticker: dict[str, Any]) -> float | None:
    info = ticker.get("info") or {}
    return next((_number(info[name]) for name in IN_TICKERS if name in info), None)


TRADED = {
    "binanceusdm": ("quoteVolume", None),
    "binancecoinm": ("baseVolume", "weightedAvgPrice"),
    "okx": ("volCcy24h", "last"),
    "gate": ("volume_24h_quote", None),
    "deribit": ("volume_usd", None),
    "hyperliquid": ("dayNtlVlm", None),
    "krakenfutures": ("volumeQuote", None),
}
BYBIT_TRADED = {"linear": ("turnover24h", None), "inverse": ("volume24h", None)}
"""The field of a raw ticker that is the volume of 24 hours in quote currency, or in coins and then the price beside it.

ccxt's own base and quote volumes are contracts at OKX, and exchanged for inverse contracts at Bybit.
"""


def _volume(ticker: dict[str, Any], client: Client, contract: Contract) -> float | None:
    """What was traded in 24 hours, in quote currency."""
    info, exchange = ticker.get("info") or {}, client.venue.exchange
    field, price = BYBIT_TRADED.get(contract.settled, (None, None)) if exchange == "bybit" else TRADED[exchange]
    amount = _number(info.get(field))
    factor = 1.0 if price is None else _number(info.get(price))
    return None if amount is None or factor is None else amount * factor


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
