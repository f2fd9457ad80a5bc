"""Hyperliquid: an account is its address, which anybody may look at; sizes in coins.

What an isolated position uses holds its profit, which is taken off to have what was posted.
Source: hyperliquid.gitbook.io, "Retrieve user's perpetuals account summary".
"""

from __future__ import annotations

from typing import Any

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["HYPERLIQUID"]


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    return ()


def _state(client: KeyedClient) -> dict[str, Any]:
    asked = {"type": "clearinghouseState", "user": client.key.name}
    answer: dict[str, Any] = client.ask("public_post_info", asked)
    return answer


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    rows = [row["position"] for row in _state(client)["assetPositions"]]
    return [_leg(row) for row in rows if number(row, "szi") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    held, profit = number(row, "szi"), number(row, "unrealizedPnl")
    side = Side(
        held,
        number(row, "entryPx"),
        number(row, "positionValue") / abs(held),
        profit,
        row["leverage"]["type"] == "isolated",
        number(row, "marginUsed") - profit,
    )
    return Leg(row["coin"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    total = number(_state(client)["marginSummary"], "accountValue")
    return Equity(total, ["equity is that of the perpetuals; what lies on Hyperliquid's spot side is not counted"])


HYPERLIQUID = Interface(
    reads=("POST /info clearinghouseState",),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
    in_contracts=False,
)
