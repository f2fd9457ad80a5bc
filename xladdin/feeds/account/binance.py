"""Binance USD-M and COIN-M: positions in coins, of COIN-M in contracts of 10 or 100 USD; what a key may do is asked of
the spot side's interface.

Sources: developers.binance.com, "Get API Key Permission", "Position Information V3", "Account Information V3" (USD-M),
"Position Information", "Account Information" (COIN-M).
"""

from __future__ import annotations

from typing import Any

from core.errors import listed
from core.tolerances import ROUNDING

from ..venue.contracts import Contracts
from .interface import Equity, Interface, Worth, number
from .keyed import KeyedClient
from .positions import Leg, Side

__all__ = ["BINANCE", "BINANCE_COIN"]

READING = ("enableReading", "enableFixReadOnly")
DOES = ("enable", "permits")
"""How the names of what a key may do begin; one that is new and unknown here counts as more than reading."""


def _may_do(client: KeyedClient) -> tuple[str, ...]:
    said = client.ask("sapi_get_account_apirestrictions")
    return tuple(name for name, may in said.items() if name.startswith(DOES) and name not in READING and may)


def _linear_legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    return _legs(client.ask("fapiprivatev3_get_positionrisk"))


def _inverse_legs(client: KeyedClient, contracts: Contracts) -> list[Leg]:
    return _legs(client.ask("dapiprivate_get_positionrisk"))


def _legs(rows: list[dict[str, Any]]) -> list[Leg]:
    return [_leg(row) for row in rows if number(row, "positionAmt") != 0]


def _leg(row: dict[str, Any]) -> Leg:
    """An amount is signed, of both sides of a hedge too; what is posted is the wallet of an isolated position."""
    profit, margin = number(row, "unRealizedProfit"), number(row, "isolatedMargin")
    wallet = number(row, "isolatedWallet")
    side = Side(
        number(row, "positionAmt"),
        number(row, "entryPrice"),
        number(row, "markPrice"),
        profit,
        row.get("marginType") == "isolated" or wallet > 0,
        wallet if wallet == wallet else margin - profit,
    )
    return Leg(row["symbol"], side)


def _linear_equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    """The total of the account, which counts other coins than USDT where it margins with several."""
    account = client.ask("fapiprivatev3_get_account")
    total = number(account, "totalMarginBalance")
    owned = {row["asset"]: number(row, "marginBalance") for row in account["assets"]}
    others = [name for name, amount in owned.items() if name != "USDT" and amount != 0]
    alone = abs(owned.get("USDT", 0.0) - total) <= max(ROUNDING * abs(total), 0.01)
    if not others:
        return Equity(total)
    counted = "is not counted in equity, as the account margins with USDT alone" if alone else "is in equity too"
    return Equity(total, [f"what the account has of {listed(others)} {counted}"])


def _inverse_equity(client: KeyedClient, contracts: Contracts, worth: Worth) -> Equity:
    owned = {row["asset"]: number(row, "marginBalance") for row in client.ask("dapiprivate_get_account")["assets"]}
    held = {coin: amount for coin, amount in owned.items() if amount != 0}
    return Equity(
        sum(amount * worth(coin) for coin, amount in held.items()),
        [f"equity is what the account has of {listed(held)}, at prices now"] if held else [],
    )


KEY = "GET /sapi/v1/account/apiRestrictions"

BINANCE = Interface(
    reads=(KEY, "GET /fapi/v3/positionRisk", "GET /fapi/v3/account"),
    may_do=_may_do,
    legs=_linear_legs,
    equity=_linear_equity,
)

BINANCE_COIN = Interface(
    reads=(KEY, "GET /dapi/v1/positionRisk", "GET /dapi/v1/account"),
    may_do=_may_do,
    legs=_inverse_legs,
    equity=_inverse_equity,
)
