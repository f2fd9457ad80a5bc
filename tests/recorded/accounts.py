"""What an account holds, told in the shapes that each venue documents for a key that may read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .tape import Listed, Tape

__all__ = ["ACCOUNTS", "Held", "Owned"]


@dataclass(frozen=True)
class Held:
    """A position: coins, or USD of an inverse contract, negative short; `side` where the account holds both sides."""

    base: str
    quantity: float
    entry: float
    inverse: bool = False
    isolated: bool = False
    posted: float = 0.0
    side: str | None = None

    @property
    def long(self) -> bool:
        return self.quantity > 0

    def contract(self, tape: Tape) -> Listed:
        return tape.contract(self.base, inverse=self.inverse)

    def contracts(self, tape: Tape) -> float:
        return self.quantity / self.contract(tape).size

    def mark(self, tape: Tape) -> float:
        return tape.bars(self.contract(tape))[-1].close

    def profit(self, tape: Tape) -> float:
        """In the currency of settlement."""
        mark = self.mark(tape)
        return self.quantity * ((1 / self.entry - 1 / mark) if self.inverse else (mark - self.entry))


@dataclass(frozen=True)
class Owned:
    """An account: positions, dollars (profit included), further coins; `may` is what its key may do beside reading."""

    held: tuple[Held, ...] = ()
    dollars: float = 100_000.0
    coins: dict[str, float] = field(default_factory=dict)
    may: tuple[str, ...] = ()
    portfolio: bool = False


def _owned(tape: Tape) -> Owned:
    assert tape.owned is not None, "the tape has an account"
    return tape.owned


def bybit(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned, name = _owned(tape), path.removeprefix("/v5/")
    if name == "user/query-api":
        can = {"ContractTrade": ["Order", "Position"], "Spot": [], "Wallet": []}
        result: Any = {
            "id": "1",
            "note": "desk",
            "readOnly": 0 if owned.may else 1,
            "permissions": {**can, "Wallet": list(owned.may)},
        }
    elif name == "account/info":
        isolated = any(each.isolated for each in owned.held)
        result = {"unifiedMarginStatus": 6, "marginMode": "ISOLATED_MARGIN" if isolated else "REGULAR_MARGIN"}
    elif name == "account/wallet-balance":
        rows = [
            {"coin": coin, "equity": str(amount), "usdValue": str(amount * 60_000)}
            for coin, amount in owned.coins.items()
        ]
        rows.append({"coin": "USDT", "equity": str(owned.dollars), "usdValue": str(owned.dollars)})
        result = {"list": [{"accountType": "UNIFIED", "totalEquity": str(owned.dollars), "coin": rows}]}
    elif name == "position/list":
        there = [
            each
            for each in owned.held
            if each.inverse == (query["category"] == "inverse")
            and query.get("settleCoin", each.contract(tape).settle) == each.contract(tape).settle
        ]
        first = int(query.get("cursor", 0))
        page = there[first : first + PAGE]
        rest = str(first + PAGE) if len(there) > first + PAGE else ""
        result = {
            "category": query["category"],
            "nextPageCursor": rest,
            "list": [_bybit_row(tape, each) for each in page],
        }
    else:
        raise KeyError(path)
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": int(tape.now * 1000)}


PAGE = 2
"""Positions on a page: few, so that pages are turned."""


def _bybit_row(tape: Tape, held: Held) -> dict[str, Any]:
    contract = held.contract(tape)
    return {
        "positionIdx": {None: 0, "long": 1, "short": 2}[held.side],
        "symbol": f"{contract.base}{contract.quote}",
        "side": "Buy" if held.long else "Sell",
        "size": f"{abs(held.quantity):g}",
        "avgPrice": f"{held.entry!r}",
        "markPrice": f"{held.mark(tape)!r}",
        "unrealisedPnl": f"{held.profit(tape)!r}",
        "positionBalance": f"{held.posted!r}",
        "positionIM": "12.5",
        "tradeMode": 0,
        "liqPrice": "",
    }


def binance(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned = _owned(tape)
    inverse = path.startswith("/dapi")
    if path == "/sapi/v1/account/apiRestrictions":
        can = dict.fromkeys(("enableWithdrawals", "enableFutures", "enableMargin", "permitsUniversalTransfer"), False)
        return {"ipRestrict": True, "createTime": 1, "enableReading": True, **can, **dict.fromkeys(owned.may, True)}
    if path.endswith("/positionRisk"):
        return [_binance_row(tape, each) for each in owned.held if each.inverse == inverse]
    if path == "/fapi/v3/account":
        assets = [{"asset": "USDT", "marginBalance": str(owned.dollars)}]
        assets += [{"asset": coin, "marginBalance": str(amount)} for coin, amount in owned.coins.items()]
        return {"totalMarginBalance": str(owned.dollars), "totalWalletBalance": "1", "assets": assets}
    if path == "/dapi/v1/account":
        return {"assets": [{"asset": coin, "marginBalance": str(amount)} for coin, amount in owned.coins.items()]}
    raise KeyError(path)


def _binance_row(tape: Tape, held: Held) -> dict[str, Any]:
    contract = held.contract(tape)
    posted = held.posted if held.isolated else 0.0
    row = {
        "symbol": f"{contract.base}{contract.quote}" + ("_PERP" if held.inverse else ""),
        "positionSide": (held.side or "both").upper(),
        "positionAmt": f"{held.contracts(tape):g}",
        "entryPrice": f"{held.entry!r}",
        "markPrice": f"{held.mark(tape)!r}",
        "unRealizedProfit": f"{held.profit(tape)!r}",
        "isolatedMargin": f"{posted + held.profit(tape) if held.isolated else 0.0!r}",
        "liquidationPrice": "0",
    }
    if held.inverse:
        return {**row, "marginType": "isolated" if held.isolated else "cross", "leverage": "10"}
    return {**row, "isolatedWallet": f"{posted!r}", "marginAsset": "USDT"}


def okx(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned, name = _owned(tape), path.removeprefix("/api/v5/account/")
    if name == "config":
        data: list[Any] = [{"acctLv": "2", "posMode": "net_mode", "perm": ",".join(("read_only", *owned.may))}]
    elif name == "positions":
        data = [_okx_row(tape, each) for each in owned.held]
    elif name == "balance":
        data = [{"totalEq": str(owned.dollars), "details": [{"ccy": "USDT", "eqUsd": str(owned.dollars)}]}]
    else:
        raise KeyError(path)
    return {"code": "0", "msg": "", "data": data}


def _okx_row(tape: Tape, held: Held) -> dict[str, str]:
    contract, count = held.contract(tape), held.contracts(tape)
    return {
        "instType": "SWAP",
        "instId": f"{contract.base}-{contract.quote}-SWAP",
        "posSide": held.side or "net",
        "pos": f"{abs(count) if held.side else count:g}",
        "avgPx": f"{held.entry!r}",
        "markPx": f"{held.mark(tape)!r}",
        "upl": f"{held.profit(tape)!r}",
        "mgnMode": "isolated" if held.isolated else "cross",
        "margin": f"{held.posted!r}" if held.isolated else "",
        "ccy": contract.settle,
    }


def gate(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned, name = _owned(tape), path.removeprefix("/api/v4/")
    if name == "account/main_keys":
        perms = [{"name": "futures", "read_only": True}, *({"name": word, "read_only": False} for word in owned.may)]
        return [{"state": 1, "mode": 1, "name": "desk", "perms": perms}]
    if name == "unified/accounts":
        return {"unified_account_total_equity": str(owned.dollars), "balances": {}}
    _, settle, what = name.split("/")
    if what == "positions":
        there = [each for each in owned.held if each.contract(tape).settle.lower() == settle]
        return [_gate_row(tape, each) for each in there]
    if what != "accounts":
        raise KeyError(path)
    profit = sum(each.profit(tape) for each in owned.held if each.contract(tape).settle.lower() == settle)
    total = owned.dollars if settle == "usdt" else owned.coins.get(settle.upper(), 0.0)
    return {
        "currency": settle.upper(),
        "total": repr(total - profit),
        "unrealised_pnl": repr(profit),
        "margin_mode": 1 if owned.portfolio else 0,
    }


def _gate_row(tape: Tape, held: Held) -> dict[str, Any]:
    contract = held.contract(tape)
    return {
        "contract": f"{contract.base}_{contract.quote}",
        "size": round(held.contracts(tape)),
        "mode": f"dual_{held.side}" if held.side else "single",
        "leverage": "10" if held.isolated else "0",
        "entry_price": f"{held.entry!r}",
        "mark_price": f"{held.mark(tape)!r}",
        "unrealised_pnl": f"{held.profit(tape)!r}",
        "margin": f"{held.posted!r}",
    }


def deribit(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned, name = _owned(tape), path.removeprefix("/api/v2/")
    if name == "public/auth":
        scope = "account:read block_trade:read trade:read wallet:read mainaccount"
        result: Any = {"access_token": "t" * 40, "expires_in": 900, "scope": " ".join((scope, *owned.may))}
    elif name == "private/get_positions":
        result = [_deribit_row(tape, each) for each in owned.held]
    elif name == "private/get_account_summaries":
        coins = {"USDC": owned.dollars, "ETH": 0.0, **owned.coins}
        result = {"summaries": [{"currency": coin, "equity": amount} for coin, amount in coins.items()]}
    else:
        raise KeyError(path)
    return {"jsonrpc": "2.0", "result": result, "testnet": False}


def _deribit_row(tape: Tape, held: Held) -> dict[str, Any]:
    contract = held.contract(tape)
    name = f"{contract.base}-PERPETUAL" if held.inverse else f"{contract.base}_{contract.quote}-PERPETUAL"
    return {
        "instrument_name": name,
        "kind": "future",
        "direction": "buy" if held.long else "sell",
        "size": held.quantity,
        "size_currency": held.quantity / held.mark(tape) if held.inverse else held.quantity,
        "average_price": held.entry,
        "mark_price": held.mark(tape),
        "floating_profit_loss": held.profit(tape),
    }


def hyperliquid(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned = _owned(tape)
    return {
        "assetPositions": [{"type": "oneWay", "position": _hyperliquid_row(tape, each)} for each in owned.held],
        "marginSummary": {"accountValue": repr(owned.dollars)},
        "crossMarginSummary": {"accountValue": "1"},
    }


def _hyperliquid_row(tape: Tape, held: Held) -> dict[str, Any]:
    mode = {"type": "isolated", "value": 10, "rawUsd": "-1"} if held.isolated else {"type": "cross", "value": 10}
    return {
        "coin": held.base,
        "szi": f"{held.quantity:g}",
        "entryPx": f"{held.entry!r}",
        "positionValue": f"{abs(held.quantity) * held.mark(tape)!r}",
        "unrealizedPnl": f"{held.profit(tape)!r}",
        "marginUsed": f"{held.posted + held.profit(tape)!r}",
        "leverage": mode,
    }


def kraken(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    owned = _owned(tape)
    if path == "/api/auth/v1/api-keys/v3/check":
        levels = {"general": "READ_ONLY", "transfer": "NO_ACCESS", **dict.fromkeys(owned.may, "FULL_ACCESS")}
        return {"apiKey": "shown-by-nobody", "permissions": levels}
    name = path.removeprefix("/derivatives/api/v3/")
    if name == "openpositions":
        return {"result": "success", "openPositions": [_kraken_row(tape, each) for each in owned.held]}
    if name != "accounts":
        raise KeyError(path)
    accounts: dict[str, Any] = {
        "cash": {"type": "cashAccount", "balances": {"xbt": "3"}},
        "flex": {"type": "multiCollateralMarginAccount", "portfolioValue": repr(owned.dollars)},
    }
    for coin, amount in owned.coins.items():
        short = "xbt" if coin == "BTC" else coin.lower()
        accounts[f"fi_{short}usd"] = {"type": "marginAccount", "currency": short, "auxiliary": {"pv": repr(amount)}}
    return {"result": "success", "accounts": accounts}


def _kraken_row(tape: Tape, held: Held) -> dict[str, Any]:
    base = "xbt" if held.base == "BTC" else held.base.lower()
    fixed = {"maxFixedLeverage": "5.0"} if held.isolated else {}
    return {
        "side": "long" if held.long else "short",
        "symbol": f"{'pi' if held.inverse else 'pf'}_{base}usd",
        "price": f"{held.entry!r}",
        "size": f"{abs(held.quantity):g}",
        **fixed,
    }


ACCOUNTS: dict[str, Callable[[Tape, str, dict[str, Any]], Any]] = {
    "binance": binance,
    "binance-coin": binance,
    "bybit": bybit,
    "okx": okx,
    "gate": gate,
    "deribit": deribit,
    "hyperliquid": hyperliquid,
    "kraken": kraken,
}
"""By the venue's name: path and parameters to what it answers about an account; KeyError for a path that is none."""
