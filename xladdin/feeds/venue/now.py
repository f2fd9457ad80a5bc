"""What a venue says of contracts at this moment: their price, and the funding that settles next.

The rate is the one that will be charged at that instant as far as the venue can say now; Deribit, whose funding accrues
all the time, and Kraken, whose rate is told for an hour that it does not name, say none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.records import dataclass

from .client import Client
from .contracts import Contract, Contracts
from .terms import read_activity

__all__ = ["Now", "read_now"]

SILENT = ("deribit", "krakenfutures")


@dataclass(frozen=True)
class Now:
    """One contract; None where the venue does not say.

    price    mark price, else the last one that was traded
    rate     funding that settles next, a decimal; longs pay when it is positive
    settles  when, seconds since 1970
    """

    price: float | None
    rate: float | None = None
    settles: int | None = None


def read_now(client: Client, symbols: Sequence[str]) -> dict[str, Now]:
    """By the desk's symbol; contracts that the venue does not list are left out. Raises UnreachableError, FeedError."""
    known = Contracts.of(client)
    contracts = [known[symbol] for symbol in symbols if symbol in known.symbols]
    prices = read_activity(client, contracts)
    rates = {} if client.venue.exchange in SILENT else _rates(client, contracts)
    found = {}
    for contract in contracts:
        price = prices[contract.symbol]["mark"] or prices[contract.symbol]["last"]
        said = rates.get(contract.unified) or {}
        rate, at = said.get("fundingRate"), said.get("fundingTimestamp")
        found[contract.symbol] = Now(price or None)
        if rate is not None and at is not None:
            found[contract.symbol] = Now(price or None, float(rate), int(at) // 1000)
    return found


def _rates(client: Client, contracts: Sequence[Contract]) -> dict[str, Any]:
    """What ccxt has of the next funding, a question for each kind of contract and coin of settlement."""
    groups: dict[tuple[str, str], list[str]] = {}
    for contract in contracts:
        groups.setdefault((contract.settled, contract.settle), []).append(contract.unified)
    found: dict[str, Any] = {}
    for names in groups.values():
        found |= client.ask("fetch_funding_rates", names)
    return found
