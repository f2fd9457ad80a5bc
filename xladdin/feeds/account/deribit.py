"""Deribit, version 2: sizes in USD (inverse) or coins (linear), one account a coin; margin is always the account's.

What a key may do is the scope of a session, which a signed question opens and nothing uses.
Source: docs.deribit.com, "public/auth" (client signature), "private/get_positions", "private/get_account_summaries".
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from core.errors import listed

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["DERIBIT"]

SIDES = {"buy": 1.0, "sell": -1.0, "zero": 0.0}
MORE = ":read_write"


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    at, once = client.now(), secrets.token_hex(8)
    signed = hmac.new((client.key.secret or "").encode(), f"{at}\n{once}\n".encode(), hashlib.sha256).hexdigest()
    said = client.ask(
        "public_get_auth",
        {
            "grant_type": "client_signature",
            "client_id": client.key.name,
            "timestamp": at,
            "nonce": once,
            "signature": signed,
        },
    )
    return tuple(word for word in said["result"]["scope"].split() if word.endswith(MORE))


def _legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    rows = client.ask("private_get_get_positions", {"currency": "any"})["result"]
    return [_leg(row) for row in rows if number(row, "size") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    side = Side(
        SIDES[row["direction"]] * abs(number(row, "size")),
        number(row, "average_price"),
        number(row, "mark_price"),
        number(row, "floating_profit_loss"),
    )
    return Leg(row["instrument_name"], side)


def _equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    said = client.ask("private_get_get_account_summaries")["result"]["summaries"]
    held = {row["currency"]: number(row, "equity") for row in said if number(row, "equity") != 0}
    others = [coin for coin in held if not coin.startswith("USD")]
    total = sum(amount * worth(coin) for coin, amount in held.items())
    return Equity(total, [f"equity counts {listed(others)} at its price now"] if others else [])


DERIBIT = Interface(
    reads=(
        "GET /api/v2/public/auth",
        "GET /api/v2/private/get_positions",
        "GET /api/v2/private/get_account_summaries",
    ),
    may_do=_may_do,
    legs=_legs,
    equity=_equity,
    in_contracts=False,
)
