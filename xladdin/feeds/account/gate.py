"""Gate, version 4: positions in contracts, an account for each coin of settlement, or one for all where it is unified.

Source: gate.com/docs/developers/apiv4, "Query main account API key info", "List all positions of a user", "Query
futures account", "Get unified account information".
"""

from __future__ import annotations

from typing import Any

from core.errors import listed

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["GATE"]


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    said = client.ask("private_account_get_main_keys")
    rows = said if isinstance(said, list) else [said]
    keys = [row for row in rows if row.get("key", client.key.name) == client.key.name] or rows
    return tuple(may["name"] for row in keys for may in row["perms"] if not may.get("read_only"))


def _settles(contracts: Contracts) -> list[str]:
    return sorted({coin.lower() for kind in ("linear", "inverse") for coin in contracts.settles(kind)})


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    rows = [
        row
        for coin in _settles(contracts)
        for row in client.ask("private_futures_get_settle_positions", {"settle": coin, "holding": "true"})
    ]
    return [_leg(row) for row in rows if number(row, "size") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    mode = row.get("pos_margin_mode") or ("cross" if number(row, "leverage") == 0 else "isolated")
    side = Side(
        number(row, "size"),
        number(row, "entry_price"),
        number(row, "mark_price"),
        number(row, "unrealised_pnl"),
        mode == "isolated",
        number(row, "margin"),
    )
    return Leg(row["contract"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    accounts = {
        coin.upper(): client.ask("private_futures_get_settle_accounts", {"settle": coin})
        for coin in _settles(contracts)
    }
    if any(int(row.get("margin_mode") or 0) for row in accounts.values()):
        return Equity(number(client.ask("private_unified_get_accounts"), "unified_account_total_equity"))
    owned = {coin: number(row, "total") + number(row, "unrealised_pnl") for coin, row in accounts.items()}
    held = {coin: amount for coin, amount in owned.items() if amount != 0}
    others = [coin for coin in held if coin != "USDT"]
    total = sum(amount * worth(coin) for coin, amount in held.items())
    return Equity(total, [f"equity counts {listed(others)} at its price now"] if others else [])


GATE = Interface(
    reads=(
        "GET /api/v4/account/main_keys",
        "GET /api/v4/futures/[a-z]+/positions",
        "GET /api/v4/futures/[a-z]+/accounts",
        "GET /api/v4/unified/accounts",
    ),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
)
