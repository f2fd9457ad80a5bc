"""OKX, version 5: positions in contracts; `net` is signed, of a long and a short side the side says.

Source: okx.com/docs-v5, "Get account configuration", "Get positions", "Get balance".
"""

from __future__ import annotations

from typing import Any

from core.errors import listed

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["OKX"]

SIDES = {"long": 1.0, "short": -1.0}
WORTH_TELLING = 0.01


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    may = client.ask("private_get_account_config")["data"][0]["perm"].split(",")
    return tuple(word.strip() for word in may if word.strip() not in ("read_only", ""))


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    rows = client.ask("private_get_account_positions")["data"]
    return [_leg(row) for row in rows if number(row, "pos") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    held, sign = number(row, "pos"), SIDES.get(row["posSide"])
    side = Side(
        held if sign is None else sign * abs(held),
        number(row, "avgPx"),
        number(row, "markPx"),
        number(row, "upl"),
        row["mgnMode"] == "isolated",
        number(row, "margin"),
    )
    return Leg(row["instId"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    account = client.ask("private_get_account_balance")["data"][0]
    total = number(account, "totalEq")
    owned = {row["ccy"]: number(row, "eqUsd") for row in account.get("details", [])}
    others = [
        name for name, usd in owned.items() if not name.startswith("USD") and abs(usd) > WORTH_TELLING * abs(total)
    ]
    return Equity(total, [f"equity is in part worth of {listed(others)}, which moves"] if others else [])


OKX = Interface(
    reads=("GET /api/v5/account/config", "GET /api/v5/account/positions", "GET /api/v5/account/balance"),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
)
