"""Kraken Futures: one account of several collaterals, and one a coin for inverse contracts; no profit a position.

Sources: docs.kraken.com, "Check v3 API key", "Get open positions", "Get wallets". What is posted for an isolated
position it does not say.
"""

from __future__ import annotations

from typing import Any

from core.errors import listed

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["KRAKEN"]

SIDES = {"long": 1.0, "short": -1.0}
READS = ("READ_ONLY", "NO_ACCESS")
CHECK = "api-keys/v3/check"
COINS = {"XBT": "BTC"}
"""Kraken's names of coins that others call otherwise."""


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    may = client.ask("request", CHECK, "auth")["permissions"]
    return tuple(f"{what} ({level})" for what, level in may.items() if level not in READS)


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    rows = client.ask("private_get_openpositions")["openPositions"]
    return [_leg(row) for row in rows if number(row, "size") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    side = Side(
        SIDES[row["side"]] * abs(number(row, "size")),
        number(row, "price"),
        isolated=row.get("maxFixedLeverage") is not None,
    )
    return Leg(row["symbol"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    accounts = client.ask("private_get_accounts")["accounts"]
    total = number(accounts.get("flex", {"portfolioValue": 0}), "portfolioValue")
    held = {
        COINS.get(coin := row["currency"].upper(), coin): number(row["auxiliary"], "pv")
        for row in accounts.values()
        if row.get("type") == "marginAccount" and number(row["auxiliary"], "pv") != 0
    }
    total += sum(amount * worth(coin) for coin, amount in held.items())
    return Equity(total, [f"equity counts {listed(held)} at its price now"] if held else [])


KRAKEN = Interface(
    reads=(
        "GET /api/auth/v1/api-keys/v3/check",
        "GET /derivatives/api/v3/openpositions",
        "GET /derivatives/api/v3/accounts",
    ),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
    access={
        "urls": {"api": {"auth": "https://futures.kraken.com/api/auth/"}},
        "options": {"access": {"auth": {"GET": {CHECK: "private"}}}, "versions": {"auth": {"GET": {CHECK: "v1"}}}},
    },
)
