"""Bybit, version 5: one unified account, positions of each settlement coin a list of their own.

Sources: bybit-exchange.github.io, "Get API Key Information", "Get Position Info", "Get Wallet Balance", "Get Account
Info". A size is in coins, of an inverse contract in USD.
"""

from __future__ import annotations

from typing import Any

from core.errors import listed

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["BYBIT"]

MOST = 200
SIDES = {"Buy": 1.0, "Sell": -1.0}
LEG_OF = {1: 1.0, 2: -1.0}
"""Of an account that holds both sides: which of them, by positionIdx."""

DOLLARS = ("USDT", "USDC", "USD")
WORTH_TELLING = 0.01


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    key = client.ask("private_get_v5_user_query_api")["result"]
    if int(key["readOnly"]) == 1:
        return ()
    return tuple(f"{what} ({listed(can)})" for what, can in key["permissions"].items() if can) or ("more than read",)


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    isolated = client.ask("private_get_v5_account_info")["result"].get("marginMode") == "ISOLATED_MARGIN"
    lists: list[dict[str, str]] = [
        *({"category": "linear", "settleCoin": coin} for coin in contracts.settles("linear")),
        {"category": "inverse"},
    ]
    return [_leg(row, isolated) for each in lists for row in _rows(client, each) if number(row, "size") != 0]


def _rows(client: KeyedClient, query: dict[str, str]) -> list[dict[str, Any]]:
    """All pages of one list."""
    found: list[dict[str, Any]] = []
    cursor, seen = "", set[str]()
    while cursor not in seen:
        seen.add(cursor)
        asked: dict[str, Any] = {**query, "limit": MOST, **({"cursor": cursor} if cursor else {})}
        page = client.ask("private_get_v5_position_list", asked)["result"]
        found += page["list"]
        cursor = page.get("nextPageCursor") or ""
    return found


def _leg(row: dict[str, Any], isolated: bool) -> Leg:
    sign = LEG_OF.get(int(row.get("positionIdx") or 0)) or SIDES[row["side"]]
    side = Side(
        sign * abs(number(row, "size")),
        number(row, "avgPrice", "entryPrice"),
        number(row, "markPrice"),
        number(row, "unrealisedPnl"),
        isolated or str(row.get("tradeMode")) == "1",
        number(row, "positionBalance", "positionIM"),
    )
    return Leg(row["symbol"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    account = client.ask("private_get_v5_account_wallet_balance", {"accountType": "UNIFIED"})["result"]["list"][0]
    total = number(account, "totalEquity")
    coins = {row["coin"]: number(row, "usdValue") for row in account.get("coin", [])}
    others = [name for name, value in coins.items() if name not in DOLLARS and abs(value) > WORTH_TELLING * total]
    return Equity(total, [f"equity is in part worth of {listed(others)}, which moves"] if others else [])


BYBIT = Interface(
    reads=("GET /v5/user/query-api", "GET /v5/account/info", "GET /v5/position/list", "GET /v5/account/wallet-balance"),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
)
